/* SPDX-License-Identifier: MIT */
/* Fuzz target: one response, cut into reads as the input says. Whatever comes, the frames must be the same as
 * from one read, within the bytes that came, and of a known kind.
 *
 * Input: one byte that chooses a head to put in front (or none), one byte that seeds the cuts, then the wire.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/stream.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const heads[] = {
    "",
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n",
};

/* What a pass over the input came to. Places in time are left out: they follow the reads. */
struct outcome {
    uint64_t frames, hash, body_bytes;
    struct stream_state state;
};

static void mix(struct outcome *o, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        o->hash = (o->hash ^ p[i]) * UINT64_C(0x100000001b3);
    o->hash = (o->hash ^ len) * UINT64_C(0x100000001b3);
}

static void mix_text(struct outcome *o, struct bytes text)
{
    mix(o, text.data, text.len);
}

static void mix_tools(struct outcome *o, const struct chat_frame *frame)
{
    require(frame->tool_count <= CHAT_TOOLS_MAX, "more tools than there is room for");
    for (size_t i = 0; i < frame->tool_count; i++) {
        mix(o, &frame->tools[i].index, sizeof frame->tools[i].index);
        mix_text(o, frame->tools[i].id);
        mix_text(o, frame->tools[i].name);
        mix_text(o, frame->tools[i].arguments);
    }
}

static void mix_numbers(struct outcome *o, const struct chat_frame *frame)
{
    const uint64_t numbers[] = {(uint64_t)frame->kind,
                                frame->usage.prompt_tokens,
                                frame->usage.completion_tokens,
                                frame->usage.cached_tokens,
                                (uint64_t)frame->usage.cached_state,
                                frame->timings.cache_n,
                                frame->timings.prompt_n,
                                frame->timings.predicted_n,
                                frame->timings.draft_n,
                                frame->timings.draft_n_accepted,
                                frame->progress.total,
                                frame->progress.cached,
                                frame->progress.processed,
                                frame->token_ids,
                                frame->tools_dropped};
    mix(o, numbers, sizeof numbers);
    mix(o, &frame->timings.prompt_ms, sizeof frame->timings.prompt_ms);
    mix(o, &frame->timings.predicted_ms, sizeof frame->timings.predicted_ms);
}

static int on_frame(void *context, const struct stream_frame *frame)
{
    struct outcome *o = context;
    const struct chat_frame *chat = frame->chat;
    const struct bytes texts[] = {chat->content, chat->reasoning, chat->finish_reason,
                                  chat->error,   chat->model,     chat->fingerprint};
    require(strcmp(frame_kind_name(chat->kind), "unknown") != 0, "a frame of no kind");
    require(frame->offset <= o->body_bytes, "a frame that begins behind the body");
    if (chat->kind == FRAME_MALFORMED)
        require(!chat->content.len && !chat->tool_count && !chat->has_usage,
                "a malformed frame that says something");
    o->frames++;
    mix(o, &frame->offset, sizeof frame->offset);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        mix_text(o, texts[i]);
    mix_tools(o, chat);
    mix_numbers(o, chat);
    return 0;
}

static int on_body(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct outcome *o = context;
    (void)t;
    (void)bytes;
    o->body_bytes += len;
    return 0;
}

/* Feeds one read in memory of its own, so that a sanitizer sees a look past its end or after its time. */
static void feed(struct stream *s, uint64_t t, const unsigned char *bytes, size_t len)
{
    unsigned char *copy = malloc(len ? len : 1);
    require(copy != NULL, "no memory");
    if (len)
        memcpy(copy, bytes, len);
    require(stream_feed(s, t, copy, len) == 0, "a read was refused");
    free(copy);
}

static void run(struct outcome *o, const struct buf *wire, uint32_t cuts)
{
    struct stream *s = stream_new(on_frame, on_body, o);
    require(s != NULL, "no memory");
    memset(o, 0, sizeof *o);
    for (size_t at = 0, t = 0; at < wire->len; t++) {
        size_t len = wire->len - at;
        if (cuts) {
            cuts = cuts * 1664525u + 1013904223u;
            size_t piece =
                cuts >> 28 ? cuts >> 27 & 15 : cuts >> 16 & 1023; /* mostly a few bytes, at times many */
            len = piece < len ? piece : len;
        }
        feed(s, t, wire->data + at, len);
        at += len;
    }
    require(stream_close(s, wire->len) == 0, "the close was refused");
    o->state = *stream_state(s);
    require(o->state.wire_bytes == wire->len, "bytes were lost");
    require(o->state.body_bytes == o->body_bytes, "body bytes were lost");
    require(o->state.dropped_tail <= o->body_bytes, "more was dropped than came");
    stream_free(s);
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    require(a->frames == b->frames && a->hash == b->hash, "frames depend on the reads");
    require(a->body_bytes == b->body_bytes, "the body depends on the reads");
    require(a->state.http_status == b->state.http_status && a->state.saw_done == b->state.saw_done &&
                a->state.body == b->state.body && a->state.body_complete == b->state.body_complete &&
                a->state.bad_framing == b->state.bad_framing &&
                a->state.dropped_tail == b->state.dropped_tail,
            "the state depends on the reads");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct outcome whole, cut;
    struct buf wire = BUF_INIT;
    if (len < 2)
        return 0;
    buf_puts(&wire, heads[bytes[0] % (sizeof heads / sizeof *heads)]);
    buf_append(&wire, bytes + 2, len - 2);
    run(&whole, &wire, 0);
    run(&cut, &wire, 1 + (uint32_t)bytes[1]);
    compare(&whole, &cut);
    buf_release(&wire);
    return 0;
}
