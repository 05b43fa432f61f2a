/* SPDX-License-Identifier: MIT */
/* What a trace is, as one JSON document with the names that `record --json` and `info --json` promise. */
#ifndef TOKTAPE_INFO_H
#define TOKTAPE_INFO_H

#include <cjson/cJSON.h>

#include "analyze/tape.h"
#include "formats/buf.h"

/* Describes a trace that was read as a whole. NULL when memory is out; cJSON_Delete. */
cJSON *info_of_tape(const struct tape *tape);

/* What END's `summary` must hold so that the two ends alone describe the trace: the members of the
 * description that only a reading of the whole trace tells, and the facts of later META blocks. `tape` is the
 * trace before its END, read with allow_incomplete. Appends a JSON object. TT_OK or TT_NOMEM. */
int info_put_summary(const struct tape *tape, struct buf *json);

/* The same from the file of a trace that is about to get its END. TT_OK, or why it cannot be read. */
int info_summarise(const char *path, struct buf *json, struct error *e);

/* Describes a closed trace by the documents of trace_read_ends, exactly as info_of_tape would. NULL when END
 * has no such summary (then the trace must be read), or memory is out. */
cJSON *info_of_ends(const cJSON *meta, const cJSON *end);

/* As JSON (under an open jsonout), or as lines for a person. */
struct jsonout;
void info_put_json(const cJSON *info, struct jsonout *j);
void info_put_text(const cJSON *info, struct buf *out);

#endif
