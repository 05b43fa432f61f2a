/* SPDX-License-Identifier: MIT */
#include "formats/trace_scan.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/compress.h"
#include "formats/digest.h"
#include "formats/source.h"

#define PIECE_BYTES ((size_t)64 << 10) /* read at a time where no length is announced */

/* Payloads that fail their hash may be looked at for this many bytes, and four times the file: a damaged
 * trace needs less than once. */
#define WASTE_MAX ((uint64_t)256 << 20)

struct trace_scan {
    struct source source;
    struct decompressor *decompressor;
    struct buf window; /* what was read and not passed yet, from `at` */
    size_t at;
    uint64_t offset; /* of window[at] in the file */
    uint64_t wasted;
    struct buf raw;
};

static int prepare(struct trace_scan **scan, struct error *e)
{
    struct trace_scan *s = *scan = mem_zalloc(1, sizeof *s);
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    s->source.fd = -1;
    s->decompressor = decompressor_new();
    return s->decompressor ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

int trace_scan_open(struct trace_scan **scan, const char *path, struct error *e)
{
    int status = prepare(scan, e);
    return status ? status : source_open_file(&(*scan)->source, path, e);
}

int trace_scan_open_memory(struct trace_scan **scan, const void *bytes, size_t len, struct error *e)
{
    int status = prepare(scan, e);
    if (!status)
        source_open_memory(&(*scan)->source, bytes, len);
    return status;
}

/* Makes `need` bytes lie at window[at]; returns how many do, fewer only at the end of the file. */
static long fill(struct trace_scan *s, size_t need, struct error *e)
{
    size_t have = s->window.len - s->at;
    if (have >= need)
        return (long)need;
    buf_drop_front(&s->window, s->at);
    s->at = 0;
    unsigned char *room = buf_reserve(&s->window, need - have);
    if (!room)
        return error_set(e, TT_NOMEM, "out of memory for a block");
    long n = source_read(&s->source, room, need - have, e);
    if (n < 0)
        return n;
    s->window.len += (size_t)n;
    return (long)s->window.len;
}

static const unsigned char *here(const struct trace_scan *s)
{
    return s->window.data + s->at;
}

static void pass(struct trace_scan *s, size_t count)
{
    s->at += count;
    s->offset += count;
}

static int is_bad(struct scan_item *item)
{
    item->kind = SCAN_BAD;
    return TT_OK;
}

/* The search goes on one byte behind the beginning, since what the header announces is not to be believed. */
static int bad(struct trace_scan *s, struct scan_item *item, const char *why)
{
    if (why)
        error_set(&item->why, TT_DAMAGED, "%s", why);
    pass(s, 1);
    return is_bad(item);
}

static int all_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i])
            return 0;
    }
    return 1;
}

/* Zeros are the space that was allocated and never written only when nothing else follows. */
static int take_zeros(struct trace_scan *s, struct scan_item *item, struct error *e)
{
    for (;;) {
        long n = fill(s, PIECE_BYTES, e);
        if (n < 0)
            return (int)n;
        if (!all_zero(here(s), (size_t)n)) {
            error_set(&item->why, TT_DAMAGED, "no block begins here");
            return is_bad(item);
        }
        pass(s, (size_t)n);
        if (n < (long)PIECE_BYTES)
            break;
    }
    item->kind = SCAN_ZEROS;
    item->bytes = s->offset - item->offset;
    return TT_OK;
}

/* Where in `bytes` a right header begins, of any trace or (with `like`) of that one's; `len` for nowhere. */
static size_t find_header(const unsigned char *bytes, size_t len, const struct block_header *like)
{
    struct block_header h;
    for (size_t at = 0; at + BLOCK_HEADER_BYTES <= len; at++) {
        const unsigned char *p = memchr(bytes + at, BLOCK_FIRST_BYTE, len - at);
        if (!p)
            break;
        at = (size_t)(p - bytes);
        if (at + BLOCK_HEADER_BYTES <= len && block_header_may_start(p, BLOCK_CONSTANT_BYTES) &&
            block_header_read(&h, p, NULL) == TT_OK && (!like || h.trace_id == like->trace_id))
            return at;
    }
    return len;
}

