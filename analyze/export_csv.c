/* SPDX-License-Identifier: MIT */
/* Tables for spreadsheets and data frames: runs, frames or samples, a line each. White space in texts becomes
 * spaces, and what looks like a formula gets an apostrophe; JSONL has texts as they are. */
#include <inttypes.h>

#include "analyze/export_out.h"
#include "analyze/frame_text.h"
#include "analyze/table.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/jsonout.h"
#include "formats/textsafe.h"

struct csv {
    struct export_out out;
    struct buf text; /* a field that is no C string yet */
};

static void *csv_open(const struct export_target *to, struct error *e)
{
    return export_out_open(sizeof(struct csv), to, e);
}

static void csv_close(void *state)
{
    struct csv *csv = state;
    buf_release(&csv->text);
    export_out_close(csv);
}

static int finish(void *state, struct error *e)
{
    return export_out_finish(state, e);
}

/* ---- fields, each with a comma behind it but the last of a line ---- */

static void put_text(struct csv *csv, const char *text)
{
    if (text)
        text_csv(&csv->out.text, text);
    buf_putc(&csv->out.text, ',');
}

/* A NUL byte is replaced like any other control character, and cuts nothing off. */
static void put_bytes(struct csv *csv, struct bytes text)
{
    buf_clear(&csv->text);
    for (size_t i = 0; i < text.len; i++)
        buf_putc(&csv->text, text.data[i] ? text.data[i] : 1);
    if (csv->text.failed)
        csv->out.text.failed = csv->text.failed;
    put_text(csv, buf_text(&csv->text));
}

static void put_count(struct csv *csv, uint64_t count)
{
    if (count != ABSENT)
        buf_printf(&csv->out.text, "%" PRIu64, count);
    buf_putc(&csv->out.text, ',');
}

/* In two's complement where it is negative. */
static void put_reading(struct csv *csv, uint64_t value)
{
    if (value != ABSENT)
        buf_printf(&csv->out.text, "%" PRId64, (int64_t)value);
    buf_putc(&csv->out.text, ',');
}

static void put_time(struct csv *csv, const struct export_time *time)
{
    struct jsonout j;
    jsonout_init(&j, &csv->out.text, 0);
    if (time->has_zero)
        buf_printf(&csv->out.text, "%" PRId64, time->t_ns);
    buf_putc(&csv->out.text, ',');
    if (time->has_zero)
        jsonout_number(&j, (double)time->t_ns / 1e3);
    buf_putc(&csv->out.text, ',');
    put_count(csv, time->clock_ns);
}

static int end_line(struct csv *csv, struct error *e)
{
    if (!csv->out.text.failed)
        csv->out.text.data[csv->out.text.len - 1] = '\n'; /* in place of the last comma */
    return export_out_line(&csv->out, e);
}

static int put_header(struct csv *csv, const struct export_trace *trace, const char *names)
{
    return trace->number ? TT_OK : buf_puts(&csv->out.text, names);
}

/* ---- runs ---- */

static void add_run_columns(struct table *table)
{
    static const char *const names[] = {"trace_id", "run", "last_attempt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        table_column(table, names[i], names[i], ALIGN_NONE);
    view_flat_run_columns(table);
    table_column(table, "findings", "findings", ALIGN_NONE);
}

static int put_table(struct csv *csv, struct table *table, int with_names, struct error *e)
{
    int status = with_names ? table_csv(table, &csv->out.text) : table_csv_lines(table, &csv->out.text);
    table_release(table);
    return status ? error_set(e, (enum tt_err)status, "out of memory") : export_out_line(&csv->out, e);
}

static int begin_runs(void *state, const struct export_trace *trace, struct error *e)
{
    struct table table = TABLE_INIT;
    if (trace->number)
        return TT_OK;
    add_run_columns(&table);
    return put_table(state, &table, 1, e);
}

static int put_run(void *state, const struct export_run *run, const struct run_row *row, struct error *e)
{
    struct table table = TABLE_INIT;
    const struct decimals whole = {DECIMAL_FIXED, 0};
    (void)row;
    add_run_columns(&table);
    table_row(&table);
    table_text(&table, run->trace->id, STYLE_NONE);
    table_number(&table, (double)run->run->figures->run, 1, whole, STYLE_NONE);
    table_text(&table, run->run->figures->is_last_attempt ? "true" : "false", STYLE_NONE);
    view_flat_run(run->trace->cell, run->run, &table);
    view_findings_cell(&run->trace->cell->traces[0].findings, &table);
    return put_table(state, &table, 0, e);
}

/* ---- frames ---- */

static int begin_frames(void *state, const struct export_trace *trace, struct error *e)
{
    (void)e;
    return put_header(state, trace,
                      "trace_id,run,repeat,phase,attempt,t_ns,t_us,clock_ns,kind,tokens,text,finish_reason,"
                      "chunk,offset\n");
}

static int put_frame(void *state, const struct export_frame *frame, struct error *e)
{
    struct csv *csv = state;
    const struct run_figures *f = frame->run->run->figures;
    const struct chat_frame *chat = frame->frame->chat;
    put_text(csv, frame->run->trace->id);
    put_count(csv, f->run);
    put_count(csv, f->repeat);
    put_text(csv, frame->run->phase);
    put_count(csv, f->attempt);
    put_time(csv, &frame->time);
    put_text(csv, frame_kind_name(chat->kind));
    put_count(csv, frame->tokens);
    put_bytes(csv, frame_text(chat));
    put_bytes(csv, chat->finish_reason);
    put_count(csv, frame->frame->read);
    put_count(csv, frame->frame->offset);
    return end_line(csv, e);
}

/* ---- samples ---- */

static int begin_samples(void *state, const struct export_trace *trace, struct error *e)
{
    (void)e;
    return put_header(state, trace, "trace_id,clock_ns,duration_ns,source,name,unit,source_t,value\n");
}

static int put_sample(void *state, const struct export_sample *sample, struct error *e)
{
    struct csv *csv = state;
    put_text(csv, sample->trace->id);
    put_count(csv, sample->clock_ns);
    put_count(csv, sample->duration_ns);
    put_text(csv, sample->series->source);
    put_text(csv, sample->series->name);
    put_text(csv, sample->series->unit);
    put_count(csv, sample->row->source_t);
    put_reading(csv, sample->row->value);
    return end_line(csv, e);
}

extern const struct exporter export_csv, export_csv_frames, export_csv_samples;
const struct exporter export_csv = {
    .name = "csv",
    .what = "a line for each run with its figures, as 'report --view runs --format csv' names them",
    .to = EXPORT_TO_STREAM,
    .open = csv_open,
    .close = csv_close,
    .begin = begin_runs,
    .run = put_run,
    .finish = finish,
};
const struct exporter export_csv_frames = {
    .name = "csv-frames",
    .what = "a line for each frame, with its time and tokens",
    .to = EXPORT_TO_STREAM,
    .open = csv_open,
    .close = csv_close,
    .begin = begin_frames,
    .frame = put_frame,
    .finish = finish,
};
const struct exporter export_csv_samples = {
    .name = "csv-samples",
    .what = "a line for each sensor sample",
    .to = EXPORT_TO_STREAM,
    .open = csv_open,
    .close = csv_close,
    .begin = begin_samples,
    .sample = put_sample,
    .finish = finish,
};
