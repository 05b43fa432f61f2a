/* SPDX-License-Identifier: MIT */
/* Answers that were left in the trace. */
#include "formats/trace_reader.h"
#include "record/clock.h"
#include "replay/recording.h"

/* After the client of the recording gave up, an engine stays silent for so long before the connection closes.
 */
#define SILENCE_NS 10000000000u

static uint64_t since_zero(const struct recording *r, uint64_t zero, uint64_t t)
{
    return t > zero ? clock_scale(t - zero, r->numer, r->denom) : 0;
}

void recording_set_times(const struct recording *r, const struct recorded_run *run, struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        schedule->entries[i].due_ns = since_zero(r, run->zero, schedule->entries[i].due_ns);
    uint64_t end_ns = run->close == ABSENT ? 0 : since_zero(r, run->zero, run->close);
    schedule_finish(schedule, run->end, run->end == FEED_SILENT ? end_ns + SILENCE_NS : end_ns);
}

static int take_reads(const struct recorded_run *run, const struct trace_item *item,
                      struct schedule *schedule)
{
    struct read_cursor reads;
    struct read_row row;
    const unsigned char *bytes;
    int status = TT_OK;
    read_cursor_init(&reads, item);
    while (!status && read_cursor_next(&reads, &row, &bytes)) {
        if (row.run == run->run && row.nbytes)
            status = schedule_add(schedule, row.t, bytes, (size_t)row.nbytes);
    }
    return status;
}

static int ends_here(const struct recorded_run *run, const struct trace_item *item)
{
    const struct rows *ends = item->rows[TABLE_RUN_END];
    for (size_t i = 0; i < rows_count(ends); i++) {
        struct run_end_row row;
        rows_get(ends, i, &row);
        if (row.run == run->run)
            return 1;
    }
    return 0;
}

/* Was it cut off when it was loaded, too? */
static int check_cut(const struct recorded_run *run, const struct schedule *schedule, struct error *e)
{
    return run->close == ABSENT && schedule->count
               ? TT_OK
               : error_set(e, TT_DAMAGED, "the trace is not what it was when it was opened");
}

static int read_run(struct trace_reader *reader, const struct recorded_run *run, struct schedule *schedule,
                    struct error *e)
{
    struct trace_item item;
    for (;;) {
        int status = trace_reader_next(reader, &item, e);
        if (status)
            return status;
        if (item.kind == TRACE_STOP || item.kind == TRACE_GAP)
            return check_cut(run, schedule, e);
        if (item.kind != TRACE_DATA)
            continue;
        status = take_reads(run, &item, schedule);
        if (status)
            return error_set(e, (enum tt_err)status, "out of memory for an answer");
        if (ends_here(run, &item))
            return TT_OK;
    }
}

int recording_fetch(const struct recording *r, const struct recorded_run *run, struct schedule *schedule,
                    struct error *e)
{
    struct trace_reader_options options = {.allow_incomplete = 1}; /* it was accepted when it was loaded */
    struct trace_reader *reader;
    schedule_init(schedule);
    int status = trace_reader_open(&reader, r->path, &options, e);
    if (!status)
        status = trace_reader_seek(reader, run->offset, run->sequence, r->trace_id, e);
    if (!status)
        status = read_run(reader, run, schedule, e);
    trace_reader_free(reader);
    if (!status)
        recording_set_times(r, run, schedule);
    return status;
}
