/* SPDX-License-Identifier: MIT */
#include "formats/trace_reader.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/compress.h"
#include "formats/content_id.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/rows.h"
#include "formats/source.h"

struct trace_reader {
    struct source source;
    char *path;
    int allow_incomplete, give_unknown;
    enum trace_state state;
    int saw_end, stopped;
    int failed; /* what ended the reading, and is answered for ever after */
    uint64_t offset, sequence, trace_id, skipped, meta_count;
    struct decompressor *decompressor;
    struct buf packed, raw;
    struct payload payload;
    cJSON *json;
    struct content_id *content; /* NULL unless hashing was asked for */
};

static int open_source(struct trace_reader **reader, const char *path,
                       const struct trace_reader_options *options, struct error *e)
{
    struct trace_reader *r = *reader = mem_zalloc(1, sizeof *r);
    if (!r)
        return error_set(e, TT_NOMEM, "out of memory");
    r->source.fd = -1;
    r->allow_incomplete = options && options->allow_incomplete;
    r->give_unknown = options && options->give_unknown;
    r->path = mem_strdup(path);
    r->decompressor = decompressor_new();
    return r->path && r->decompressor ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

int trace_reader_open(struct trace_reader **reader, const char *path,
                      const struct trace_reader_options *options, struct error *e)
{
    int status = open_source(reader, path, options, e);
    return status ? status : source_open_file(&(*reader)->source, path, e);
}

int trace_reader_open_memory(struct trace_reader **reader, const void *bytes, size_t len,
                             const struct trace_reader_options *options, struct error *e)
{
    int status = open_source(reader, "memory", options, e);
    if (!status)
        source_open_memory(&(*reader)->source, bytes, len);
    return status;
}

void trace_reader_hash_content(struct trace_reader *r)
{
    if (!r->content)
        r->content = content_id_new();
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
        "'%s' is truncated: it ends after byte %llu without an END block; --allow-incomplete reads what "
        "there is",
        r->path, (unsigned long long)r->offset);
}

static int all_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i])
            return 0;
    }
    return 1;
}

/* A header of zeros is a truncation only when nothing but zeros follows: space that was allocated, never
 * written. */
static long zeros_to_the_end(struct trace_reader *r, struct error *e)
{
    unsigned char piece[4096];
    for (;;) {
        long n = source_read(&r->source, piece, sizeof piece, e);
        if (n <= 0)
            return n < 0 ? n : 1;
        if (!all_zero(piece, (size_t)n))
            return 0;
    }
}

/* What a partial or impossible header means: the end, a cut, or damage. Sets *go_on when a whole header was
 * read. */
static int take_header(struct trace_reader *r, struct block_header *h, struct trace_item *item, int *go_on,
                       struct error *e)
{
    unsigned char raw[BLOCK_HEADER_BYTES];
    long n = source_read(&r->source, raw, sizeof raw, e);
    *go_on = 0;
    if (n < 0)
        return (int)n;
    if (n == 0 && r->saw_end)
        return stop(r, TRACE_CLEAN, item);
    if (r->saw_end && n == sizeof raw && block_header_read(h, raw, NULL) == TT_OK && h->sequence == 0)
        return damaged_because(r, TT_DAMAGED,
                               "another trace begins here: these are two traces in one file; "
                               "cut it in two at this byte",
                               e);
    if (r->saw_end)
        return damaged_because(r, TT_DAMAGED, "something follows the END block", e);
    long only_zeros = all_zero(raw, (size_t)n) ? zeros_to_the_end(r, e) : 0;
    if (only_zeros < 0)
        return (int)only_zeros;
    if (only_zeros)
        return truncated(r, item, e);
    if (n < (long)sizeof raw) {
        if (block_header_may_start(raw, (size_t)n))
            return truncated(r, item, e);
        return damaged_because(r, TT_DAMAGED, r->offset ? "no block begins here" : "not a toktape trace", e);
    }
    int status = block_header_read(h, raw, e);
    if (status && r->offset == 0 && status == TT_DAMAGED &&
        !block_header_may_start(raw, BLOCK_CONSTANT_BYTES))
        return damaged_because(r, TT_DAMAGED, "not a toktape trace", e);
    *go_on = !status;
    return status ? damaged(r, status, e) : TT_OK;
}

static int check_place(struct trace_reader *r, const struct block_header *h, struct error *e)
{
    if (r->sequence == 0) {
        if (h->type != BLOCK_META || h->sequence != 0)
            return damaged_because(r, TT_DAMAGED, "the trace does not begin with its description", e);
        r->trace_id = h->trace_id;
        return TT_OK;
    }
    if (h->sequence == 0 && h->type == BLOCK_META)
        return damaged_because(r, TT_DAMAGED,
                               "another trace begins here: these are two traces in one file; "
                               "cut it in two at this byte",
                               e);
    if (h->trace_id != r->trace_id)
        return damaged_because(r, TT_DAMAGED, "a block of another trace stands here", e);
    if (h->sequence != r->sequence)
        return damaged_because(r, TT_DAMAGED, "blocks are missing or out of order here", e);
    return TT_OK;
}

