/* SPDX-License-Identifier: MIT */
#include "formats/trace_writer.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/block_content.h"
#include "formats/compress.h"
#include "formats/content_id.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/rows.h"
#include "formats/trace_reader.h"
#include "formats/trace_scan.h"

#define DEFAULT_LEVEL       3
#define DEFAULT_BLOCK_BYTES ((size_t)256 << 10)
#define END_BYTES_MAX       ((size_t)64 << 10) /* so that a reader finds END in the last 64 KiB of a file */

struct trace_writer {
    int fd;
    const char *path;
    size_t block_bytes;
    uint64_t trace_id, bytes, blocks, meta_count, wire_bytes;
    uint64_t sequence; /* of the next block */
    uint64_t rows[TABLE_MAX];
    struct batch batch;
    struct compressor *compressor;
    struct content_id *content;
    int is_copy; /* of which `content` knows what the original's END says, and only at the end */
    struct buf raw, block;
    struct cuts cuts;
    int failed; /* the first failure; nothing is written after it */
    char content_hex[SHA256_HEX_BYTES];
};

static int out_of_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory while writing a trace");
}

/* Header and payload leave in one write, so that a block is on disk whole or recognisably cut. */
static int put_block(struct trace_writer *w, struct bytes block, uint64_t next, struct error *e)
{
    int status = io_write_all(w->fd, block.data, block.len, w->path, e);
    if (status)
        return status;
    w->sequence = next;
    w->blocks++;
    w->bytes += block.len;
    return TT_OK;
}

static int write_block(struct trace_writer *w, enum block_type type, const void *raw, size_t len,
                       unsigned flags, struct error *e)
{
    struct block_header header = {
        (uint16_t)type, (uint16_t)flags, (uint32_t)len, 0, w->sequence, w->trace_id, 0};
    if (len > BLOCK_RAW_MAX) /* no reader would take it */
        return error_set(e, TT_LIMIT, "a block of %zu bytes is over the limit of %u", len, BLOCK_RAW_MAX);
    buf_clear(&w->block);
    unsigned char *room = buf_reserve(&w->block, BLOCK_HEADER_BYTES);
    if (!room)
        return out_of_memory(e);
    w->block.len = BLOCK_HEADER_BYTES;
    int status = compressor_run(w->compressor, raw, len, w->cuts.at, w->cuts.count, &w->block, e);
    if (status)
        return status;
    const unsigned char *packed = w->block.data + BLOCK_HEADER_BYTES;
    header.packed_len = (uint32_t)(w->block.len - BLOCK_HEADER_BYTES);
    header.payload_hash = xxh64_of(packed, header.packed_len);
    block_header_write(&header, w->block.data);
    return put_block(w, buf_bytes(&w->block), w->sequence + 1, e);
}

static int write_document(struct trace_writer *w, enum block_type type, const char *json, unsigned flags,
                          struct error *e)
{
    size_t len = strlen(json);
    if (len > JSON_DOCUMENT_MAX)
        return error_set(e, TT_LIMIT, "a document of %zu bytes is over the limit of %zu", len,
                         JSON_DOCUMENT_MAX);
    w->cuts.count = 0;
    return write_block(w, type, json, len, flags, e);
}

static int write_meta(struct trace_writer *w, const char *json, struct error *e)
{
    if (w->meta_count == TRACE_META_MAX)
        return error_set(e, TT_LIMIT, "more than %d META documents", TRACE_META_MAX);
    if (!w->is_copy && content_id_meta(w->content, json, strlen(json)))
        return out_of_memory(e);
    w->meta_count++;
    return write_document(w, BLOCK_META, json, BLOCK_CRITICAL, e);
}

int trace_writer_bare(struct trace_writer **writer, int fd, const char *path,
                      const struct trace_writer_options *options, struct error *e)
{
    struct trace_writer *w = *writer = mem_zalloc(1, sizeof *w);
    if (!w)
        return out_of_memory(e);
    w->fd = fd;
    w->path = path;
    w->trace_id = options->trace_id;
    w->block_bytes = options->block_bytes ? options->block_bytes : DEFAULT_BLOCK_BYTES;
    w->compressor = compressor_new(options->level ? options->level : DEFAULT_LEVEL);
    w->content = content_id_new();
    w->is_copy = options->is_copy;
    if (!w->compressor || !w->content)
        w->failed = out_of_memory(e);
    return w->failed;
}

