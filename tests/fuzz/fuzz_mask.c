/* SPDX-License-Identifier: MIT */
/* Fuzz target: one response, masked in reads cut as the input says. Masking must not depend on the cuts, keep
 * the length, leave every frame of the same kind with the same numbers and text lengths, and leave none of
 * the words.
 *
 * Input: one byte that chooses a head to put in front (or none), one byte that seeds the cuts, then the wire.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/mask_wire.h"
#include "formats/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const heads[] = {
    "",
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n",
};

/* Numbers of all frames, and lengths of their texts, one line each. */
struct outcome {
    struct buf lines;
    struct stream_state state;
};

static void require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_mask: %s\n", what);
    abort();
}

static void add(struct outcome *o, uint64_t number)
{
    buf_printf(&o->lines, " %llu", (unsigned long long)number);
}

static int on_frame(void *context, const struct stream_frame *frame)
{
    struct outcome *o = context;
    const struct chat_frame *c = frame->chat;
    const uint64_t numbers[] = {
        frame->offset,          frame->read,           c->content.len,         c->reasoning.len,
        c->finish_reason.len,   c->error.len,          c->usage.prompt_tokens, c->usage.completion_tokens,
        c->usage.cached_tokens, c->timings.cache_n,    c->timings.predicted_n, c->timings.draft_n,
        c->progress.total,      c->progress.processed, c->token_ids,           c->tool_count};
    buf_printf(&o->lines, "%s", frame_kind_name(c->kind));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add(o, numbers[i]);
    for (size_t i = 0; i < c->tool_count; i++) {
        add(o, c->tools[i].index);
        add(o, c->tools[i].name.len);
        add(o, c->tools[i].arguments.len);
    }
    buf_puts(&o->lines, "\n");
    return 0;
}

static void read_wire(struct outcome *o, const struct buf *wire)
{
    memset(o, 0, sizeof *o);
    struct stream *s = stream_new(on_frame, NULL, o);
    require(s != NULL, "no memory");
    require(stream_feed(s, 0, wire->data, wire->len) == 0, "a read was refused");
    require(stream_close(s, 1) == 0, "the close was refused");
    o->state = *stream_state(s);
    stream_free(s);
}

static void mask(struct buf *wire, uint32_t cuts)
{
    static const struct mask_key key = {{7}};
    struct mask_wire *w = mask_wire_new(&key);
    require(w != NULL, "no memory");
    for (size_t at = 0; at < wire->len;) {
        size_t piece = wire->len - at;
        if (cuts) {
            cuts = cuts * 1664525u + 1013904223u;
            piece = cuts >> 28 < piece ? cuts >> 28 : piece;
        }
        require(mask_wire_run(w, wire->data + at, piece) == 0, "a read was not masked");
        at += piece;
    }
    mask_wire_free(w);
}

/* No word that is kept has a Q, so inputs may use it to look for letters that should have gone. Ids of calls
 * are the exception: a letter may stay the same by chance. */
static void look_for_words(const struct buf *before, const struct buf *after)
{
    for (size_t i = 0; i < after->len; i++)
        require(after->data[i] != 'Q' || before->data[i] != 'Q', "a letter that no word has was kept");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct outcome before, after;
    struct buf wire = BUF_INIT, whole = BUF_INIT, cut = BUF_INIT;
    if (len < 2)
        return 0;
    buf_puts(&wire, heads[bytes[0] % (sizeof heads / sizeof *heads)]);
    buf_append(&wire, bytes + 2, len - 2);
    buf_append(&whole, wire.data, wire.len);
    buf_append(&cut, wire.data, wire.len);
    mask(&whole, 0);
    mask(&cut, 1 + (uint32_t)bytes[1]);
    require(memcmp(whole.data, cut.data, whole.len) == 0, "masking depends on the reads");
    read_wire(&before, &wire);
    read_wire(&after, &whole);
    require(before.state.http_status == after.state.http_status &&
                before.state.body_complete == after.state.body_complete &&
                before.state.bad_framing == after.state.bad_framing && before.state.body == after.state.body,
            "the framing changed");
    /* A name with an escape is masked, and then means something else to a reader. */
    if (!memchr(bytes + 2, '\\', len - 2))
        require(strcmp(buf_text(&before.lines), buf_text(&after.lines)) == 0, "the frames changed");
    /* Values of harmless header fields stay, so this is asked where neither head nor trailer comes from the
     * input. */
    int is_own_head = bytes[0] % (sizeof heads / sizeof *heads) > 1;
    if (is_own_head && !strstr(buf_text(&wire), "id"))
        look_for_words(&wire, &whole);
    buf_release(&before.lines);
    buf_release(&after.lines);
    buf_release(&wire);
    buf_release(&whole);
    buf_release(&cut);
    return 0;
}
