/* SPDX-License-Identifier: MIT */
#include "formats/trace_repack.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/content_id.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/provenance.h"
#include "formats/trace_masker.h"
#include "formats/trace_reader.h"

struct repack {
    const struct trace_repack_options *options;
    struct trace_repack_result *result;
    const char *from, *to_path;
    int to;
    struct trace_reader *reader;
    struct trace_writer *writer;
    struct trace_masker *masker; /* NULL: nothing is masked */
    int is_copy;                 /* says what its source says, whose digests it takes over */
    char stated_id[65];          /* by END; "" without one */
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

/* --- documents --- */

static char *copy_text(struct bytes text)
{
    return mem_strndup((const char *)text.data, text.len);
}

/* A masked trace is another one than its parent, with a name of its own. */
static char *masked_description(struct repack *r, const cJSON *meta, uint64_t *id, struct error *e)
{
    struct trace_identity identity;
    const char *content = json_string(json_member(meta, "privacy"), "content");
    if (content && strcmp(content, "masked") == 0) {
        error_set(e, TT_USAGE, "'%s': its content is masked already; repack it without --no-content",
                  r->from);
        return NULL;
    }
    cJSON *copy = cJSON_Duplicate(meta, 1);
    int status = copy ? trace_identity_make(&identity, e) : no_memory(e);
    if (!status && (json_set_string(copy, "trace", identity.uuid) || trace_masker_describe(copy) ||
                    provenance_add(copy, "repack", r->result->parent_id)))
        status = no_memory(e);
    char *text = status ? NULL : cJSON_Print(copy);
    cJSON_Delete(copy);
    if (!status && !text)
        no_memory(e);
    if (text)
        *id = identity.id;
    return text;
}

static int begin(struct repack *r, const struct trace_item *item, struct error *e)
{
    const struct trace_repack_options *o = r->options;
    struct trace_writer_options options = {.level = o->level ? o->level : REPACK_LEVEL,
                                           .block_bytes =
                                               o->block_bytes ? o->block_bytes : REPACK_BLOCK_BYTES,
                                           .trace_id = trace_reader_trace_id(r->reader),
                                           .is_copy = r->is_copy};
    char *json =
        r->masker ? masked_description(r, item->json, &options.trace_id, e) : copy_text(item->json_text);
    if (!json)
        return r->masker && e && e->code ? (int)e->code : no_memory(e);
    int status = trace_writer_new(&r->writer, r->to, r->to_path, json, &options, e);
    mem_free(json);
    return status;
}

static int write_text(struct repack *r, const struct trace_item *item, struct error *e)
{
    if (!r->writer)
        return begin(r, item, e);
    char *json = copy_text(item->json_text);
    if (!json)
        return no_memory(e);
    int status = item->kind == TRACE_META ? trace_writer_meta(r->writer, json, e)
                                          : trace_writer_note(r->writer, json, e);
    mem_free(json);
    return status;
}

/* --- rows without their content --- */

static int mask_rows(struct repack *r, const struct rows *rows, struct error *e)
{
    union any_row row;
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        rows_get(rows, i, &row);
        status = trace_masker_row(r->masker, r->writer, (enum table_id)rows->table, &row, e);
    }
    return status;
}

static int mask_reads(struct repack *r, const struct trace_item *item, struct error *e)
{
    struct read_cursor reads;
    struct read_row row;
    const unsigned char *bytes;
    int status = TT_OK;
    read_cursor_init(&reads, item);
    while (!status && read_cursor_next(&reads, &row, &bytes))
        status = trace_masker_read(r->masker, r->writer, &row, bytes, e);
    return status;
}

static size_t unknown_columns(const struct rows *rows)
{
    size_t known = 0;
    for (size_t i = 0; rows->def && i < rows->def->column_count; i++)
        known += rows->place[i] >= 0;
    return rows->def ? rows->column_count - known : 0;
}

static void count_dropped(struct repack *r, const struct payload *payload)
{
    for (size_t i = 0; i < payload->table_count; i++)
        r->result->dropped += payload->tables[i].def ? unknown_columns(&payload->tables[i]) : 1;
}