int trace_writer_new(struct trace_writer **writer, int fd, const char *path, const char *meta,
                     const struct trace_writer_options *options, struct error *e)
{
    int status = trace_writer_bare(writer, fd, path, options, e);
    if (!status)
        status = (*writer)->failed = write_meta(*writer, meta, e);
    return status;
}

static int hash_batch(struct trace_writer *w)
{
    int status =
        w->batch.wire.len ? content_id_wire(w->content, w->batch.wire.data, w->batch.wire.len) : TT_OK;
    for (size_t i = 0; i < w->batch.table_count && !status; i++) {
        struct rows view;
        if (!w->batch.tables[i]->count)
            continue;
        batch_view(w->batch.tables[i], &view);
        status = content_id_rows(w->content, &view);
    }
    return status;
}

static int write_batch(struct trace_writer *w, struct error *e)
{
    buf_clear(&w->raw);
    w->cuts.count = 0;
    int status = batch_encode(&w->batch, &w->raw, &w->cuts);
    if (!status && !w->is_copy)
        status = hash_batch(w);
    if (status == TT_LIMIT)
        return error_set(e, TT_LIMIT, "more different tables than a trace may have");
    if (status)
        return out_of_memory(e);
    status = write_block(w, BLOCK_DATA, w->raw.data, w->raw.len, BLOCK_CRITICAL, e);
    batch_clear(&w->batch);
    return status;
}

int trace_writer_flush(struct trace_writer *w, struct error *e)
{
    if (w->failed)
        return error_set(e, (enum tt_err)w->failed, "the trace could not be written");
    if (!batch_is_empty(&w->batch))
        w->failed = write_batch(w, e);
    return w->failed;
}

size_t trace_writer_pending(const struct trace_writer *w)
{
    return w->batch.weight;
}

/* Makes room for `weight` more bytes: a block is closed rather than overfilled. */
static int make_room(struct trace_writer *w, size_t weight, size_t values, struct error *e)
{
    int full = w->batch.weight && (w->batch.weight + weight > w->block_bytes ||
                                   batch_bound(&w->batch, weight, values) > BLOCK_RAW_MAX);
    if (w->failed || full || w->batch.values > BATCH_VALUES_MAX)
        return trace_writer_flush(w, e);
    return TT_OK;
}

static int add_failed(struct trace_writer *w, int status, const char *table, struct error *e)
{
    if (status == TT_LIMIT)
        return error_set(e, TT_LIMIT, "a row of table '%s' is too large for a block", table);
    w->failed = TT_NOMEM;
    return out_of_memory(e);
}

int trace_writer_row(struct trace_writer *w, enum table_id table, const void *row, struct error *e)
{
    const struct table_def *def = schema_table(table);
    size_t weight = batch_row_weight(def, row);
    int status = weight > BATCH_ROW_MAX ? add_failed(w, TT_LIMIT, def->name, e)
                                        : make_room(w, weight, def->column_count, e);
    if (status)
        return status;
    status = batch_add(&w->batch, def, row);
    if (status)
        return add_failed(w, status, def->name, e);
    w->rows[table]++;
    return TT_OK;
}

int trace_writer_read(struct trace_writer *w, const struct read_row *row, const void *wire, struct error *e)
{
    const struct table_def *def = schema_table(TABLE_READ);
    size_t len = (size_t)row->nbytes;
    if (len > BATCH_VALUE_MAX)
        return add_failed(w, TT_LIMIT, def->name, e);
    int status = make_room(w, batch_row_weight(def, row) + len, def->column_count, e);
    if (status)
        return status;
    status = batch_add_wire(&w->batch, wire, len);
    if (!status)
        status = batch_add(&w->batch, def, row);
    if (status)
        return add_failed(w, TT_NOMEM, def->name, e);
    w->rows[TABLE_READ]++;
    w->wire_bytes += len;
    return TT_OK;
}

