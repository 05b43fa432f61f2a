/* SPDX-License-Identifier: MIT */
/* The first pass of a repair: which blocks there are, whose they are, and in which order they belong. */
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/block_content.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/order.h"
#include "formats/trace_repair.h"
#include "formats/trace_scan.h"

#define BLOCKS_MAX ((size_t)1 << 22) /* three weeks of recording */
#define NO_PART    UINT16_MAX

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

static void add_range(struct repair_plan *p, uint64_t offset, uint64_t bytes, const char *why)
{
    p->dropped_bytes += bytes;
    if (p->range_count++ >= REPAIR_RANGES_MAX)
        return;
    struct repair_range *r = &p->ranges[p->range_count - 1];
    r->offset = offset;
    r->bytes = bytes;
    size_t len = strlen(why);
    len = len < sizeof r->why ? len : sizeof r->why - 1;
    memcpy(r->why, why, len);
    r->why[len] = '\0';
}

static struct repair_part *find_part(struct repair_plan *p, uint64_t trace_id)
{
    for (size_t i = 0; i < p->part_count; i++) {
        if (p->parts[i].trace_id == trace_id)
            return &p->parts[i];
    }
    return NULL;
}

static int add_part(struct repair_plan *p, uint64_t trace_id, int has_description, struct error *e)
{
    if (find_part(p, trace_id))
        return TT_OK;
    if (p->part_count == REPAIR_PARTS_MAX)
        return error_set(e, TT_LIMIT, "more than %d traces in one file", REPAIR_PARTS_MAX);
    struct repair_part *part = &p->parts[p->part_count++];
    memset(part, 0, sizeof *part);
    part->trace_id = trace_id;
    part->has_description = has_description;
    return TT_OK;
}

static int add_block(struct repair_plan *p, const struct scan_item *found, uint64_t next, struct error *e)
{
    const struct block_header *h = &found->header;
    if (p->block_count == BLOCKS_MAX)
        return error_set(e, TT_LIMIT, "more than %zu blocks", BLOCKS_MAX);
    if (mem_grow(&p->blocks, &p->block_capacity, p->block_count + 1, sizeof *p->blocks))
        return no_memory(e);
    p->blocks[p->block_count++] =
        (struct repair_block){found->offset,          h->sequence, next,   h->trace_id, h->payload_hash,
                              (uint32_t)found->bytes, h->type,     NO_PART};
    if (h->type == BLOCK_META && h->sequence == 0)
        return add_part(p, h->trace_id, 1, e);
    return TT_OK;
}

/* A block is good when its hashes hold and it says something: a reader would stumble over any other. */
static int take_block(struct repair_plan *p, struct block_content *content, const struct scan_item *found,
                      struct error *e)
{
    struct error why = {0};
    int status = block_content_decode(content, &found->header, found->raw, &why);
    if (status == TT_NOMEM)
        return no_memory(e);
    if (status == TT_UNSUPPORTED)
        return error_set(e, TT_UNSUPPORTED, "at byte %llu: %s", (unsigned long long)found->offset, why.text);
    if (status) {
        add_range(p, found->offset, found->bytes, why.text);
        return TT_OK;
    }
    return add_block(p, found, content->next, e);
}

static int take_bad(struct repair_plan *p, const struct scan_item *found, struct error *e)
{
    if (found->why.code == TT_UNSUPPORTED)
        return error_set(e, TT_UNSUPPORTED, "at byte %llu: %s", (unsigned long long)found->offset,
                         found->why.text);
    int status = trace_scan_resync(p->scan, e);
    if (!status)
        add_range(p, found->offset, trace_scan_offset(p->scan) - found->offset, found->why.text);
    return status;
}

static int find_blocks(struct repair_plan *p, struct error *e)
{
    struct block_content content = {0};
    struct scan_item found = {.kind = SCAN_BLOCK};
    int status = TT_OK;
    while (!status && found.kind != SCAN_STOP) {
        status = trace_scan_next(p->scan, &found, e);
        if (status || found.kind == SCAN_STOP)
            break;
        if (found.kind == SCAN_BLOCK) {
            status = take_block(p, &content, &found, e);
        } else if (found.kind == SCAN_BAD) {
            status = take_bad(p, &found, e);
        } else {
            p->is_cut = 1;
            add_range(p, found.offset, found.bytes,
                      found.kind == SCAN_CUT ? "the file ends inside this block" : "zeros to the end");
        }
    }
    p->bytes = trace_scan_offset(p->scan);
    block_content_release(&content);
    return status;
}