/* A run's reads come behind its row and before its end, wherever the writer then cuts its blocks. */
static int mask_block(struct repack *r, const struct trace_item *item, struct error *e)
{
    int status = TT_OK;
    count_dropped(r, item->payload);
    for (uint64_t table = 1; table < TABLE_MAX && !status; table++) {
        if (table != TABLE_READ && table != TABLE_RUN_END)
            status = mask_rows(r, item->rows[table], e);
    }
    if (!status)
        status = mask_reads(r, item, e);
    return status ? status : mask_rows(r, item->rows[TABLE_RUN_END], e);
}

static int write_data(struct repack *r, const struct trace_item *item, struct error *e)
{
    return r->masker ? mask_block(r, item, e) : trace_writer_copy(r->writer, item->payload, e);
}

static int write_unknown(struct repack *r, const struct trace_item *item, struct error *e)
{
    if (!r->masker)
        return trace_writer_unknown(r->writer, item->type, item->raw, e);
    r->result->dropped++;
    return TT_OK;
}

/* --- the end --- */

static int write_last(struct repack *r, struct error *e)
{
    int status = r->masker ? trace_masker_finish(r->masker, r->writer, e) : TT_OK;
    return !status && r->options->note ? trace_writer_note(r->writer, r->options->note, e) : status;
}

static int write_end(struct repack *r, const cJSON *end, struct error *e)
{
    const char *how = json_string(end, "ended"), *id = json_string(end, "content_id");
    const cJSON *told = json_member(end, "summary");
    char *summary = told ? cJSON_PrintUnformatted(told) : NULL;
    if (told && !summary)
        return no_memory(e);
    if (id && strlen(id) < sizeof r->stated_id)
        memcpy(r->stated_id, id, strlen(id) + 1);
    int status = write_last(r, e);
    if (!status && r->is_copy)
        status = trace_writer_adopt(r->writer, end, e);
    if (!status)
        status = trace_writer_finish(r->writer, how ? how : "clean", summary, e);
    mem_free(summary);
    return status;
}

/* A trace without its end stays one: only `repair` may say that what there is of it is all. */
static int stop(struct repack *r, struct error *e)
{
    r->result->is_incomplete = trace_reader_state(r->reader) != TRACE_CLEAN;
    if (!r->result->is_incomplete)
        return TT_OK;
    int status = write_last(r, e);
    return status ? status : trace_writer_hash(r->writer, e);
}

static int copy_item(struct repack *r, const struct trace_item *item, struct error *e)
{
    switch (item->kind) {
    case TRACE_META:
    case TRACE_NOTE:
        return write_text(r, item, e);
    case TRACE_DATA:
        return write_data(r, item, e);
    case TRACE_UNKNOWN:
        return write_unknown(r, item, e);
    case TRACE_GAP: /* what is missing stays missing, however few blocks it was */
        return trace_writer_gap(r->writer, item->json, 1, e);
    case TRACE_END:
        return write_end(r, item->json, e);
    case TRACE_STOP:
        break;
    }
    return stop(r, e);
}

/* --- passes over a trace --- */

/* Reads all of a trace for its content id. */
static int survey(const char *path, int allow_incomplete, char id[65], struct error *e)
{
    struct trace_reader *reader = NULL;
    struct trace_item item = {0};
    struct trace_reader_options reading = {.allow_incomplete = allow_incomplete};
    int status = trace_reader_open(&reader, path, &reading, e);
    if (!status)
        trace_reader_hash_content(reader);
    do {
        if (!status)
            status = trace_reader_next(reader, &item, e);
    } while (!status && item.kind != TRACE_STOP);
    if (!status)
        status = trace_reader_content_id(reader, id, e);
    trace_reader_free(reader);
    return status;
}

/* Which of the two is to blame when a copy does not say what its source states. */
static int ids_differ(const struct repack *r, struct error *e)
{
    char id[65];
    int status = survey(r->from, 0, id, e);
    if (status)
        return status;
    if (strcmp(id, r->stated_id) != 0)
        return error_set(e, TT_DAMAGED, "'%s' says another content id than it has", r->from);
    return error_set(e, TT_DAMAGED, "'%s' does not say the same as '%s'", r->to_path, r->from);
}

