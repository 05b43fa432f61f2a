/* SPDX-License-Identifier: MIT */
#include "formats/alloc.h"
#include "formats/stream.h"
#include "replay/framing.h"

/* A recorded message on its way to being a body. */
struct stripper {
    struct feed base;
    struct feed *inner;
    struct stream *stream;
    struct buf body;   /* of the slice pulled last */
    struct slice held; /* the slice or end that was pulled last */
    int has_held, body_given;
};

static int ignore_frame(void *context, const struct stream_frame *frame)
{
    (void)context;
    (void)frame;
    return 0;
}

static int keep_body(void *context, uint64_t t, const void *bytes, size_t len)
{
    (void)t;
    return buf_append(context, bytes, len);
}

/* Pulls one slice and feeds it. */
static int stripper_pull(struct stripper *s)
{
    int status = feed_next(s->inner, &s->held);
    if (status)
        return status;
    s->has_held = 1;
    if (s->held.end == FEED_MORE)
        status = stream_feed(s->stream, s->held.due_ns, s->held.bytes.data, s->held.bytes.len);
    else if (s->held.end == FEED_WHOLE)
        status = stream_close(s->stream, s->held.due_ns);
    return status ? TT_NOMEM : TT_OK;
}

/* Slices without a body byte (the head's) are passed over; bytes before an end come as a slice of their own.
 */
static int stripper_next(struct feed *base, struct slice *out)
{
    struct stripper *s = (struct stripper *)base;
    if (s->body_given)
        buf_clear(&s->body);
    s->body_given = 0;
    for (;;) {
        int status = s->has_held ? TT_OK : stripper_pull(s);
        if (status)
            return status;
        s->has_held = s->held.end != FEED_MORE;
        *out = s->held;
        if (s->body.len) {
            out->end = FEED_MORE;
            out->bytes = buf_bytes(&s->body);
            s->body_given = 1;
            return TT_OK;
        }
        if (s->held.end == FEED_WHOLE && !stream_state(s->stream)->body_complete)
            out->end = FEED_CUT;
        if (s->held.end != FEED_MORE)
            return TT_OK;
    }
}

static void stripper_free(struct feed *base)
{
    struct stripper *s = (struct stripper *)base;
    feed_free(s->inner);
    stream_free(s->stream);
    buf_release(&s->body);
    mem_free(s);
}

static struct stripper *stripper_new(void)
{
    struct stripper *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->base = (struct feed){stripper_next, stripper_free};
    buf_init(&s->body, FRAMING_SLICE_MAX);
    s->stream = stream_new(ignore_frame, keep_body, &s->body);
    if (s->stream)
        return s;
    mem_free(s);
    return NULL;
}

int framing_strip(struct engine_answer *a)
{
    if (a->form != ANSWER_WIRE)
        return TT_OK;
    struct stripper *s = stripper_new();
    if (!s)
        return TT_NOMEM;
    s->inner = a->feed;
    a->feed = &s->base;
    const struct stream_state *state = stream_state(s->stream);
    do {
        int status = stripper_pull(s);
        if (status)
            return status;
    } while (s->held.end == FEED_MORE && !state->head_complete);
    a->form = ANSWER_EVENTS;
    a->status = state->http_status ? state->http_status : 502;
    engine_answer_set_type(a, state->content_type.data, state->content_type.len);
    engine_answer_set_server(a, state->server.data, state->server.len);
    return TT_OK;
}
