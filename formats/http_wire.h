/* SPDX-License-Identifier: MIT */
/* One HTTP/1.x response taken apart as it arrives: the head, then the body without its chunked framing. */
#ifndef TOKTAPE_HTTP_WIRE_H
#define TOKTAPE_HTTP_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"

#define HTTP_CHUNK_LINE_MAX 4096 /* size and extensions of one chunk */

enum http_wire_step {
    HTTP_HEAD,
    HTTP_BODY_TO_LENGTH, /* Content-Length */
    HTTP_BODY_TO_CLOSE,
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_EXTENSION,
    HTTP_CHUNK_SIZE_LF,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_END,
    HTTP_CHUNK_END_LF,
    HTTP_TRAILER,
    HTTP_DONE, /* bytes after the message are ignored */
    HTTP_BAD   /* what came is no HTTP/1.x, or over a cap: nothing more is interpreted */
};

struct http_wire {
    enum http_wire_step step;
    int status; /* 0 until the status line of the final answer came; 1xx are passed over */
    int minor;  /* HTTP/1.minor */
    int head_complete;
    int body_complete; /* the framing says so; a body that runs to the close: at http_wire_close */
    int chunked;
    uint64_t content_length;           /* UINT64_MAX when not given */
    struct bytes server, content_type; /* header values, borrowed until clear or release; NULL when absent */

    struct buf head;      /* capped */
    size_t head_line;     /* where its unfinished line begins */
    int head_status;      /* of the head being read, interim or not */
    uint64_t remaining;   /* of the body with a length, or of the chunk */
    unsigned line_bytes;  /* of the chunk's size line, or digits when HTTP_CHUNK_SIZE */
    size_t trailer_bytes; /* capped like the head */
    int trailer_line_has_text;
};

void http_wire_init(struct http_wire *w, size_t head_max);
void http_wire_release(struct http_wire *w);
void http_wire_clear(struct http_wire *w); /* ready for the next response, memory kept */

/* Consumes *in up to the end of the next run of body bytes. Returns 1 with that run (it lies in the input), 0
 * when the input is used up, or TT_NOMEM. */
int http_wire_next(struct http_wire *w, struct bytes *in, struct bytes *body);

/* The connection ended: completes a body that has no other end. */
void http_wire_close(struct http_wire *w);

#endif