/* What the writer says of what it wrote: unless masked, that has to be what the source says of itself. */
static int take_ids(struct repack *r, struct error *e)
{
    struct trace_repack_result *result = r->result;
    memcpy(result->content_id, trace_writer_content_id(r->writer), sizeof result->content_id);
    if (!r->masker)
        memcpy(result->parent_id, result->content_id, sizeof result->parent_id);
    if (result->is_incomplete || strcmp(result->parent_id, r->stated_id) == 0)
        return TT_OK;
    return ids_differ(r, e);
}

/* Whether END's digests make the content id that it states: then a copy takes them over, and reading it back
 * proves both. Otherwise it is hashed while it is written. */
static int has_sound_end(const char *path)
{
    char id[SHA256_HEX_BYTES] = "";
    cJSON *meta = NULL, *end = NULL;
    struct content_id *content = io_is_stream(path) ? NULL : content_id_new();
    int is_sound = content && trace_read_ends(path, &meta, &end, NULL) == TT_OK && end &&
                   content_id_adopt(content, json_member(end, "streams")) == TT_OK &&
                   content_id_hex(content, id) == TT_OK;
    const char *stated = is_sound ? json_string(end, "content_id") : NULL;
    is_sound = stated && strcmp(stated, id) == 0;
    content_id_free(content);
    cJSON_Delete(meta);
    cJSON_Delete(end);
    return is_sound;
}

static int open_all(struct repack *r, struct error *e)
{
    const struct trace_repack_options *o = r->options;
    struct trace_reader_options reading = {o->allow_incomplete, 1};
    int status = TT_OK;
    r->is_copy = !o->without_content && !o->allow_incomplete && has_sound_end(r->from);
    if (o->without_content)
        status = survey(r->from, o->allow_incomplete, r->result->parent_id, e);
    if (!status && o->without_content)
        status = trace_masker_new(&r->masker, e);
    if (!status)
        status = trace_reader_open(&r->reader, r->from, &reading, e);
    return status;
}

static int copy_items(struct repack *r, struct error *e)
{
    struct trace_item item = {0};
    int status = TT_OK;
    while (!status && item.kind != TRACE_STOP) {
        status = trace_reader_next(r->reader, &item, e);
        if (!status)
            status = copy_item(r, &item, e);
    }
    return status;
}

static int pack(void *context, int fd, const char *path, struct error *e)
{
    struct repack *r = context;
    r->to = fd;
    r->to_path = path;
    int status = open_all(r, e);
    if (!status)
        status = copy_items(r, e);
    if (!status)
        status = take_ids(r, e);
    if (!status) {
        r->result->bytes_before = trace_reader_offset(r->reader);
        r->result->bytes = trace_writer_bytes(r->writer);
    }
    trace_writer_free(r->writer);
    trace_masker_free(r->masker);
    trace_reader_free(r->reader);
    r->writer = NULL;
    r->masker = NULL;
    r->reader = NULL;
    return status;
}

/* What reached the disk is what was meant to; of a copy, whose writer hashed nothing, the only proof. */
static int read_back(void *context, const char *path, struct error *e)
{
    const struct repack *r = context;
    const struct trace_repack_result *result = r->result;
    char id[65];
    int status = survey(path, result->is_incomplete, id, e);
    if (status || strcmp(id, result->content_id) == 0)
        return status;
    if (r->is_copy)
        return ids_differ(r, e);
    return error_set(e, TT_DAMAGED, "'%s' does not read back as it was written", path);
}

int trace_repack_file(const char *from, const char *temporary, const char *to,
                      const struct trace_repack_options *options, struct trace_repack_result *result,
                      struct error *e)
{
    struct repack repack = {.options = options, .result = result, .from = from};
    struct io_making making = {pack, read_back, &repack};
    memset(result, 0, sizeof *result);
    return io_make_new(to, temporary, &making, e);
}