/* The file ends inside what is announced here: a cut, unless another block of the trace follows. */
static int take_short(struct trace_scan *s, struct scan_item *item, size_t have)
{
    size_t behind = item->has_header ? BLOCK_HEADER_BYTES : have;
    if (find_header(here(s) + behind, have - behind, &item->header) < have - behind)
        return bad(s, item, "the block is shorter than it announces");
    item->kind = SCAN_CUT;
    item->bytes = have;
    pass(s, have);
    return TT_OK;
}

static int payload_failed(struct trace_scan *s, struct scan_item *item, struct error *e)
{
    s->wasted += item->header.packed_len;
    if (s->wasted / 4 > s->offset + WASTE_MAX / 4)
        return error_set(e, TT_LIMIT,
                         "too many blocks whose payloads fail their checksums, one inside another");
    return bad(s, item, "the block's payload fails its checksum");
}

static int take_payload(struct trace_scan *s, struct scan_item *item, struct error *e)
{
    const struct block_header *h = &item->header;
    size_t total = BLOCK_HEADER_BYTES + h->packed_len;
    long n = fill(s, total, e);
    if (n < 0)
        return (int)n;
    if (n < (long)total)
        return take_short(s, item, (size_t)n);
    const unsigned char *packed = here(s) + BLOCK_HEADER_BYTES;
    if (xxh64_of(packed, h->packed_len) != h->payload_hash)
        return payload_failed(s, item, e);
    buf_clear(&s->raw);
    unsigned char *raw = buf_reserve(&s->raw, h->raw_len);
    if (!raw)
        return error_set(e, TT_NOMEM, "out of memory for a block");
    if (decompressor_run(s->decompressor, packed, h->packed_len, raw, h->raw_len, &item->why))
        return bad(s, item, NULL);
    raw[h->raw_len] = '\0';
    item->kind = SCAN_BLOCK;
    item->bytes = total;
    item->block = (struct bytes){here(s), total};
    item->raw = (struct bytes){raw, h->raw_len};
    pass(s, total);
    return TT_OK;
}

int trace_scan_next(struct trace_scan *s, struct scan_item *item, struct error *e)
{
    memset(item, 0, sizeof *item);
    item->kind = SCAN_STOP;
    item->offset = s->offset;
    long n = fill(s, BLOCK_HEADER_BYTES, e);
    if (n <= 0)
        return (int)n;
    if (all_zero(here(s), (size_t)n))
        return take_zeros(s, item, e);
    item->begins_like_one = block_header_may_start(here(s), (size_t)n);
    if (n < BLOCK_HEADER_BYTES)
        return item->begins_like_one ? take_short(s, item, (size_t)n) : bad(s, item, "no block begins here");
    if (block_header_read(&item->header, here(s), &item->why))
        return bad(s, item, NULL);
    item->has_header = 1;
    return take_payload(s, item, e);
}

int trace_scan_resync(struct trace_scan *s, struct error *e)
{
    for (;;) {
        long n = fill(s, PIECE_BYTES, e);
        if (n < 0)
            return (int)n;
        size_t found = find_header(here(s), (size_t)n, NULL);
        if (found < (size_t)n || n < (long)PIECE_BYTES) {
            pass(s, found);
            return TT_OK;
        }
        pass(s, (size_t)n - (BLOCK_HEADER_BYTES - 1));
    }
}

uint64_t trace_scan_offset(const struct trace_scan *s)
{
    return s->offset;
}

int trace_scan_seek(struct trace_scan *s, uint64_t offset, struct error *e)
{
    buf_clear(&s->window);
    s->at = 0;
    s->offset = offset;
    return source_seek(&s->source, offset, e);
}

void trace_scan_free(struct trace_scan *s)
{
    if (!s)
        return;
    source_close(&s->source);
    decompressor_free(s->decompressor);
    buf_release(&s->window);
    buf_release(&s->raw);
    mem_free(s);
}