static int take_payload(struct trace_reader *r, const struct block_header *h, struct trace_item *item,
                        int *go_on, struct error *e)
{
    buf_clear(&r->packed);
    buf_clear(&r->raw);
    *go_on = 0;
    unsigned char *packed = buf_reserve(&r->packed, h->packed_len);
    unsigned char *raw = buf_reserve(&r->raw, h->raw_len);
    if (!packed || !raw)
        return error_set(e, TT_NOMEM, "out of memory for a block");
    long n = source_read(&r->source, packed, h->packed_len, e);
    if (n < 0)
        return (int)n;
    if (n < (long)h->packed_len)
        return truncated(r, item, e);
    if (xxh64_of(packed, h->packed_len) != h->payload_hash)
        return damaged_because(r, TT_DAMAGED, "the block's payload fails its checksum", e);
    int status = decompressor_run(r->decompressor, packed, h->packed_len, raw, h->raw_len, e);
    if (status)
        return damaged(r, status, e);
    r->raw.len = h->raw_len;
    raw[h->raw_len] = '\0';
    *go_on = 1;
    return TT_OK;
}

static int take_document(struct trace_reader *r, enum trace_item_kind kind, struct trace_item *item,
                         struct error *e)
{
    struct error why = {0};
    cJSON_Delete(r->json);
    r->json = json_parse_document(r->raw.data, r->raw.len, &why);
    if (why.code == TT_NOMEM)
        return error_set(e, TT_NOMEM, "%s", why.text);
    if (!cJSON_IsObject(r->json))
        return damaged_because(r, TT_DAMAGED, r->json ? "a document is no JSON object" : why.text, e);
    if (kind == TRACE_META && r->meta_count++ == TRACE_META_MAX)
        return damaged_because(r, TT_LIMIT, "too many META documents", e);
    item->kind = kind;
    item->json = r->json;
    item->json_text = (struct bytes){r->raw.data, r->raw.len};
    if (kind == TRACE_META && r->content && content_id_meta(r->content, r->raw.data, r->raw.len))
        return error_set(e, TT_NOMEM, "out of memory while hashing");
    return TT_OK;
}

static int hash_payload(struct trace_reader *r, struct error *e)
{
    const struct payload *p = &r->payload;
    int status = p->wire.len ? content_id_wire(r->content, p->wire.data, p->wire.len) : TT_OK;
    for (size_t i = 0; i < p->table_count && !status; i++)
        status = content_id_rows(r->content, &p->tables[i]);
    if (status == TT_UNSUPPORTED)
        return damaged_because(r, TT_UNSUPPORTED,
                               "a column is packed in a way that this version does not know", e);
    if (status == TT_LIMIT)
        return damaged_because(r, TT_LIMIT, "too many different tables", e);
    return status ? error_set(e, TT_NOMEM, "out of memory while hashing") : TT_OK;
}

static int take_data(struct trace_reader *r, struct trace_item *item, struct error *e)
{
    int status = payload_decode(&r->payload, r->raw.data, r->raw.len, e);
    if (status)
        return status == TT_NOMEM ? status : damaged(r, status, e);
    item->kind = TRACE_DATA;
    item->wire = r->payload.wire;
    item->payload = &r->payload;
    for (uint64_t t = 1; t < TABLE_MAX; t++)
        item->rows[t] = payload_rows(&r->payload, t);
    return r->content ? hash_payload(r, e) : TT_OK;
}

static int take_unknown(struct trace_reader *r, const struct block_header *h, struct trace_item *item,
                        int *delivered, struct error *e)
{
    *delivered = r->give_unknown;
    if (h->flags & BLOCK_CRITICAL)
        return damaged_because(r, TT_UNSUPPORTED,
                               "a block that this version does not know, and must not pass over", e);
    r->skipped++;
    item->kind = r->give_unknown ? TRACE_UNKNOWN : item->kind;
    item->type = h->type;
    item->raw = (struct bytes){r->raw.data, r->raw.len};
    return TT_OK;
}

static int deliver(struct trace_reader *r, const struct block_header *h, struct trace_item *item,
                   int *delivered, struct error *e)
{
    *delivered = 1;
    switch (h->type) {
    case BLOCK_META:
        return take_document(r, TRACE_META, item, e);
    case BLOCK_DATA:
        return take_data(r, item, e);
    case BLOCK_NOTE:
        return take_document(r, TRACE_NOTE, item, e);
    case BLOCK_END:
        r->saw_end = 1;
        return take_document(r, TRACE_END, item, e);
    default:
        return take_unknown(r, h, item, delivered, e);
    }
}

static int take_block(struct trace_reader *r, struct trace_item *item, int *delivered, struct error *e)
{
    struct block_header h;
    int go_on;
    int status = take_header(r, &h, item, &go_on, e);
    *delivered = !go_on;
    if (status || !go_on)
        return status;
    status = check_place(r, &h, e);
    if (!status)
        status = take_payload(r, &h, item, &go_on, e);
    if (status || !go_on) {
        *delivered = 1;
        return status;
    }
    item->sequence = h.sequence;
    item->offset = r->offset;
    status = deliver(r, &h, item, delivered, e);
    if (!status) {
        r->offset += BLOCK_HEADER_BYTES + h.packed_len;
        r->sequence++;
    }
    return status;
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
    if (r->content && content_id_hex(r->content, hex) == TT_OK)
        return TT_OK;
    return error_set(e, TT_NOMEM, "out of memory while hashing");
}

void trace_reader_free(struct trace_reader *r)
{
    if (!r)
        return;
    source_close(&r->source);
    decompressor_free(r->decompressor);
    content_id_free(r->content);
    payload_release(&r->payload);
    buf_release(&r->packed);
    buf_release(&r->raw);
    cJSON_Delete(r->json);
    mem_free(r->path);
    mem_free(r);
}