/* Without any description the trace is the one that most blocks are of, if one has the majority. */
static int guess_part(struct repair_plan *p, struct error *e)
{
    uint64_t candidate = 0;
    size_t lead = 0;
    for (size_t i = 0; i < p->block_count; i++) {
        if (!lead)
            candidate = p->blocks[i].trace_id;
        lead = p->blocks[i].trace_id == candidate ? lead + 1 : lead - 1;
    }
    return add_part(p, candidate, 0, e);
}

static void hand_out(struct repair_plan *p)
{
    uint64_t highest[REPAIR_PARTS_MAX] = {0};
    for (size_t i = 0; i < p->block_count; i++) {
        struct repair_block *b = &p->blocks[i];
        struct repair_part *part = find_part(p, b->trace_id);
        if (!part) {
            p->foreign++;
            continue;
        }
        b->part = (uint16_t)(part - p->parts);
        part->reordered += b->sequence < highest[b->part];
        highest[b->part] = b->sequence > highest[b->part] ? b->sequence : highest[b->part];
    }
}

/* A block comes before the gap that stands for it, and the first of equals before its repetitions. */
static int compare(const void *a, const void *b)
{
    const struct repair_block *x = a, *y = b;
    int order = order_u64(x->part, y->part);
    if (!order)
        order = order_u64(x->sequence, y->sequence);
    if (!order)
        order = (x->type == BLOCK_GAP) - (y->type == BLOCK_GAP);
    return order ? order : order_u64(x->offset, y->offset);
}

static int is_same(const struct repair_block *a, const struct repair_block *b)
{
    return a->sequence == b->sequence && a->hash == b->hash && a->bytes == b->bytes && a->type == b->type;
}

/* Whether `b` can stand at sequence number `expected` or later. Number 0 is the description's, nobody else's.
 */
static int fits(const struct repair_block *b, uint64_t expected)
{
    return b->sequence >= expected && (b->type == BLOCK_META || b->sequence > 0);
}

/* Drops what is there twice. `from` is the part's first block in the sorted list; kept ones move to `to`. */
static size_t keep_once(struct repair_plan *p, struct repair_part *part, size_t from, size_t to)
{
    uint64_t expected = part->has_description ? 0 : 1;
    uint16_t number = (uint16_t)(part - p->parts);
    part->first = to;
    for (; from < p->block_count && p->blocks[from].part == number; from++) {
        const struct repair_block *b = &p->blocks[from];
        const struct repair_block *last = part->count ? &p->blocks[to - 1] : NULL;
        if (fits(b, expected)) {
            expected = b->next;
            p->blocks[to++] = *b;
            part->count++;
        } else if (last && is_same(last, b)) {
            part->duplicates++;
        } else {
            part->conflicts++;
        }
    }
    return from;
}

static void keep_parts(struct repair_plan *p)
{
    size_t from = 0, to = 0;
    for (size_t i = 0; i < p->part_count; i++) {
        from = keep_once(p, &p->parts[i], from, to);
        to += p->parts[i].count;
    }
    p->block_count = to;
}

/* An END stays only where it ends a trace that lacks nothing: anywhere else it says what is no longer so. */
static void judge(struct repair_plan *p, struct repair_part *part)
{
    struct repair_block *blocks = p->blocks + part->first;
    uint64_t expected = part->has_description ? 0 : 1;
    size_t ends = 0;
    for (size_t i = 0; i < part->count; i++) {
        part->missing += blocks[i].sequence - expected;
        part->gaps += blocks[i].sequence > expected;
        part->bytes += blocks[i].bytes;
        ends += blocks[i].type == BLOCK_END;
        expected = blocks[i].next;
    }
    part->is_intact =
        part->has_description && !part->missing && ends == 1 && blocks[part->count - 1].type == BLOCK_END;
}

static void count_rows(struct repair_part *part, const struct payload *payload)
{
    for (size_t i = 0; i < payload->table_count; i++) {
        if (payload->tables[i].table < TABLE_MAX)
            part->rows[payload->tables[i].table] += payload->tables[i].count;
    }
}

