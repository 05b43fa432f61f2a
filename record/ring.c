/* SPDX-License-Identifier: MIT */
#include "record/ring.h"

#include <stdatomic.h>
#include <string.h>

#include "formats/alloc.h"

#define MESSAGE_HEADER 8
#define KIND_SKIP      UINT32_MAX /* the rest of this lap is unused */

/* Positions grow for ever; their low bits index the memory. Each side keeps a copy of the other's position
 * and looks again only when that copy says stop, so the shared cache lines seldom move between cores. */
struct ring {
    unsigned char *bytes;
    size_t size;
    struct {
        size_t position, seen_tail, claimed, told_at; /* the last: where it last told the reader to hurry */
        char padding[32];
    } writer;
    struct {
        size_t position, seen_head;
        char padding[48];
    } reader;
    atomic_size_t head, tail;
};

struct message {
    uint32_t len, kind;
};

struct ring *ring_new(size_t bytes)
{
    struct ring *r = mem_zalloc(1, sizeof *r);
    size_t size = 4096;
    while (size < bytes)
        size *= 2;
    if (r)
        r->bytes = mem_alloc(size);
    if (!r || !r->bytes) {
        ring_free(r);
        return NULL;
    }
    mem_prefer_large_pages(r->bytes, size);
    memset(r->bytes, 0, size);
    r->size = size;
    return r;
}

void ring_free(struct ring *r)
{
    if (r)
        mem_free(r->bytes);
    mem_free(r);
}

size_t ring_largest_message(const struct ring *r)
{
    return r->size / 2 - MESSAGE_HEADER;
}

static size_t rounded(size_t len)
{
    return MESSAGE_HEADER + ((len + 7) & ~(size_t)7);
}

static void put_header(struct ring *r, size_t position, size_t len, uint32_t kind)
{
    struct message m = {(uint32_t)len, kind};
    memcpy(r->bytes + (position & (r->size - 1)), &m, sizeof m);
}

static int has_room(struct ring *r, size_t need)
{
    if (r->size - (r->writer.position - r->writer.seen_tail) >= need)
        return 1;
    r->writer.seen_tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    return r->size - (r->writer.position - r->writer.seen_tail) >= need;
}

void *ring_claim(struct ring *r, size_t len)
{
    if (len > ring_largest_message(r))
        return NULL;
    size_t need = rounded(len), at = r->writer.position & (r->size - 1);
    size_t to_end = r->size - at, skip = to_end < need ? to_end : 0;
    if (!has_room(r, need + skip))
        return NULL;
    if (skip) {
        put_header(r, r->writer.position, 0, KIND_SKIP);
        r->writer.position += skip;
    }
    r->writer.claimed = len;
    return r->bytes + (r->writer.position & (r->size - 1)) + MESSAGE_HEADER;
}

static int is_half_full(struct ring *r)
{
    if (r->writer.position - r->writer.seen_tail <= r->size / 2)
        return 0;
    r->writer.seen_tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    return r->writer.position - r->writer.seen_tail > r->size / 2;
}

int ring_commit(struct ring *r, uint32_t kind)
{
    put_header(r, r->writer.position, r->writer.claimed, kind);
    r->writer.position += rounded(r->writer.claimed);
    atomic_store_explicit(&r->head, r->writer.position, memory_order_release);
    if (!is_half_full(r) || r->writer.position - r->writer.told_at < r->size / 4)
        return 0;
    r->writer.told_at = r->writer.position;
    return 1;
}

void ring_note(struct ring *r)
{
    r->reader.seen_head = atomic_load_explicit(&r->head, memory_order_acquire);
}

const void *ring_peek_noted(struct ring *r, uint32_t *kind, size_t *len)
{
    struct message m;
    while (r->reader.position != r->reader.seen_head) {
        size_t at = r->reader.position & (r->size - 1);
        memcpy(&m, r->bytes + at, sizeof m);
        if (m.kind != KIND_SKIP) {
            *kind = m.kind;
            *len = m.len;
            return r->bytes + at + MESSAGE_HEADER;
        }
        r->reader.position += r->size - at;
    }
    return NULL;
}

void ring_release(struct ring *r)
{
    struct message m;
    memcpy(&m, r->bytes + (r->reader.position & (r->size - 1)), sizeof m);
    r->reader.position += rounded(m.len);
    atomic_store_explicit(&r->tail, r->reader.position, memory_order_release);
}
