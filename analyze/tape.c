/* SPDX-License-Identifier: MIT */
#include "analyze/tape.h"

#include <math.h>
#include <string.h>

#include "analyze/shared_runs.h"
#include "analyze/tape_bursts.h"
#include "analyze/tape_energy.h"
#include "analyze/tape_memory.h"
#include "analyze/tape_meta.h"
#include "analyze/tape_peaks.h"
#include "analyze/tape_pieces.h"
#include "analyze/tape_prompts.h"
#include "analyze/tape_runs.h"
#include "analyze/tape_series.h"
#include "analyze/tape_thermal.h"
#include "formats/alloc.h"
#include "formats/trace_reader.h"

/* One loading. */
struct load {
    struct tape *tape;
    const struct tape_options *options;
    struct trace_reader *reader;
    struct tape_runs runs;
    cJSON *end; /* the END document, NULL when there was none */
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

static int load_run_rows(struct load *l, const struct rows *rows, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        struct run_row row;
        rows_get(rows, i, &row);
        status = tape_runs_begin(&l->runs, &row, e);
    }
    return status;
}

static int load_given(struct load *l, const struct rows *rows, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        struct given_row row;
        rows_get(rows, i, &row);
        if (tape_runs_speaks_of(&l->runs, row.run))
            status = tape_runs_given(&l->runs, &row, e);
    }
    return status;
}

static int load_pieces(struct load *l, const struct rows *rows, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        struct pieces_row row;
        rows_get(rows, i, &row);
        if (tape_runs_speaks_of(&l->runs, row.run))
            status = tape_runs_pieces(&l->runs, &row, e);
    }
    return status;
}

static int announce(struct load *l, const struct rows *reads, const struct rows *arrivals,
                    const struct rows *ends, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(ends) && !status; i++) {
        struct run_end_row row;
        rows_get(ends, i, &row);
        if (!tape_runs_speaks_of(&l->runs, row.run))
            continue;
        status = tape_runs_announce_end(&l->runs, row.run, i, e);
    }
    for (size_t i = 0; i < rows_count(reads); i++) {
        struct read_row row;
        rows_get(reads, i, &row);
        tape_runs_announce_read(&l->runs, row.run);
    }
    for (size_t i = 0; i < rows_count(arrivals); i++) {
        struct arrival_row row;
        rows_get(arrivals, i, &row);
        tape_runs_announce_read(&l->runs, row.run);
    }
    return status;
}

static int load_end(struct load *l, const struct rows *ends, size_t number, struct error *e)
{
    struct run_end_row row;
    rows_get(ends, number, &row);
    return tape_runs_end(&l->runs, &row, e);
}

static int load_due_end(struct load *l, const struct trace_item *item, uint64_t run, struct error *e)
{
    size_t end = tape_runs_due_end(&l->runs, run);
    return end == SIZE_MAX ? TT_OK : load_end(l, item->rows[TABLE_RUN_END], end, e);
}

static int load_arrivals(struct load *l, const struct trace_item *item, struct error *e)
{
    const struct rows *arrivals = item->rows[TABLE_ARRIVAL];
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(arrivals) && !status; i++) {
        struct arrival_row row;
        rows_get(arrivals, i, &row);
        if (!tape_runs_speaks_of(&l->runs, row.run))
            continue;
        status = tape_runs_arrival(&l->runs, &row, e);
        if (!status)
            status = load_due_end(l, item, row.run, e);
    }
    return status;
}

static int load_read(struct load *l, const struct trace_item *item, const struct read_row *row,
                     const unsigned char *bytes, struct error *e)
{
    if (!tape_runs_speaks_of(&l->runs, row->run))
        return TT_OK;
    int status = tape_runs_read(&l->runs, row, bytes, e);
    return status ? status : load_due_end(l, item, row->run, e);
}

/* What is left at the end of a block are the ends of runs that received nothing in it. */
static int load_answers(struct load *l, const struct trace_item *item, struct error *e)
{
    const struct rows *ends = item->rows[TABLE_RUN_END];
    struct read_cursor reads;
    struct read_row read;
    const unsigned char *bytes;
    int status = announce(l, item->rows[TABLE_READ], item->rows[TABLE_ARRIVAL], ends, e);
    read_cursor_init(&reads, item);
    while (!status && read_cursor_next(&reads, &read, &bytes))
        status = load_read(l, item, &read, bytes, e);
    if (!status)
        status = load_arrivals(l, item, e);
    for (size_t i = 0; i < rows_count(ends) && !status; i++) {
        struct run_end_row row;
        rows_get(ends, i, &row);
        if (tape_runs_speaks_of(&l->runs, row.run) && tape_runs_due_end(&l->runs, row.run) == i)
            status = load_end(l, ends, i, e);
    }
    return status;
}