/* Row by row, the reads with their share of the wire. */
static int copy_table(struct trace_writer *w, const struct rows *rows, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows->count && !status; i++)
        status = batch_add_from(&w->batch, rows, i);
    if (status == TT_UNSUPPORTED)
        return error_set(e, TT_UNSUPPORTED, "a column is packed in a way that this version does not know");
    if (status)
        return add_failed(w, status, "copied", e);
    if (rows->table < TABLE_MAX)
        w->rows[rows->table] += rows->count;
    return TT_OK;
}

/* A block is copied whole into one block, because the order of rows of different tables is only known from
 * block to block: a run's end must never come to stand in an earlier block than its reads. */
int trace_writer_copy(struct trace_writer *w, const struct payload *payload, struct error *e)
{
    int status = make_room(w, payload_weight(payload), payload_values(payload), e);
    if (!status && !batch_takes(&w->batch, payload))
        status = trace_writer_flush(w, e);
    if (!status && payload->wire.len && batch_add_wire(&w->batch, payload->wire.data, payload->wire.len))
        status = add_failed(w, TT_NOMEM, "copied", e);
    for (size_t t = 0; t < payload->table_count && !status; t++)
        status = copy_table(w, &payload->tables[t], e);
    w->wire_bytes += status ? 0 : payload->wire.len;
    return status;
}

int trace_writer_meta(struct trace_writer *w, const char *json, struct error *e)
{
    int status = trace_writer_flush(w, e);
    if (!status)
        w->failed = status = write_meta(w, json, e);
    return status;
}

int trace_writer_note(struct trace_writer *w, const char *json, struct error *e)
{
    int status = trace_writer_flush(w, e);
    if (!status)
        w->failed = status = write_document(w, BLOCK_NOTE, json, 0, e);
    return status;
}

int trace_writer_unknown(struct trace_writer *w, uint16_t type, struct bytes raw, struct error *e)
{
    int status = trace_writer_flush(w, e);
    w->cuts.count = 0;
    if (!status)
        w->failed = status = write_block(w, (enum block_type)type, raw.data, raw.len, 0, e);
    return status;
}

static int hash_kept(struct trace_writer *w, const struct scan_item *block,
                     const struct block_content *content)
{
    if (block->header.type == BLOCK_META)
        return content_id_meta(w->content, block->raw.data, block->raw.len);
    return block->header.type == BLOCK_DATA ? content_id_payload(w->content, &content->payload) : TT_OK;
}

static void count_kept(struct trace_writer *w, const struct scan_item *block,
                       const struct block_content *content)
{
    const struct payload *p = &content->payload;
    w->meta_count += block->header.type == BLOCK_META;
    w->wire_bytes += p->wire.len;
    for (size_t i = 0; i < p->table_count; i++) {
        if (p->tables[i].table < TABLE_MAX)
            w->rows[p->tables[i].table] += p->tables[i].count;
    }
}

int trace_writer_keep(struct trace_writer *w, const struct scan_item *block,
                      const struct block_content *content, struct error *e)
{
    int status = trace_writer_flush(w, e);
    if (status)
        return status;
    status = hash_kept(w, block, content);
    if (status == TT_UNSUPPORTED)
        return w->failed = error_set(e, TT_UNSUPPORTED,
                                     "a column is packed in a way that this version does not know");
    if (status)
        return w->failed = error_set(e, (enum tt_err)status, "more than this version can keep account of");
    count_kept(w, block, content);
    return w->failed = put_block(w, block->block, content->next, e);
}

static int write_gap(struct trace_writer *w, const cJSON *facts, uint64_t next, struct error *e)
{
    cJSON *document = cJSON_Duplicate(facts, 1);
    char *json =
        document && json_set_u64(document, "next", next) == TT_OK ? cJSON_PrintUnformatted(document) : NULL;
    int status = json ? write_document(w, BLOCK_GAP, json, BLOCK_CRITICAL, e) : out_of_memory(e);
    cJSON_Delete(document);
    mem_free(json);
    return status;
}

