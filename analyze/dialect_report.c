/* SPDX-License-Identifier: MIT */
#include "analyze/dialect_report.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"

#define SAME 1e-6 /* relative: stamps of some clocks are fractions of a nanosecond */

void dialect_report_release(struct dialect_report *r)
{
    for (size_t i = 0; i < r->cell_count; i++)
        dialect_cell_release(&r->cells[i], r->dialect);
    mem_free(r->cells);
    *r = (struct dialect_report){.dialect = r->dialect};
}

static struct dialect_cell *cell_at(struct dialect_report *r, size_t index)
{
    if (mem_grow(&r->cells, &r->cell_capacity, index + 1, sizeof *r->cells))
        return NULL;
    for (; r->cell_count <= index; r->cell_count++)
        r->cells[r->cell_count] = (struct dialect_cell){NULL, NULL};
    return dialect_cell_make_room(&r->cells[index], r->dialect) ? NULL : &r->cells[index];
}

static size_t traces_of(const struct report *report)
{
    size_t traces = 0;
    for (size_t i = 0; i < report->cell_count; i++)
        traces += report->cells[i].trace_count;
    return traces;
}

/* The cell whose newest trace is this one. */
static size_t cell_of(const struct report *report, const struct tape *tape)
{
    size_t i = 0;
    for (; i + 1 < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        const struct cell_trace *newest = &cell->traces[cell->trace_count - 1];
        if (strcmp(newest->path, tape->path) == 0 && strcmp(newest->content_id, tape->content_id) == 0)
            break;
    }
    return i;
}

/* --- loading --- */

struct loading {
    const char *path;
    struct tape_options options;
    struct tape tape;
    struct heard_trace heard;
    struct dialect_taker taker;
    int is_full; /* of samples */
};

static int take_answer(void *context, const struct heard_trace *heard, const struct heard *answer)
{
    struct loading *l = context;
    int status = dialect_take(&l->taker, heard, answer);
    l->is_full = status == TT_LIMIT;
    return status;
}

static int too_many(const char *path, struct error *e)
{
    return error_set(
        e, TT_LIMIT,
        "'%s' is too much for --as: too many different gaps between tokens, or chunks of requests "
        "under way",
        path);
}

static int load(struct loading *l, struct error *e)
{
    if (dialect_taker_init(&l->taker, l->taker.dialect))
        return error_set(e, TT_NOMEM, "out of memory");
    int status = tape_load(&l->tape, l->path, &l->options, e);
    return status && l->is_full ? too_many(l->path, e) : status;
}

/* Which attempts are replaced is known when all have been read. */
static int load_again(struct loading *l, struct error *e)
{
    int status = io_check_twice_readable(l->path, "--as, where a run has several attempts,", e);
    if (status)
        return status;
    dialect_taker_release(&l->taker);
    tape_release(&l->tape);
    return load(l, e);
}

static int hear(struct loading *l, const struct tape_options *options, struct error *e)
{
    l->options = *options;
    heard_init(&l->heard, &l->tape);
    heard_tap(&l->heard, &l->options);
    l->heard.take = take_answer;
    l->heard.context = l;
    int status = load(l, e);
    if (!status && heard_learn_replaced(&l->heard))
        status = load_again(l, e);
    return status;
}

/* A recording that the report has already is not counted twice here either. */
static int count_in(struct dialect_report *r, struct report *report, struct loading *l, struct error *e)
{
    size_t before = traces_of(report);
    int status = report_add(report, &l->tape, e);
    if (status || traces_of(report) == before)
        return status;
    struct dialect_cell *cell = cell_at(r, cell_of(report, &l->tape));
    status = cell ? dialect_take_surveys(&l->taker, &l->heard) : TT_NOMEM;
    if (!status)
        status = dialect_cell_join(cell, r->dialect, &l->taker.cell);
    if (status == TT_LIMIT)
        return too_many(l->path, e);
    return status ? error_set(e, (enum tt_err)status, "out of memory") : TT_OK;
}

int dialect_report_load(struct dialect_report *r, struct report *report, const char *path,
                        const struct tape_options *options, struct error *e)
{
    struct loading l = {.path = path, .taker.dialect = r->dialect};
    int status = hear(&l, options, e);
    if (!status)
        status = count_in(r, report, &l, e);
    dialect_taker_release(&l.taker);
    heard_release(&l.heard);
    tape_release(&l.tape);
    return status;
}

/* --- figures --- */