static int add_sample(struct load *l, const struct sample_row *row, struct error *e)
{
    struct tape *tape = l->tape;
    if (row->series >= tape->series_count && tape->gaps)
        return TT_OK; /* its declaration was lost */
    if (row->series >= tape->series_count)
        return error_set(e, TT_DAMAGED, "a sample belongs to sensor series %llu, which is not declared",
                         (unsigned long long)row->series);
    int status = TT_OK;
    tape_series_begin_at(tape, row->t);
    if (l->options->on_sample)
        status = l->options->on_sample(l->options->context, &tape->series[row->series], row);
    return status || l->options->without_samples ? status : tape_series_add(tape, row, e);
}

static int load_sensors(struct load *l, const struct trace_item *item, struct error *e)
{
    const struct rows *series = item->rows[TABLE_SERIES], *samples = item->rows[TABLE_SAMPLE];
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(series) && !status; i++) {
        struct series_row row;
        rows_get(series, i, &row);
        status = tape_series_declare(l->tape, &row, e);
    }
    for (size_t i = 0; i < rows_count(samples) && !status; i++) {
        struct sample_row row;
        rows_get(samples, i, &row);
        status = add_sample(l, &row, e);
    }
    return status;
}

static int is_kind(struct bytes kind, const char *name)
{
    return kind.len == strlen(name) && memcmp(kind.data, name, kind.len) == 0;
}

static int add_idle(struct tape *tape, uint64_t from, uint64_t to)
{
    if (from == ABSENT || tape->idle_count >= TAPE_IDLE_MAX)
        return TT_OK;
    tape->idle[tape->idle_count++] = (struct tape_window){from, to};
    int status = tape_series_moment(tape, from);
    return status ? status : tape_series_moment(tape, to);
}

static int load_idle(struct tape *tape, const struct rows *marks)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(marks) && !status; i++) {
        struct mark_row row;
        rows_get(marks, i, &row);
        if (is_kind(row.kind, "idle_begin"))
            tape->idle_since = row.t;
        if (!is_kind(row.kind, "idle_end"))
            continue;
        status = add_idle(tape, tape->idle_since, row.t);
        tape->idle_since = ABSENT;
    }
    return status;
}

static int load_marks(struct load *l, const struct trace_item *item, struct error *e)
{
    const struct rows *losses = item->rows[TABLE_LOSS];
    struct clock_row clock;
    if (l->tape->t_origin == ABSENT && rows_count(item->rows[TABLE_CLOCK])) {
        rows_get(item->rows[TABLE_CLOCK], 0, &clock);
        l->tape->t_origin = clock.native;
        l->tape->realtime_origin_ns = clock.realtime_ns;
        tape_series_begin_at(l->tape, clock.native);
    }
    l->tape->stalls += rows_count(item->rows[TABLE_STALL]);
    for (size_t i = 0; i < rows_count(losses); i++) {
        struct loss_row row;
        rows_get(losses, i, &row);
        l->tape->lost_samples += row.count == ABSENT ? 0 : row.count;
    }
    return load_idle(l->tape, item->rows[TABLE_MARK]) ? no_memory(e) : TT_OK;
}

/* No window will begin before the last run's end: one under way, or idleness, has begun. */
static void thin_sensors(struct load *l)
{
    uint64_t since = tape_series_is_full(l->tape) ? tape_runs_settled(&l->runs) : ABSENT;
    if (since != ABSENT)
        tape_series_thin(l->tape, l->tape->idle_since < since ? l->tape->idle_since : since);
}

static int load_block(struct load *l, const struct trace_item *item, struct error *e)
{
    int status = load_marks(l, item, e);
    if (!status)
        status = bodies_add_rows(&l->runs.bodies, item->rows[TABLE_SEGMENT], item->rows[TABLE_BODY],
                                 item->rows[TABLE_PROMPT_IDS], e);
    if (!status)
        status = load_sensors(l, item, e);
    if (!status)
        status = tape_add_peaks(l->tape, item->rows[TABLE_PEAK], e);
    if (!status)
        status = load_run_rows(l, item->rows[TABLE_RUN], e);
    if (!status)
        status = load_given(l, item->rows[TABLE_GIVEN], e);
    if (!status)
        status = load_pieces(l, item->rows[TABLE_PIECES], e);
    if (!status)
        status = load_answers(l, item, e);
    thin_sensors(l);
    return status;
}

static int load_item(struct load *l, const struct trace_item *item, struct error *e)
{
    switch (item->kind) {
    case TRACE_META:
        return tape_add_meta(l->tape, item->json, e);
    case TRACE_DATA:
        return load_block(l, item, e);
    case TRACE_GAP:
        l->tape->gaps++;
        return tape_runs_gap(&l->runs, item->json, e);
    case TRACE_NOTE:
        return l->options->on_note ? l->options->on_note(l->options->context, item->json) : TT_OK;
    case TRACE_END:
        cJSON_Delete(l->end);
        l->end = cJSON_Duplicate(item->json, 1);
        return l->end ? TT_OK : no_memory(e);
    default:
        return TT_OK;
    }
}

