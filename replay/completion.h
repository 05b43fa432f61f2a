/* SPDX-License-Identifier: MIT */
/* The JSON of chat completions as a synthetic engine spells it: chunks of a stream, and whole documents. */
#ifndef TOKTAPE_COMPLETION_H
#define TOKTAPE_COMPLETION_H

#include "formats/jsonout.h"
#include "replay/generation.h"

/* What is known of an answer at some moment of it. */
struct completion_state {
    const struct profile *profile;
    const struct generation *generation;
    uint64_t tokens;   /* given so far */
    double decode_ns;  /* since the first of them */
    uint64_t accepted; /* of them, tokens that were drafted */
    int with_timings;
};

/* Each appends one server-sent event, its blank line included. */
void completion_role_event(struct buf *out, const struct completion_state *s);
void completion_text_event(struct buf *out, const struct completion_state *s, const char *field,
                           struct bytes text);
void completion_tool_event(struct buf *out, const struct completion_state *s, int first,
                           struct bytes arguments);
void completion_finish_event(struct buf *out, const struct completion_state *s);
void completion_usage_event(struct buf *out, const struct completion_state *s);
void completion_done_event(struct buf *out);

/* The whole answer. */
void completion_document(struct buf *out, const struct completion_state *s);

#endif
