/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "replay/faults.h"

#define PIECE_GAP_NS 100000u /* between the pieces of one slice, so that a client reads them one by one */

struct breaker {
    struct feed base;
    struct feed *inner;
    enum fault_kind kind;
    uint64_t argument, sent;
    struct slice held; /* FAULT_SPLIT_FRAMES, FAULT_SLOW_HEADER: the slice that goes out in pieces */
    size_t piece_len;
    uint64_t now_ns;  /* pieces may push what follows behind its own time */
    uint64_t head_ns; /* FAULT_SLOW_HEADER: how long the head took; everything behind it is so much later */
    int head_matched; /* bytes of the blank line behind the head seen so far; 4: the head is over */
    int broken;
};

static void end_here(struct breaker *b, struct slice *out)
{
    static const enum feed_end ends[] = {[FAULT_CUT] = FEED_CUT,
                                         [FAULT_STALL] = FEED_SILENT,
                                         [FAULT_DIE] = FEED_DEAD,
                                         [FAULT_NOT_HTTP] = FEED_CUT};
    *out = (struct slice){b->kind == FAULT_STALL ? FEED_NEVER : b->now_ns, {NULL, 0}, ends[b->kind]};
}

/* Faults that let so many bytes through and then end the message. */
static int next_until_cut(struct breaker *b, struct slice *out)
{
    if (b->sent >= b->argument) {
        end_here(b, out);
        return TT_OK;
    }
    int status = feed_next(b->inner, out);
    if (status || out->end != FEED_MORE)
        return status;
    if (out->bytes.len > b->argument - b->sent)
        out->bytes.len = (size_t)(b->argument - b->sent);
    b->sent += out->bytes.len;
    b->now_ns = out->due_ns;
    return TT_OK;
}

static int next_with_bad_chunk(struct breaker *b, struct slice *out)
{
    static const char bad[] = "xyz\r\n";
    if (b->sent >= b->argument && !b->broken) {
        b->broken = 1;
        *out = (struct slice){b->now_ns, {(const unsigned char *)bad, sizeof bad - 1}, FEED_MORE};
        return TT_OK;
    }
    int status = feed_next(b->inner, out);
    b->sent += out->bytes.len;
    b->now_ns = out->due_ns;
    return status;
}

static int next_not_http(struct breaker *b, struct slice *out)
{
    static const char banner[] = "SSH-2.0-OpenSSH_9.2\r\n";
    int status = TT_OK;
    if (b->broken) {
        end_here(b, out);
        return TT_OK;
    }
    status = feed_next(b->inner, out);
    b->broken = 1;
    b->now_ns = out->due_ns;
    *out = (struct slice){b->now_ns, {(const unsigned char *)banner, sizeof banner - 1}, FEED_MORE};
    return status;
}

/* How many bytes from the front of the held slice belong to the head. */
static size_t head_bytes(struct breaker *b)
{
    size_t i = 0;
    for (; i < b->held.bytes.len && b->head_matched < 4; i++) {
        unsigned char wanted = b->head_matched % 2 ? '\n' : '\r';
        if (b->held.bytes.data[i] == wanted)
            b->head_matched++;
        else
            b->head_matched = b->held.bytes.data[i] == '\r';
    }
    return i;
}

static int pull_whole(struct breaker *b)
{
    int status = feed_next(b->inner, &b->held);
    if (b->held.due_ns != FEED_NEVER)
        b->held.due_ns += b->head_ns;
    if (b->held.due_ns < b->now_ns)
        b->held.due_ns = b->now_ns;
    b->now_ns = b->held.due_ns;
    return status;
}

static void give_piece(struct breaker *b, struct slice *out, size_t len)
{
    *out = (struct slice){b->now_ns, {b->held.bytes.data, len}, FEED_MORE};
    b->held.bytes.data += len;
    b->held.bytes.len -= len;
}

static int next_split(struct breaker *b, struct slice *out)
{
    if (b->held.bytes.len) {
        b->now_ns += PIECE_GAP_NS;
    } else {
        int status = pull_whole(b);
        if (status || b->held.end != FEED_MORE) {
            *out = b->held;
            return status;
        }
        b->piece_len = b->held.bytes.len / (size_t)b->argument + 1;
    }
    give_piece(b, out, b->held.bytes.len < b->piece_len ? b->held.bytes.len : b->piece_len);
    return TT_OK;
}

static int next_with_slow_header(struct breaker *b, struct slice *out)
{
    if (!b->held.bytes.len) {
        int status = pull_whole(b);
        if (status || b->held.end != FEED_MORE) {
            *out = b->held;
            return status;
        }
        b->sent = head_bytes(b);
    }
    if (b->sent == 0) {
        give_piece(b, out, b->held.bytes.len);
        return TT_OK;
    }
    b->sent--;
    give_piece(b, out, 1);
    b->now_ns += b->argument * 1000000u;
    b->head_ns += b->argument * 1000000u;
    return TT_OK;
}

static int breaker_next(struct feed *base, struct slice *out)
{
    struct breaker *b = (struct breaker *)base;
    switch (b->kind) {
    case FAULT_BAD_CHUNK:
        return next_with_bad_chunk(b, out);
    case FAULT_NOT_HTTP:
        return next_not_http(b, out);
    case FAULT_SPLIT_FRAMES:
        return next_split(b, out);
    case FAULT_SLOW_HEADER:
        return next_with_slow_header(b, out);
    default:
        return next_until_cut(b, out);
    }
}

static void breaker_free(struct feed *base)
{
    feed_free(((struct breaker *)base)->inner);
    mem_free(base);
}

struct feed *fault_on_wire(const struct fault *fault, struct feed *inner)
{
    struct breaker *b = mem_zalloc(1, sizeof *b);
    if (!b) {
        feed_free(inner);
        return NULL;
    }
    b->base = (struct feed){breaker_next, breaker_free};
    b->inner = inner;
    b->kind = fault->kind;
    b->argument = fault->argument;
    return &b->base;
}
