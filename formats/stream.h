/* SPDX-License-Identifier: MIT */
/* One response from raw reads to classified frames: HTTP/1.x head, chunked framing, server-sent events, chat
 * chunks.
 *
 * Feed it every read with its time. It is bounded whatever the peer sends: head at most 64 KiB, one event at
 * most STREAM_EVENT_MAX (larger ones are FRAME_MALFORMED and passed over), a plain body kept up to
 * STREAM_BODY_MAX. */
#ifndef TOKTAPE_STREAM_H
#define TOKTAPE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "formats/chat.h"
#include "formats/error.h"

#define STREAM_HEAD_MAX  ((size_t)64 << 10)
#define STREAM_EVENT_MAX ((size_t)1 << 20)
#define STREAM_BODY_MAX  ((size_t)4 << 20)

struct stream;

/* A frame with its place: `t` is the time of the read that completed the event's blank line, `read` that
 * read's number in this response (0, 1 …), `offset` where the event starts in the de-framed body. A document
 * is one frame, of the last read that brought any of it. */
struct stream_frame {
    uint64_t t, read, offset;
    const struct chat_frame *chat;
};

/* Events are told by their Content-Type, or by how the body begins when a server sends them under another
 * one. */
enum stream_body { STREAM_BODY_NONE, STREAM_BODY_EVENTS, STREAM_BODY_DOCUMENT };

/* How the response stands; valid at any time. */
struct stream_state {
    int http_status; /* 0 until the status line is complete; 1xx answers are passed over */
    int http_minor;  /* 0 or 1 */
    int chunked;
    uint64_t content_length; /* ABSENT when not given */
    int head_complete;
    int body_complete; /* last chunk, Content-Length reached, or the close of a body that has neither */
    int bad_framing;   /* not HTTP, or a chunk header that is none: the rest is not interpreted */
    uint64_t t_first_byte, t_head; /* ABSENT until then */
    uint64_t reads, wire_bytes, body_bytes;
    uint64_t dropped_tail; /* after the close: bytes of a last event without its blank line */
    enum stream_body body;
    int saw_done;
    struct bytes server; /* value of the Server: header; borrowed */
    struct bytes content_type;
};

/* Returning non-zero from the callback stops the feeding; stream_feed hands that value back. */
typedef int stream_frame_fn(void *context, const struct stream_frame *frame);
/* Optional: sees the de-framed body bytes in order. */
typedef int stream_body_fn(void *context, uint64_t t, const void *bytes, size_t len);

struct stream *stream_new(stream_frame_fn *on_frame, stream_body_fn *on_body,
                          void *context); /* NULL: no memory */

/* One read. Returns TT_OK, TT_NOMEM, or what a callback returned; after anything but TT_OK the rest of that
 * read is lost, and only stream_state, stream_reset and stream_free make sense. */
int stream_feed(struct stream *s, uint64_t t, const void *bytes, size_t len);

/* The connection closed at `t`: completes a body that ends with the connection, and classifies a document. A
 * last event without its blank line is dropped, as the grammar of event streams wants it, and counted in
 * `dropped_tail`. Returns as stream_feed does. */
int stream_close(struct stream *s, uint64_t t);
const struct stream_state *stream_state(const struct stream *s);
void stream_reset(struct stream *s); /* ready for the next response, memory kept */
void stream_free(struct stream *s);

#endif
