/* SPDX-License-Identifier: MIT */
/* What a trace is, as one JSON document with the names that `record --json` and `info --json` promise. */
#ifndef TOKTAPE_INFO_H
#define TOKTAPE_INFO_H

#include <cjson/cJSON.h>

#include "analyze/tape.h"
#include "formats/buf.h"

/* Describes a trace that was read as a whole. NULL when memory is out; cJSON_Delete. */
cJSON *info_of_tape(const struct tape *tape);

/* Describes a closed trace by its two ends alone, the documents of trace_read_ends. NULL when they do not say
 * enough (then the trace must be read): END's `summary` must hold `runs`, and when the trace has later META
 * blocks also `engine`. Any member of the summary (engine, model, speculative, repeats, runs, cold, power,
 * loss …) is shown as it stands there. */
cJSON *info_of_ends(const cJSON *meta, const cJSON *end);

/* As JSON (under an open jsonout), or as lines for a person. */
struct jsonout;
void info_put_json(const cJSON *info, struct jsonout *j);
void info_put_text(const cJSON *info, struct buf *out);

#endif