int trace_writer_gap(struct trace_writer *w, const cJSON *facts, uint64_t blocks, struct error *e)
{
    int status = trace_writer_flush(w, e);
    uint64_t next = w->sequence + blocks;
    if (!status)
        w->failed = status = write_gap(w, facts, next, e);
    if (!status)
        w->sequence = next;
    return status;
}

uint64_t trace_writer_sequence(const struct trace_writer *w)
{
    return w->sequence;
}

uint64_t trace_writer_rows(const struct trace_writer *w, enum table_id table)
{
    return w->rows[table];
}

uint64_t trace_writer_blocks(const struct trace_writer *w)
{
    return w->blocks;
}

uint64_t trace_writer_wire_bytes(const struct trace_writer *w)
{
    return w->wire_bytes;
}

static void describe_counts(const struct trace_writer *w, struct jsonout *out)
{
    jsonout_key(out, "rows");
    jsonout_object(out);
    for (uint64_t t = 1; t < TABLE_MAX; t++) {
        if (w->rows[t])
            jsonout_field_u64(out, schema_table(t)->name, w->rows[t]);
    }
    jsonout_end(out, '}');
    jsonout_field_u64(out, "wire_bytes", w->wire_bytes);
    jsonout_field_u64(out, "blocks", w->blocks + 1);
    jsonout_field_u64(out, "meta", w->meta_count);
}

static int describe_end(const struct trace_writer *w, const char *how, const char *summary, struct buf *json)
{
    struct jsonout out;
    jsonout_init(&out, json, 1);
    jsonout_object(&out);
    jsonout_field_string(&out, "ended", how);
    describe_counts(w, &out);
    jsonout_key(&out, "streams");
    int status = content_id_streams(w->content, &out);
    jsonout_field_string(&out, "content_id", w->content_hex);
    if (summary) {
        jsonout_key(&out, "summary");
        jsonout_raw(&out, summary, strlen(summary));
    }
    jsonout_end(&out, '}');
    buf_putc(json, '\n');
    return status ? status : json->failed;
}

/* END repeats in its summary what the trace says anyway: rather no summary than no END. */
static int write_end(struct trace_writer *w, const char *how, const char *summary, struct error *e)
{
    struct buf json = BUF_INIT;
    int status = describe_end(w, how, summary, &json);
    int is_small = json.len <= END_BYTES_MAX - BLOCK_HEADER_BYTES - 1024;
    if (status)
        status = out_of_memory(e);
    else if (is_small)
        status = write_document(w, BLOCK_END, buf_text(&json), BLOCK_CRITICAL, e);
    else
        status = summary ? write_end(w, how, NULL, e)
                         : error_set(e, TT_LIMIT, "the END document is over its size limit");
    buf_release(&json);
    return status;
}

int trace_writer_adopt(struct trace_writer *w, const cJSON *end, struct error *e)
{
    if (content_id_adopt(w->content, json_member(end, "streams")))
        w->failed = error_set(e, TT_DAMAGED, "the digests of the END that '%s' copies are none", w->path);
    return w->failed;
}

int trace_writer_hash(struct trace_writer *w, struct error *e)
{
    int status = trace_writer_flush(w, e);
    if (!status && content_id_hex(w->content, w->content_hex))
        w->failed = status = out_of_memory(e);
    return status;
}

int trace_writer_finish(struct trace_writer *w, const char *how, const char *summary, struct error *e)
{
    int status = trace_writer_hash(w, e);
    if (status)
        return status;
    status = write_end(w, how, summary, e);
    w->failed = status;
    return status;
}

const char *trace_writer_content_id(const struct trace_writer *w)
{
    return w->content_hex;
}

uint64_t trace_writer_bytes(const struct trace_writer *w)
{
    return w->bytes;
}

void trace_writer_free(struct trace_writer *w)
{
    if (!w)
        return;
    batch_release(&w->batch);
    compressor_free(w->compressor);
    content_id_free(w->content);
    buf_release(&w->raw);
    buf_release(&w->block);
    mem_free(w->cuts.at);
    mem_free(w);
}
