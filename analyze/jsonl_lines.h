/* SPDX-License-Identifier: MIT */
/* The lines of JSON that stand for what a trace holds: one object each, with a `type` and the trace's id.
 * Nanoseconds and ids are strings; times have a numeric twin in microseconds. All append a line to `out` and
 * return TT_OK or TT_NOMEM. */
#ifndef TOKTAPE_JSONL_LINES_H
#define TOKTAPE_JSONL_LINES_H

#include "analyze/exporter.h"
#include "formats/buf.h"

int jsonl_trace(struct buf *out, const struct export_trace *trace);

/* The run under the names that reports use. */
int jsonl_run(struct buf *out, const struct export_run *run);

/* `text` is the frame's content, reasoning, arguments or error, whichever its kind says; whatever else it
 * holds stands in members of its own. */
int jsonl_frame(struct buf *out, const struct export_frame *frame);
int jsonl_chunk(struct buf *out, const struct export_chunk *chunk);
int jsonl_sample(struct buf *out, const struct export_sample *sample);
int jsonl_note(struct buf *out, const struct export_trace *trace, const cJSON *note);

#endif
