/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "formats/chat.h"
#include "formats/stream.h"
#include "replay/faults.h"

/* Rewrites server-sent events one by one. Events end with a blank line, LF or CR LF; what is not yet a whole
 * event waits for the slice that completes it, and what is longer than any event passes unseen. */
struct rewriter {
    struct feed base;
    struct feed *inner;
    enum fault_kind kind;
    uint64_t argument, events;
    struct buf pending, out, scratch;
    struct buf last_token; /* FAULT_ENDLESS: the event that is repeated */
    struct chat_frame *frame;
    uint64_t now_ns;
    int ended;     /* nothing follows what is in `out` */
    int repeating; /* FAULT_ENDLESS: the answer proper is over */
};

/* Length of the first event in the text, blank line included; 0 when it is not whole. */
static size_t event_length(const unsigned char *p, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (p[i] != '\n')
            continue;
        if (p[i + 1] == '\n')
            return i + 2;
        if (i + 2 < len && p[i + 1] == '\r' && p[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

/* What stands behind "data:" in a one-line event; empty for comments and other fields. */
static struct bytes event_data(struct bytes event)
{
    struct bytes none = {event.data, 0};
    if (event.len < 5 || memcmp(event.data, "data:", 5) != 0)
        return none;
    const unsigned char *p = event.data + 5, *end = event.data + event.len;
    while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    if (p < end && *p == ' ')
        p++;
    return (struct bytes){p, (size_t)(end - p)};
}

static void append_crlf(struct buf *out, struct bytes event)
{
    for (size_t i = 0; i < event.len; i++) {
        if (event.data[i] == '\n' && (i == 0 || event.data[i - 1] != '\r'))
            buf_putc(out, '\r');
        buf_putc(out, event.data[i]);
    }
}

static void append_on_two_lines(struct buf *out, struct bytes event, struct bytes data)
{
    if (!data.len || data.data[0] != '{') {
        buf_append(out, event.data, event.len);
        return;
    }
    buf_puts(out, "data: {\ndata: ");
    buf_append(out, data.data + 1, data.len - 1);
    buf_puts(out, "\n\n");
}

/* Whether the event is one of those that this fault leaves out. */
static int is_left_out(const struct rewriter *r)
{
    switch (r->kind) {
    case FAULT_NO_DONE:
        return r->frame->kind == FRAME_DONE;
    case FAULT_NO_USAGE:
        return r->frame->kind == FRAME_USAGE;
    case FAULT_NO_FINISH:
        return r->frame->kind == FRAME_FINISH;
    default:
        return r->kind == FAULT_EMPTY;
    }
}

static void rewrite_endless(struct rewriter *r, struct bytes event)
{
    if (chat_is_token_bearing(r->frame)) {
        buf_clear(&r->last_token);
        buf_append(&r->last_token, event.data, event.len);
    } else if (r->last_token.len && (r->frame->kind == FRAME_FINISH || r->frame->kind == FRAME_DONE)) {
        r->repeating = 1;
        return;
    }
    buf_append(&r->out, event.data, event.len);
}

/* The faults that strike one event. */
static void rewrite_numbered(struct rewriter *r, struct bytes event, struct bytes data)
{
    if (r->events != r->argument || !data.len) {
        buf_append(&r->out, event.data, event.len);
    } else if (r->kind == FAULT_BROKEN_JSON) {
        buf_puts(&r->out, "data: ");
        buf_append(&r->out, data.data, data.len / 2);
        buf_puts(&r->out, "\n\n");
    } else {
        buf_puts(&r->out, r->kind == FAULT_ERROR_STRING
                              ? "data: {\"error\":\"the engine was told to fail\"}\n\n"
                              : "data: {\"error\":{\"code\":500,\"message\":\"the engine was told to fail\","
                                "\"type\":\"server_error\"}}\n\n");
        r->ended = 1;
    }
}

static void rewrite_event(struct rewriter *r, struct bytes event)
{
    struct bytes data = event_data(event);
    if (data.len)
        chat_classify(data.data, data.len, &r->scratch, r->frame);
    else
        chat_classify_comment(event.data, event.len, r->frame);
    if (r->kind == FAULT_CRLF)
        append_crlf(&r->out, event);
    else if (r->kind == FAULT_MULTI_LINE)
        append_on_two_lines(&r->out, event, data);
    else if (r->kind == FAULT_ENDLESS)
        rewrite_endless(r, event);
    else if (r->kind == FAULT_BROKEN_JSON || r->kind == FAULT_ERROR_MID || r->kind == FAULT_ERROR_STRING)
        rewrite_numbered(r, event, data);
    else if (!is_left_out(r))
        buf_append(&r->out, event.data, event.len);
    if (data.len)
        r->events++;
}

static void rewrite_pending(struct rewriter *r)
{
    size_t at = 0;
    while (!r->ended && !r->repeating) {
        size_t len = event_length(r->pending.data + at, r->pending.len - at);
        if (!len)
            break;
        rewrite_event(r, (struct bytes){r->pending.data + at, len});
        at += len;
    }
    buf_drop_front(&r->pending, at);
    if (r->pending.len > STREAM_EVENT_MAX) {
        buf_append(&r->out, r->pending.data, r->pending.len);
        buf_clear(&r->pending);
    }
}

static int repeat_token(struct rewriter *r, struct slice *out)
{
    r->now_ns += r->argument * 1000000u;
    *out = (struct slice){r->now_ns, {r->last_token.data, r->last_token.len}, FEED_MORE};
    return TT_OK;
}

static int rewriter_next(struct feed *base, struct slice *out)
{
    struct rewriter *r = (struct rewriter *)base;
    buf_clear(&r->out);
    while (!r->ended && !r->repeating) {
        int status = feed_next(r->inner, out);
        if (status)
            return status;
        r->now_ns = out->due_ns;
        if (out->end != FEED_MORE) {
            r->ended = 1;
            return TT_OK;
        }
        buf_append(&r->pending, out->bytes.data, out->bytes.len);
        rewrite_pending(r);
        if (r->pending.failed || r->out.failed || r->last_token.failed)
            return TT_NOMEM;
        if (r->out.len) {
            out->bytes = buf_bytes(&r->out);
            return TT_OK;
        }
    }
    if (r->repeating)
        return repeat_token(r, out);
    *out = (struct slice){r->now_ns, {NULL, 0}, FEED_WHOLE};
    return TT_OK;
}

static void rewriter_free(struct feed *base)
{
    struct rewriter *r = (struct rewriter *)base;
    feed_free(r->inner);
    buf_release(&r->pending);
    buf_release(&r->out);
    buf_release(&r->scratch);
    buf_release(&r->last_token);
    mem_free(r->frame);
    mem_free(r);
}

static struct rewriter *rewriter_new(const struct fault *fault, struct feed *inner)
{
    struct rewriter *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->base = (struct feed){rewriter_next, rewriter_free};
    r->kind = fault->kind;
    r->argument = fault->argument;
    r->frame = mem_zalloc(1, sizeof *r->frame);
    if (!r->frame) {
        mem_free(r);
        return NULL;
    }
    r->inner = inner;
    return r;
}

struct feed *fault_on_events(const struct fault *fault, struct feed *inner)
{
    struct rewriter *r = rewriter_new(fault, inner);
    if (!r)
        feed_free(inner);
    return r ? &r->base : NULL;
}

/* The first half of the document's first slice, and the end. */
struct halver {
    struct feed base;
    struct feed *inner;
    int done;
    uint64_t due_ns;
};

static int halver_next(struct feed *base, struct slice *out)
{
    struct halver *h = (struct halver *)base;
    int status = TT_OK;
    if (h->done) {
        *out = (struct slice){h->due_ns, {NULL, 0}, FEED_WHOLE};
        return TT_OK;
    }
    status = feed_next(h->inner, out);
    h->done = 1;
    h->due_ns = out->due_ns;
    out->bytes.len -= out->bytes.len / 2;
    return status;
}

static void halver_free(struct feed *base)
{
    feed_free(((struct halver *)base)->inner);
    mem_free(base);
}

struct feed *fault_on_document(const struct fault *fault, struct feed *inner)
{
    if (fault->kind != FAULT_BROKEN_JSON)
        return inner;
    struct halver *h = mem_alloc(sizeof *h);
    if (!h) {
        feed_free(inner);
        return NULL;
    }
    *h = (struct halver){{halver_next, halver_free}, inner, 0, 0};
    return &h->base;
}