static const struct report_row *row_of(const struct report *report, size_t cell)
{
    for (size_t i = 0; i < report->block_count; i++) {
        for (size_t k = 0; k < report->blocks[i].row_count; k++) {
            if (report->blocks[i].rows[k].source == cell)
                return &report->blocks[i].rows[k];
        }
    }
    return NULL;
}

static double our_figure(const struct dialect_measure *measure, const struct report_row *row,
                         enum statistic statistic, struct samples *samples)
{
    static const struct dialect our_own = {.percentiles = PERCENTILE_LINEAR, .is_sample_deviation = 1};
    if (measure->row)
        return row ? row->figures[*measure->row].value : NAN;
    return dialect_statistic(&our_own, statistic, samples);
}

static int is_same(double a, double b)
{
    return fabs(a - b) <= SAME * fabs(b);
}

/* The same values, each as often. */
static int are_same(struct samples *theirs, struct samples *ours)
{
    struct samples_cursor of_theirs = samples_rising(theirs), of_ours = samples_rising(ours);
    struct counted_value a = {0, 0}, b = {0, 0};
    for (;;) {
        int has_a = a.count || samples_next(&of_theirs, &a), has_b = b.count || samples_next(&of_ours, &b);
        if (!has_a || !has_b)
            return has_a == has_b;
        if (!is_same(a.value, b.value))
            return 0;
        uint64_t both = a.count < b.count ? a.count : b.count;
        a.count -= both;
        b.count -= both;
    }
}

static struct dialect_figure compare(double theirs, double ours)
{
    struct dialect_figure figure = {.theirs = theirs, .ours = ours, .off_pct = NAN};
    int is_none = isnan(theirs) && isnan(ours);
    figure.differs = !is_none && !is_same(theirs, ours);
    if (ours > 0 || ours < 0)
        figure.off_pct = figure.differs ? (theirs / ours - 1) * 100 : 0;
    return figure;
}

static struct dialect_figure line_of(const struct dialect *d, const struct dialect_measure *measure,
                                     enum statistic statistic, const struct report_row *row,
                                     struct samples *theirs, struct samples *ours)
{
    struct dialect_figure figure =
        compare(dialect_statistic(d, statistic, theirs), our_figure(measure, row, statistic, ours));
    figure.measure = measure;
    figure.statistic = statistic;
    figure.by_definition = figure.differs && (measure->row || !are_same(theirs, ours));
    return figure;
}

int dialect_report_each(struct dialect_report *r, const struct report *report, size_t cell,
                        dialect_show *show, void *context)
{
    const struct report_row *row = row_of(report, cell);
    struct dialect_cell *samples = cell_at(r, cell);
    int status = samples ? TT_OK : TT_NOMEM;
    for (size_t i = 0; !status && i < r->dialect->measure_count; i++) {
        const struct dialect_measure *measure = &r->dialect->measures[i];
        for (const enum statistic *s = measure->statistics; !status && *s; s++) {
            struct dialect_figure figure =
                line_of(r->dialect, measure, *s, row, &samples->theirs[i], &samples->ours[i]);
            status = show(context, &figure);
        }
    }
    return status;
}

static int is_percentile(enum statistic statistic)
{
    return statistic == STAT_MEDIAN || statistic >= STAT_P50;
}

const char *dialect_why_statistic(const struct dialect *d, const struct dialect_figure *figure)
{
    enum statistic statistic = figure->statistic;
    if (figure->measure->row)
        return NULL;
    if (statistic == STAT_STD && !d->is_sample_deviation)
        return "std is of the population (\xC3\xB7 n), ours of a sample (\xC3\xB7 (n \xE2\x88\x92 1))";
    if (is_percentile(statistic) && d->percentiles == PERCENTILE_INVERSE)
        return "percentiles are the next measured value, ours lie between two";
    if (is_percentile(statistic) && d->percentiles == PERCENTILE_FLOOR)
        return "percentiles are the element at floor(n \xC3\x97 p), ours lie between two";
    return statistic == STAT_MEAN && d->has_whole_means ? "means lose what is behind the point" : NULL;
}

void dialect_why(const struct dialect *d, const struct dialect_figure *figure, struct buf *text)
{
    const char *statistic = dialect_why_statistic(d, figure);
    if (!figure->differs)
        return;
    if (figure->by_definition)
        buf_puts(text, figure->measure->why);
    if (statistic)
        buf_printf(text, "%s%s", text->len ? "; " : "", statistic);
}
