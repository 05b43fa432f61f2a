/* SPDX-License-Identifier: MIT */
#include "formats/trace_reader.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/block_content.h"
#include "formats/content_id.h"
#include "formats/rows.h"
#include "formats/trace_scan.h"

struct trace_reader {
    struct trace_scan *scan;
    char *path;
    int allow_incomplete, give_unknown;
    enum trace_state state;
    int saw_end, stopped;
    int failed; /* what ended the reading, and is answered for ever after */
    uint64_t offset, trace_id, skipped, meta_count;
    uint64_t sequence; /* of the block that must come next */
    struct block_content content;
    struct content_id *hashes; /* NULL unless hashing was asked for */
};

static int prepare(struct trace_reader **reader, const char *path, const struct trace_reader_options *options,
                   struct error *e)
{
    struct trace_reader *r = *reader = mem_zalloc(1, sizeof *r);
    if (!r)
        return error_set(e, TT_NOMEM, "out of memory");
    r->allow_incomplete = options && options->allow_incomplete;
    r->give_unknown = options && options->give_unknown;
    r->path = mem_strdup(path);
    return r->path ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

int trace_reader_open(struct trace_reader **reader, const char *path,
                      const struct trace_reader_options *options, struct error *e)
{
    int status = prepare(reader, path, options, e);
    return status ? status : trace_scan_open(&(*reader)->scan, (*reader)->path, e);
}

int trace_reader_open_memory(struct trace_reader **reader, const void *bytes, size_t len,
                             const struct trace_reader_options *options, struct error *e)
{
    int status = prepare(reader, "memory", options, e);
    return status ? status : trace_scan_open_memory(&(*reader)->scan, bytes, len, e);
}

void trace_reader_hash_content(struct trace_reader *r)
{
    if (!r->hashes)
        r->hashes = content_id_new();
}

/* Ends the reading for good. */
static int stop(struct trace_reader *r, enum trace_state state, struct trace_item *item)
{
    r->state = state;
    r->stopped = 1;
    item->kind = TRACE_STOP;
    return TT_OK;
}

static int damaged(struct trace_reader *r, int code, struct error *e)
{
    r->state = TRACE_DAMAGED_AT;
    if (e)
        e->code = (enum tt_err)code;
    error_prefix(e, "'%s' at byte %llu", r->path, (unsigned long long)r->offset);
    return code;
}

static int damaged_because(struct trace_reader *r, enum tt_err code, const char *why, struct error *e)
{
    error_set(e, code, "%s", why);
    return damaged(r, code, e);
}

static int truncated(struct trace_reader *r, struct trace_item *item, struct error *e)
{
    if (r->offset == 0)
        return damaged_because(r, TT_DAMAGED, "not a toktape trace, or cut off inside its first block", e);
    stop(r, TRACE_TRUNCATED, item);
    if (r->allow_incomplete)
        return TT_OK;
    return error_set(
        e, TT_TRUNCATED,
        "'%s' is truncated: it ends after byte %llu without an END block; --allow-incomplete reads "
        "what there is, 'toktape repair' closes it",
        r->path, (unsigned long long)r->offset);
}

static int two_traces(struct trace_reader *r, struct error *e)
{
    return damaged_because(r, TT_DAMAGED,
                           "another trace begins here: these are two traces in one file; 'toktape repair' "
                           "takes them apart",
                           e);
}

static int is_first(const struct scan_item *found)
{
    return found->has_header && found->header.type == BLOCK_META && found->header.sequence == 0;
}

/* What is no whole block: a cut, or damage. */
static int no_block(struct trace_reader *r, const struct scan_item *found, struct trace_item *item,
                    struct error *e)
{
    if (r->saw_end && is_first(found))
        return two_traces(r, e);
    if (r->saw_end)
        return damaged_because(r, TT_DAMAGED,
                               "something follows the END block; 'toktape repair' leaves it out", e);
    if (found->kind != SCAN_BAD)
        return truncated(r, item, e);
    if (r->offset == 0 && found->why.code == TT_DAMAGED && !found->begins_like_one)
        return damaged_because(r, TT_DAMAGED, "not a toktape trace", e);
    if (found->why.code != TT_DAMAGED)
        return damaged_because(r, found->why.code, found->why.text, e);
    error_set(e, TT_DAMAGED, "%s; 'toktape repair' saves what is good", found->why.text);
    return damaged(r, TT_DAMAGED, e);
}

static int check_place(struct trace_reader *r, const struct scan_item *found, struct error *e)
{
    const struct block_header *h = &found->header;
    if (r->offset == 0) {
        if (!is_first(found))
            return damaged_because(
                r, TT_DAMAGED,
                "the trace does not begin with its description; 'toktape repair' saves what "
                "is good",
                e);
        r->trace_id = h->trace_id;
        return TT_OK;
    }
    if (is_first(found))
        return two_traces(r, e);
    if (r->saw_end)
        return damaged_because(r, TT_DAMAGED,
                               "something follows the END block; 'toktape repair' leaves it out", e);
    if (h->trace_id != r->trace_id)
        return damaged_because(r, TT_DAMAGED,
                               "a block of another trace stands here; 'toktape repair' leaves it out", e);
    if (h->sequence != r->sequence)
        return damaged_because(
            r, TT_DAMAGED, "blocks are missing or out of order here; 'toktape repair' saves what is good", e);
    return TT_OK;
}

static int hash_content(struct trace_reader *r, const struct scan_item *found, struct error *e)
{
    int status = TT_OK;
    if (found->header.type == BLOCK_META)
        status = content_id_meta(r->hashes, found->raw.data, found->raw.len);
    else if (found->header.type == BLOCK_DATA)
        status = content_id_payload(r->hashes, &r->content.payload);
    if (status == TT_UNSUPPORTED)
        return damaged_because(r, TT_UNSUPPORTED,
                               "a column is packed in a way that this version does not know", e);
    if (status == TT_LIMIT)
        return damaged_because(r, TT_LIMIT, "too many different tables", e);
    return status ? error_set(e, TT_NOMEM, "out of memory while hashing") : TT_OK;
}

static enum trace_item_kind kind_of(uint16_t type)
{
    switch (type) {
    case BLOCK_META:
        return TRACE_META;
    case BLOCK_DATA:
        return TRACE_DATA;
    case BLOCK_NOTE:
        return TRACE_NOTE;
    case BLOCK_GAP:
        return TRACE_GAP;
    default:
        return TRACE_END;
    }
}

static void fill_item(const struct trace_reader *r, const struct scan_item *found, struct trace_item *item)
{
    item->kind = kind_of(found->header.type);
    item->sequence = found->header.sequence;
    item->offset = found->offset;
    if (item->kind != TRACE_DATA) {
        item->json = r->content.json;
        item->json_text = found->raw;
        return;
    }
    item->payload = &r->content.payload;
    item->wire = item->payload->wire;
    for (uint64_t t = 1; t < TABLE_MAX; t++)
        item->rows[t] = payload_rows(item->payload, t);
}

static int take_content(struct trace_reader *r, const struct scan_item *found, struct trace_item *item,
                        struct error *e)
{
    int status = block_content_decode(&r->content, &found->header, found->raw, e);
    if (status)
        return status == TT_NOMEM ? status : damaged(r, status, e);
    if (found->header.type == BLOCK_META && r->meta_count++ == TRACE_META_MAX)
        return damaged_because(r, TT_LIMIT, "too many META documents", e);
    r->saw_end |= found->header.type == BLOCK_END;
    r->skipped += !r->content.is_known;
    if (r->content.is_known)
        fill_item(r, found, item);
    else if (r->give_unknown)
        *item = (struct trace_item){.kind = TRACE_UNKNOWN,
                                    .sequence = found->header.sequence,
                                    .offset = found->offset,
                                    .type = found->header.type,
                                    .raw = found->raw};
    return r->hashes ? hash_content(r, found, e) : TT_OK;
}

static int take_block(struct trace_reader *r, struct trace_item *item, int *delivered, struct error *e)
{
    struct scan_item found;
    int status = trace_scan_next(r->scan, &found, e);
    *delivered = 1;
    if (status)
        return status;
    if (found.kind == SCAN_STOP)
        return r->saw_end ? stop(r, TRACE_CLEAN, item) : truncated(r, item, e);
    if (found.kind != SCAN_BLOCK)
        return no_block(r, &found, item, e);
    status = check_place(r, &found, e);
    if (!status)
        status = take_content(r, &found, item, e);
    if (status)
        return status;
    *delivered = r->content.is_known || r->give_unknown;
    r->offset += found.bytes;
    r->sequence = r->content.next;
    return TT_OK;
}

int trace_reader_next(struct trace_reader *r, struct trace_item *item, struct error *e)
{
    int delivered = 0, status = TT_OK;
    memset(item, 0, sizeof *item);
    item->kind = TRACE_STOP;
    if (r->failed)
        return error_set(e, (enum tt_err)r->failed, "'%s' was not readable any further", r->path);
    while (!delivered && !status && !r->stopped)
        status = take_block(r, item, &delivered, e);
    r->failed = status;
    return status;
}

int trace_reader_seek(struct trace_reader *r, uint64_t offset, uint64_t sequence, uint64_t trace_id,
                      struct error *e)
{
    r->offset = offset;
    r->sequence = sequence;
    r->trace_id = trace_id;
    return trace_scan_seek(r->scan, offset, e);
}

void read_cursor_init(struct read_cursor *cursor, const struct trace_item *item)
{
    *cursor = (struct read_cursor){item->rows[TABLE_READ], item->wire.data, 0};
}

int read_cursor_next(struct read_cursor *cursor, struct read_row *row, const unsigned char **bytes)
{
    if (cursor->next >= rows_count(cursor->rows))
        return 0;
    rows_get(cursor->rows, cursor->next++, row);
    *bytes = cursor->wire;
    cursor->wire += row->nbytes;
    return 1;
}

enum trace_state trace_reader_state(const struct trace_reader *r)
{
    return r->state;
}

uint64_t trace_reader_offset(const struct trace_reader *r)
{
    return r->offset;
}

uint64_t trace_reader_skipped(const struct trace_reader *r)
{
    return r->skipped;
}

uint64_t trace_reader_trace_id(const struct trace_reader *r)
{
    return r->trace_id;
}

int trace_reader_content_id(const struct trace_reader *r, char hex[65], struct error *e)
{
    if (r->hashes && content_id_hex(r->hashes, hex) == TT_OK)
        return TT_OK;
    return error_set(e, TT_NOMEM, "out of memory while hashing");
}

void trace_reader_free(struct trace_reader *r)
{
    if (!r)
        return;
    trace_scan_free(r->scan);
    content_id_free(r->hashes);
    block_content_release(&r->content);
    mem_free(r->path);
    mem_free(r);
}
