/* SPDX-License-Identifier: MIT */
#include "formats/trace_repack.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/trace_reader.h"

struct repack {
    struct trace_reader *reader;
    struct trace_writer *writer;
    int to;
    const char *to_path;
};

static char *copy_text(struct bytes text)
{
    return mem_strndup((const char *)text.data, text.len);
}

static int write_text(struct repack *r, const struct trace_item *item, struct error *e)
{
    char *json = copy_text(item->json_text);
    int status;
    if (!json)
        return error_set(e, TT_NOMEM, "out of memory");
    if (!r->writer) {
        struct trace_writer_options options = {REPACK_LEVEL, REPACK_BLOCK_BYTES,
                                               trace_reader_trace_id(r->reader)};
        status = trace_writer_new(&r->writer, r->to, r->to_path, json, &options, e);
    } else if (item->kind == TRACE_META) {
        status = trace_writer_meta(r->writer, json, e);
    } else {
        status = trace_writer_note(r->writer, json, e);
    }
    mem_free(json);
    return status;
}

static int write_end(struct repack *r, const cJSON *end, struct error *e)
{
    const char *how = json_string(end, "ended"), *id = json_string(end, "content_id");
    const cJSON *told = json_member(end, "summary");
    char *summary = told ? cJSON_PrintUnformatted(told) : NULL;
    if (told && !summary)
        return error_set(e, TT_NOMEM, "out of memory");
    int status = trace_writer_finish(r->writer, how ? how : "clean", summary, e);
    mem_free(summary);
    if (!status && (!id || strcmp(id, trace_writer_content_id(r->writer)) != 0))
        return error_set(e, TT_DAMAGED, "the rewritten trace does not say the same as '%s'", r->to_path);
    return status;
}

static int copy_item(struct repack *r, const struct trace_item *item, struct error *e)
{
    switch (item->kind) {
    case TRACE_META:
    case TRACE_NOTE:
        return write_text(r, item, e);
    case TRACE_DATA:
        return trace_writer_copy(r->writer, item->payload, e);
    case TRACE_GAP: /* what is missing stays missing, however few blocks it was */
        return trace_writer_gap(r->writer, item->json, 1, e);
    case TRACE_END:
        return write_end(r, item->json, e);
    case TRACE_STOP:
        break;
    }
    return TT_OK;
}

int trace_repack(const char *from, int to, const char *to_path, uint64_t *bytes, struct error *e)
{
    struct repack r = {NULL, NULL, to, to_path};
    struct trace_item item = {0};
    int status = trace_reader_open(&r.reader, from, NULL, e);
    while (!status && item.kind != TRACE_STOP) {
        status = trace_reader_next(r.reader, &item, e);
        if (!status)
            status = copy_item(&r, &item, e);
    }
    if (r.writer)
        *bytes = trace_writer_bytes(r.writer);
    trace_writer_free(r.writer);
    trace_reader_free(r.reader);
    return status;
}
