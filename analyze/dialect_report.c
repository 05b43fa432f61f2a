/* SPDX-License-Identifier: MIT */
#include "analyze/dialect_report.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"

#define SAME 1e-6 /* relative: stamps of some clocks are fractions of a nanosecond */

void dialect_report_release(struct dialect_report *r)
{
    for (size_t i = 0; i < r->cell_count; i++) {
        for (size_t k = 0; k < r->dialect->measure_count; k++) {
            if (r->cells[i].theirs)
                samples_release(&r->cells[i].theirs[k]);
            if (r->cells[i].ours)
                samples_release(&r->cells[i].ours[k]);
        }
        mem_free(r->cells[i].theirs);
        mem_free(r->cells[i].ours);
    }
    mem_free(r->cells);
    *r = (struct dialect_report){.dialect = r->dialect};
}

static struct dialect_cell *cell_at(struct dialect_report *r, size_t index)
{
    if (mem_grow(&r->cells, &r->cell_capacity, index + 1, sizeof *r->cells))
        return NULL;
    for (; r->cell_count <= index; r->cell_count++)
        r->cells[r->cell_count] = (struct dialect_cell){NULL, NULL};
    struct dialect_cell *cell = &r->cells[index];
    if (!cell->theirs)
        cell->theirs = mem_zalloc(r->dialect->measure_count, sizeof *cell->theirs);
    if (!cell->ours)
        cell->ours = mem_zalloc(r->dialect->measure_count, sizeof *cell->ours);
    return cell->theirs && cell->ours ? cell : NULL;
}

typedef int counts_fn(const struct dialect *d, const struct heard *answer);

static int is_ours(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return heard_is_valid(answer);
}

static int collect(const struct dialect *d, const struct heard_trace *heard, const struct collector *from,
                   counts_fn *counts, struct samples *out)
{
    int status = TT_OK;
    if (from->survey)
        return from->survey(d, heard, out);
    for (size_t i = 0; !status && i < heard->count; i++) {
        const struct heard *answer = &heard->answers[i];
        if (!counts(d, answer))
            continue;
        if (from->many)
            status = from->many(d, heard, answer, out);
        else if (from->value)
            status = samples_add(out, from->value(d, answer), 1);
    }
    return status;
}

static int collect_all(struct dialect_report *r, size_t cell, const struct heard_trace *heard)
{
    struct dialect_cell *samples = cell_at(r, cell);
    int status = samples ? TT_OK : TT_NOMEM;
    for (size_t i = 0; !status && i < r->dialect->measure_count; i++) {
        const struct dialect_measure *measure = &r->dialect->measures[i];
        status = collect(r->dialect, heard, &measure->theirs, dialect_counts, &samples->theirs[i]);
        if (!status)
            status = collect(r->dialect, heard, &measure->ours, is_ours, &samples->ours[i]);
    }
    return status;
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

/* A recording that the report has already is not counted twice here either. */
static int take(struct dialect_report *r, struct report *report, struct heard_trace *heard, struct error *e)
{
    size_t before = traces_of(report);
    int status = report_add(report, heard->tape, e);
    if (status || traces_of(report) == before)
        return status;
    heard_finish(heard);
    status = collect_all(r, cell_of(report, heard->tape), heard);
    return status ? error_set(e, (enum tt_err)status, "out of memory") : TT_OK;
}

int dialect_report_load(struct dialect_report *r, struct report *report, const char *path,
                        const struct tape_options *options, struct error *e)
{
    struct tape tape = {0};
    struct heard_trace heard;
    struct tape_options tapped = *options;
    heard_init(&heard, &tape);
    heard_tap(&heard, &tapped);
    int status = tape_load(&tape, path, &tapped, e);
    if (!status)
        status = take(r, report, &heard, e);
    heard_release(&heard);
    tape_release(&tape);
    return status;
}

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

/* Both sorted by a statistic. */
static int are_same(const struct samples *a, const struct samples *b)
{
    for (size_t i = 0; a->count == b->count && i < a->count; i++) {
        if (!is_same(a->items[i].value, b->items[i].value) || a->items[i].count != b->items[i].count)
            return 0;
    }
    return a->count == b->count;
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

int dialect_report_each(struct dialect_report *r, const struct report *report, size_t cell,
                        dialect_show *show, void *context)
{
    const struct report_row *row = row_of(report, cell);
    struct dialect_cell *samples = cell_at(r, cell);
    int status = samples ? TT_OK : TT_NOMEM;
    for (size_t i = 0; !status && i < r->dialect->measure_count; i++) {
        const struct dialect_measure *measure = &r->dialect->measures[i];
        for (const enum statistic *s = measure->statistics; !status && *s; s++) {
            struct dialect_figure figure = compare(dialect_statistic(r->dialect, *s, &samples->theirs[i]),
                                                   our_figure(measure, row, *s, &samples->ours[i]));
            figure.measure = measure;
            figure.by_definition =
                figure.differs && (measure->row || !are_same(&samples->theirs[i], &samples->ours[i]));
            figure.statistic = *s;
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