static int check_content(struct load *l, struct error *e)
{
    char computed[65];
    const char *stated = l->tape->content_id;
    if (!l->options->hash_content || !*stated)
        return TT_OK;
    int status = trace_reader_content_id(l->reader, computed, e);
    if (!status && strcmp(computed, stated) != 0)
        status =
            error_set(e, TT_DAMAGED, "its content id is %s, but its END block says %s", computed, stated);
    return status;
}

/* A cell may hold them for long, and the runs of many other traces besides. */
static void fit_runs(struct tape *tape)
{
    shelf_fit(&tape->runs, &tape->run_capacity, tape->run_count, sizeof *tape->runs);
}

static int finish(struct load *l, struct error *e)
{
    struct tape *tape = l->tape;
    int status = tape_runs_finish(&l->runs, e);
    if (!status)
        status = tape_find_bursts(tape, e);
    if (!status && !l->options->without_samples)
        status = tape_energy(tape, e);
    if (!status && !l->options->without_prompts && !tape->is_masked) /* masked words all look alike */
        status = tape_prompts_compare(tape, &l->runs.bodies, e);
    tape_memory_settle(tape, INFINITY);
    if (!status && tape_take_peaks(tape))
        status = no_memory(e);
    tape_thermal(tape);
    tape_series_forget(tape);
    const char *stated = meta_content_id(l->end);
    if (stated)
        memcpy(tape->content_id, stated, strlen(stated) + 1);
    tape->closed = meta_closed(tape->meta, l->end);
    fit_runs(tape);
    return status ? status : check_content(l, e);
}

static int load_all(struct load *l, struct error *e)
{
    struct trace_item item;
    if (l->options->hash_content)
        trace_reader_hash_content(l->reader);
    for (;;) {
        int status = trace_reader_next(l->reader, &item, e);
        if (status)
            return status; /* names the file itself */
        if (item.kind == TRACE_STOP)
            status = finish(l, e);
        else
            status = load_item(l, &item, e);
        if (status && e && e->code == (enum tt_err)status)
            error_prefix(e, "'%s'", l->tape->path);
        if (status || item.kind == TRACE_STOP)
            return status;
    }
}

static int init_tape(struct tape *tape, const char *path, struct error *e)
{
    memset(tape, 0, sizeof *tape);
    tape->closed = "incomplete";
    tape->ticks_numer = tape->ticks_denom = 1;
    tape->t_origin = tape->t_base = tape->last_rss_generation = tape->realtime_origin_ns = tape->idle_since =
        ABSENT;
    tape->idle_w = NAN;
    tape->path = mem_strdup(path);
    return tape->path && !shared_runs_begin(tape) ? TT_OK : no_memory(e);
}

/* `status` is how opening the reader went. */
static int load(struct tape *tape, struct trace_reader *reader, const struct tape_options *options,
                int status, struct error *e)
{
    static const struct tape_options defaults;
    struct load l = {.tape = tape, .options = options ? options : &defaults, .reader = reader};
    if (!status) {
        tape_runs_init(&l.runs, tape, l.options);
        status = load_all(&l, e);
        tape_runs_release(&l.runs);
    }
    trace_reader_free(reader);
    cJSON_Delete(l.end);
    return status;
}

int tape_load(struct tape *tape, const char *path, const struct tape_options *options, struct error *e)
{
    struct trace_reader *reader = NULL;
    struct trace_reader_options how = {.allow_incomplete = options && options->allow_incomplete};
    int status = init_tape(tape, path, e);
    if (!status)
        status = trace_reader_open(&reader, path, &how, e);
    return load(tape, reader, options, status, e);
}

int tape_load_memory(struct tape *tape, const void *bytes, size_t len, const struct tape_options *options,
                     struct error *e)
{
    struct trace_reader *reader = NULL;
    struct trace_reader_options how = {.allow_incomplete = options && options->allow_incomplete};
    int status = init_tape(tape, "memory", e);
    if (!status)
        status = trace_reader_open_memory(&reader, bytes, len, &how, e);
    return load(tape, reader, options, status, e);
}

void tape_release(struct tape *tape)
{
    tape_series_release(tape);
    shared_runs_release(&(struct shared_runs){tape->runs, tape->run_count, tape->run_holders});
    shelf_free(tape->depth.items);
    mem_free(tape->peaks);
    tape_pieces_release(tape);
    mem_free(tape->bursts);
    overlap_release(&tape->overlap);
    text_list_release(&tape->power_rails);
    mem_free(tape->path);
    cJSON_Delete(tape->meta);
    cJSON_Delete(tape->facts);
    memset(tape, 0, sizeof *tape);
}

int tape_is_incomplete(const struct tape *tape)
{
    return strcmp(tape->closed, "incomplete") == 0 || strcmp(tape->closed, "repaired") == 0;
}
