/* SPDX-License-Identifier: MIT */
#include "replay/framing.h"

#include "formats/alloc.h"

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Payload Too Large"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unknown";
}

/* A body on its way to being a message. */
struct framer {
    struct feed base;
    struct feed *inner;
    struct buf out;     /* what the slice on its way points to */
    struct buf head;    /* not yet sent; empty afterwards */
    uint64_t header_ns; /* ABSENT: the head goes with the first bytes */
    int chunked;
    struct slice held; /* pulled, but due after the head */
    int has_held, last_chunk_sent;
};

static void frame_bytes(struct framer *f, struct bytes body)
{
    buf_append(&f->out, f->head.data, f->head.len);
    buf_clear(&f->head);
    if (f->chunked)
        buf_printf(&f->out, "%zx\r\n", body.len);
    buf_append(&f->out, body.data, body.len);
    if (f->chunked)
        buf_puts(&f->out, "\r\n");
}

/* The end of a whole chunked message is a chunk of its own; a message without any body is its head alone. */
static void frame_end(struct framer *f, struct slice *out)
{
    if (out->end != FEED_WHOLE || f->last_chunk_sent || (!f->chunked && !f->head.len))
        return;
    f->held = *out;
    f->has_held = 1;
    f->last_chunk_sent = 1;
    buf_append(&f->out, f->head.data, f->head.len);
    buf_clear(&f->head);
    if (f->chunked)
        buf_puts(&f->out, "0\r\n\r\n");
    out->end = FEED_MORE;
    out->bytes = buf_bytes(&f->out);
}

static int give_head(struct framer *f, struct slice *out)
{
    buf_append(&f->out, f->head.data, f->head.len);
    buf_clear(&f->head);
    out->due_ns = f->header_ns;
    out->bytes = buf_bytes(&f->out);
    return f->out.failed;
}

static int framer_pull(struct framer *f, struct slice *out)
{
    if (!f->has_held)
        return feed_next(f->inner, out);
    *out = f->held;
    f->has_held = 0;
    return TT_OK;
}

static int framer_next(struct feed *base, struct slice *out)
{
    struct framer *f = (struct framer *)base;
    buf_clear(&f->out);
    if (f->head.len && f->header_ns != ABSENT)
        return give_head(f, out);
    int status = framer_pull(f, out);
    if (status)
        return status;
    if (out->end == FEED_MORE) {
        frame_bytes(f, out->bytes);
        out->bytes = buf_bytes(&f->out);
    } else {
        frame_end(f, out);
    }
    return f->out.failed;
}

static void framer_free(struct feed *base)
{
    struct framer *f = (struct framer *)base;
    feed_free(f->inner);
    buf_release(&f->out);
    buf_release(&f->head);
    mem_free(f);
}

static struct framer *framer_new(void)
{
    struct framer *f = mem_zalloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->base = (struct feed){framer_next, framer_free};
    buf_init(&f->out, FRAMING_SLICE_MAX);
    return f;
}

static void write_head(struct buf *head, const struct engine_answer *a, const char *mark, size_t length)
{
    buf_printf(head, "HTTP/1.1 %d %s\r\n", a->status, reason_of(a->status));
    if (*a->server)
        buf_printf(head, "Server: %s\r\n", a->server);
    buf_printf(head, "Content-Type: %s\r\n", a->content_type);
    if (a->form == ANSWER_EVENTS)
        buf_puts(head, "Transfer-Encoding: chunked\r\n");
    else
        buf_printf(head, "Content-Length: %zu\r\n", length);
    buf_printf(head, FRAMING_MARK ": %s\r\nConnection: close\r\n\r\n", mark);
}

int framing_add(struct engine_answer *a, const char *mark)
{
    struct slice body = {0};
    if (a->form != ANSWER_DOCUMENT && a->form != ANSWER_EVENTS)
        return TT_OK;
    struct framer *f = framer_new();
    if (!f)
        return TT_NOMEM;
    f->chunked = a->form == ANSWER_EVENTS;
    f->header_ns = a->header_ns;
    if (a->form == ANSWER_DOCUMENT) {
        /* A document's head states its length, so that its one slice is looked at first. */
        int status = feed_next(a->feed, &body);
        if (status) {
            feed_free(&f->base);
            return status;
        }
        f->held = body;
        f->has_held = 1;
    }
    write_head(&f->head, a, mark, body.bytes.len);
    f->inner = a->feed;
    a->feed = &f->base;
    a->form = ANSWER_WIRE;
    return f->head.failed;
}
