/* SPDX-License-Identifier: MIT */
#include "replay/recorded_reads.h"

#include "formats/trace_reader.h"

struct fetching {
    uint64_t run;
    take_read *take;
    void *context;
    int has_end;
};

static int take_reads(struct fetching *f, const struct trace_item *item)
{
    struct read_cursor reads;
    struct read_row row;
    const unsigned char *bytes;
    int status = TT_OK;
    read_cursor_init(&reads, item);
    while (!status && read_cursor_next(&reads, &row, &bytes)) {
        if (row.run == f->run && row.nbytes)
            status = f->take(f->context, &row, bytes);
    }
    return status;
}

static int ends_here(const struct fetching *f, const struct trace_item *item)
{
    const struct rows *ends = item->rows[TABLE_RUN_END];
    for (size_t i = 0; i < rows_count(ends); i++) {
        struct run_end_row row;
        rows_get(ends, i, &row);
        if (row.run == f->run)
            return 1;
    }
    return 0;
}

static int read_run(struct trace_reader *reader, struct fetching *f, struct error *e)
{
    struct trace_item item;
    while (!f->has_end) {
        int status = trace_reader_next(reader, &item, e);
        if (status || item.kind == TRACE_STOP || item.kind == TRACE_GAP)
            return status;
        if (item.kind != TRACE_DATA)
            continue;
        if (take_reads(f, &item))
            return error_set(e, TT_NOMEM, "out of memory for an answer");
        f->has_end = ends_here(f, &item);
    }
    return TT_OK;
}

int recorded_reads(const struct run_place *place, uint64_t run, take_read *take, void *context, int *has_end,
                   struct error *e)
{
    struct trace_reader_options options = {.allow_incomplete = 1}; /* it was accepted when it was loaded */
    struct fetching f = {run, take, context, 0};
    struct trace_reader *reader;
    int status = trace_reader_open(&reader, place->path, &options, e);
    if (!status)
        status = trace_reader_seek(reader, place->offset, place->sequence, place->trace_id, e);
    if (!status)
        status = read_run(reader, &f, e);
    trace_reader_free(reader);
    *has_end = f.has_end;
    return status;
}
