/* SPDX-License-Identifier: MIT */
/* The grammar of text/event-stream, fed in pieces of any size: LF, CRLF and CR lines, a byte order mark,
 * comments, data of several lines. Fields other than data are passed over. */
#ifndef TOKTAPE_SSE_H
#define TOKTAPE_SSE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"

#define SSE_COMMENT_MAX 1024 /* longer comments are cut */

struct sse {
    size_t event_max; /* data beyond it is not kept */
    struct buf line;  /* beginning of a line whose end has not come yet */
    struct buf data;  /* data of the open event, unless it still lies in the caller's bytes: */
    struct bytes in_place;
    uint64_t offset;       /* bytes consumed since the stream began; the places below are counted like it */
    uint64_t line_offset;  /* where the current line begins */
    uint64_t event_offset; /* where the open event begins */
    uint64_t no_lf_before; /* searched already */
    int event_open, has_data, is_oversized;
    int line_done; /* `line` is only kept for the caller, who may still look at it */
    int skip_lf;   /* the last byte was a CR */
};

enum sse_found {
    SSE_MORE = 0, /* nothing complete is left in the input */
    SSE_EVENT,
    SSE_COMMENT,  /* without the colon; found before the event whose lines it stands between */
    SSE_OVERSIZED /* an event with more data than event_max; its text is empty */
};

struct sse_event {
    struct bytes text; /* borrowed until the next call; may lie in the input */
    uint64_t offset;   /* of its first line */
};

void sse_init(struct sse *s, size_t event_max);
void sse_release(struct sse *s);
void sse_clear(struct sse *s); /* ready for the next stream, memory kept */

/* Consumes *in up to the end of the next event or comment. Returns an enum sse_found, or TT_NOMEM. Call it
 * again until it says SSE_MORE before the input goes away. An event is complete with the first byte of its
 * blank line's end (the CR of a CRLF). Memory stays within a few times event_max. */
int sse_next(struct sse *s, struct bytes *in, struct sse_event *event);

/* Bytes of an event, or of a line, that is not complete: what the end of the stream drops. */
uint64_t sse_pending(const struct sse *s);

#endif
