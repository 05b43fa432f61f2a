/* SPDX-License-Identifier: MIT */
#include "formats/stream.h"

#include <string.h>
#include <strings.h>

#include "formats/alloc.h"
#include "formats/chat_memo.h"
#include "formats/http_wire.h"
#include "formats/sse.h"

struct stream {
    stream_frame_fn *on_frame;
    stream_body_fn *on_body;
    void *context;
    struct stream_state state;
    struct http_wire http;
    struct sse sse;
    struct buf document; /* a plain body, or the beginning of one that may yet turn out to be events */
    struct buf scratch;
    int may_be_events; /* undecided so far */
    int is_closed;
    uint64_t read, t_body; /* the last read that brought body bytes */
    struct chat_frame frame;
    struct chat_memo memo;
};

static void state_clear(struct stream *s)
{
    memset(&s->state, 0, sizeof s->state);
    s->state.content_length = s->state.t_first_byte = s->state.t_head = ABSENT;
    s->is_closed = s->may_be_events = 0;
    s->read = s->t_body = 0;
}

struct stream *stream_new(stream_frame_fn *on_frame, stream_body_fn *on_body, void *context)
{
    struct stream *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->on_frame = on_frame;
    s->on_body = on_body;
    s->context = context;
    http_wire_init(&s->http, STREAM_HEAD_MAX);
    sse_init(&s->sse, STREAM_EVENT_MAX);
    buf_init(&s->document, STREAM_BODY_MAX);
    state_clear(s);
    return s;
}

void stream_reset(struct stream *s)
{
    http_wire_clear(&s->http);
    sse_clear(&s->sse);
    buf_clear(&s->document);
    buf_clear(&s->scratch);
    state_clear(s);
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    http_wire_release(&s->http);
    sse_release(&s->sse);
    buf_release(&s->document);
    buf_release(&s->scratch);
    mem_free(s);
}

const struct stream_state *stream_state(const struct stream *s)
{
    return &s->state;
}

/* --- frames --- */

static int deliver(struct stream *s, uint64_t offset)
{
    struct stream_frame frame = {s->t_body, s->read, offset, &s->frame};
    if (s->scratch.failed)
        return s->scratch.failed; /* no memory for the text: a frame without it would be a wrong one */
    if (s->frame.kind == FRAME_DONE)
        s->state.saw_done = 1;
    return s->on_frame ? s->on_frame(s->context, &frame) : TT_OK;
}

static int take_events(struct stream *s, struct bytes in)
{
    struct sse_event event;
    int found;
    while ((found = sse_next(&s->sse, &in, &event)) > 0) {
        if (found == SSE_COMMENT)
            chat_classify_comment(event.text.data, event.text.len, &s->frame);
        else /* an oversized event comes without text, which is malformed */
            chat_memo_classify(&s->memo, event.text.data, event.text.len, &s->scratch, &s->frame);
        int status = deliver(s, event.offset);
        if (status)
            return status;
    }
    return found;
}

/* --- bodies --- */

static int is_event_stream(struct bytes content_type)
{
    static const char name[] = "text/event-stream";
    size_t len = sizeof name - 1;
    return content_type.len >= len && strncasecmp((const char *)content_type.data, name, len) == 0 &&
           (content_type.len == len || strchr("; \t", content_type.data[len]));
}

/* What no JSON document begins with. Returns 1, 0, or -1 when there are too few bytes to tell. */
static int begins_like_events(const struct buf *body)
{
    static const char *const beginnings[] = {":", "data:", "event:"};
    int verdict = 0;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t len = strlen(beginnings[i]);
        if (memcmp(body->data, beginnings[i], body->len < len ? body->len : len) != 0)
            continue;
        if (body->len >= len)
            return 1;
        verdict = -1;
    }
    return verdict;
}

static int take_document(struct stream *s, struct bytes part)
{
    int status = buf_append(&s->document, part.data, part.len);
    if (status == TT_LIMIT)
        return TT_OK; /* remembered by the buffer; stream_close reports it */
    if (status || !s->may_be_events || !part.len)
        return status;
    int verdict = begins_like_events(&s->document);
    s->may_be_events = verdict < 0;
    if (verdict <= 0)
        return TT_OK;
    s->state.body = STREAM_BODY_EVENTS;
    return take_events(s, buf_bytes(&s->document));
}

static int take_body(struct stream *s, struct bytes part)
{
    s->state.body_bytes += part.len;
    if (s->state.body == STREAM_BODY_NONE) {
        s->may_be_events = !is_event_stream(s->http.content_type);
        s->state.body = s->may_be_events ? STREAM_BODY_DOCUMENT : STREAM_BODY_EVENTS;
    }
    int status = s->on_body ? s->on_body(s->context, s->t_body, part.data, part.len) : TT_OK;
    if (status)
        return status;
    return s->state.body == STREAM_BODY_EVENTS ? take_events(s, part) : take_document(s, part);
}

/* --- reads --- */

static void note_progress(struct stream *s, uint64_t t)
{
    const struct http_wire *w = &s->http;
    s->state.http_status = w->status;
    s->state.http_minor = w->minor;
    s->state.body_complete = w->body_complete;
    s->state.bad_framing = w->step == HTTP_BAD;
    if (s->state.head_complete || !w->head_complete)
        return;
    s->state.head_complete = 1;
    s->state.t_head = t;
    s->state.chunked = w->chunked;
    s->state.content_length = w->content_length;
    s->state.server = w->server;
    s->state.content_type = w->content_type;
}

int stream_feed(struct stream *s, uint64_t t, const void *bytes, size_t len)
{
    struct bytes in = {bytes, len}, part;
    int status = TT_OK, more;
    if (len && s->state.t_first_byte == ABSENT)
        s->state.t_first_byte = t;
    s->state.wire_bytes += len;
    s->state.reads++;
    while (!status && (more = http_wire_next(&s->http, &in, &part)) != 0) {
        s->read = s->state.reads - 1;
        s->t_body = t;
        note_progress(s, t);
        status = more > 0 ? take_body(s, part) : more;
    }
    note_progress(s, t);
    return status;
}

static int close_document(struct stream *s)
{
    if (s->document.failed == TT_LIMIT) /* over the cap: not even looked at */
        chat_classify_document("", 0, &s->scratch, &s->frame);
    else
        chat_classify_document(s->document.data, s->document.len, &s->scratch, &s->frame);
    return deliver(s, 0);
}

int stream_close(struct stream *s, uint64_t t)
{
    if (s->is_closed)
        return TT_OK;
    s->is_closed = 1;
    http_wire_close(&s->http);
    note_progress(s, t);
    if (s->state.body == STREAM_BODY_EVENTS)
        s->state.dropped_tail = sse_pending(&s->sse);
    return s->state.body == STREAM_BODY_DOCUMENT ? close_document(s) : TT_OK;
}