static void note_end(struct repair_part *part, const cJSON *end)
{
    const char *id = json_string(end, "content_id");
    part->has_end = 1;
    for (uint64_t t = 1; t < TABLE_MAX; t++) {
        uint64_t rows = json_count(json_member(end, "rows"), schema_table(t)->name);
        part->end_rows[t] = rows == UINT64_MAX ? 0 : rows;
    }
    if (id && strlen(id) < sizeof part->content_id)
        memcpy(part->content_id, id, strlen(id) + 1);
}

int repair_read_block(struct repair_plan *p, const struct repair_block *block, struct scan_item *found,
                      struct block_content *content, struct error *e)
{
    int status = TT_OK;
    if (trace_scan_offset(p->scan) != block->offset)
        status = trace_scan_seek(p->scan, block->offset, e);
    if (!status)
        status = trace_scan_next(p->scan, found, e);
    if (!status && (found->kind != SCAN_BLOCK || found->header.payload_hash != block->hash))
        status = error_set(e, TT_IO, "the file changed while it was read");
    return status ? status : block_content_decode(content, &found->header, found->raw, e);
}

/* What END said and what is there tell how many rows a gap took, and so how later ones are numbered. */
static int compare_with_end(struct repair_plan *p, struct repair_part *part, struct error *e)
{
    struct block_content content = {0};
    struct scan_item found;
    int status = TT_OK;
    for (size_t i = 0; i < part->count && !status; i++) {
        const struct repair_block *b = &p->blocks[part->first + i];
        status = repair_read_block(p, b, &found, &content, e);
        if (!status && b->type == BLOCK_END)
            note_end(part, content.json);
        if (!status)
            count_rows(part, &content.payload);
    }
    block_content_release(&content);
    return status;
}

static int make_plan(struct repair_plan *p, struct error *e)
{
    int status = find_blocks(p, e);
    if (status)
        return status;
    if (!p->block_count)
        return error_set(e, TT_DAMAGED, "nothing can be salvaged: no block is whole%s",
                         p->bytes ? "" : ", the file is empty");
    if (!p->part_count)
        status = guess_part(p, e);
    if (status)
        return status;
    hand_out(p);
    qsort(p->blocks, p->block_count, sizeof *p->blocks, compare);
    keep_parts(p);
    for (size_t i = 0; i < p->part_count && !status; i++) {
        judge(p, &p->parts[i]);
        if (!p->parts[i].is_intact)
            status = compare_with_end(p, &p->parts[i], e);
    }
    return status;
}

static int prepare(struct repair_plan *p, struct error *e)
{
    memset(p, 0, sizeof *p);
    p->parts = mem_zalloc(REPAIR_PARTS_MAX, sizeof *p->parts);
    return p->parts ? TT_OK : no_memory(e);
}

int repair_plan(struct repair_plan *p, const char *path, struct error *e)
{
    int status = prepare(p, e);
    if (!status)
        status = io_check_twice_readable(path, "repair", e);
    if (!status)
        status = trace_scan_open(&p->scan, path, e);
    if (!status && (status = make_plan(p, e)) != TT_OK)
        error_prefix(e, "'%s'", path);
    return status;
}

int repair_plan_memory(struct repair_plan *p, const void *bytes, size_t len, struct error *e)
{
    int status = prepare(p, e);
    if (!status)
        status = trace_scan_open_memory(&p->scan, bytes, len, e);
    return status ? status : make_plan(p, e);
}

int repair_loses(const struct repair_plan *p)
{
    int loses = p->foreign > 0;
    for (size_t i = 0; i < p->part_count; i++)
        loses |= !p->parts[i].is_intact || p->parts[i].conflicts > 0;
    return loses;
}

uint64_t repair_lost_rows(const struct repair_part *part, enum table_id table)
{
    if (!part->has_end)
        return UINT64_MAX;
    return part->end_rows[table] > part->rows[table] ? part->end_rows[table] - part->rows[table] : 0;
}

void repair_plan_release(struct repair_plan *p)
{
    trace_scan_free(p->scan);
    mem_free(p->blocks);
    mem_free(p->parts);
    memset(p, 0, sizeof *p);
}
