/* SPDX-License-Identifier: MIT */
#include "plots/history.h"

#include <math.h>
#include <string.h>

#include "analyze/compare_table.h"
#include "analyze/statistics.h"
#include "analyze/version_order.h"
#include "formats/alloc.h"

const struct history_point *history_next(const struct history *h, size_t series,
                                         const struct history_point *after)
{
    for (const struct history_point *p = after ? after + 1 : h->points; p < h->points + h->count; p++) {
        if (p->series == series)
            return p;
    }
    return NULL;
}

const struct history_point *history_last(const struct history *h, size_t series)
{
    const struct history_point *last = NULL;
    for (const struct history_point *p = NULL; (p = history_next(h, series, p)) != NULL;)
        last = p;
    return last;
}

size_t history_most_changed(const struct history *h)
{
    size_t most = 0;
    double largest = -1;
    for (size_t s = 0; s < h->series; s++) {
        double change = fabs(log(history_last(h, s)->value / history_next(h, s, NULL)->value));
        if (isfinite(change) && change > largest) {
            largest = change;
            most = s;
        }
    }
    return most;
}

/* Repeats of one session are no independent recordings: where there are several traces, those are. */
static void measure(const struct history *h, const struct cell *cell, double *room, struct history_point *p)
{
    const struct figure *figure = &p->row->figures[h->metric];
    double sd = figure->spread / 100 * figure->value;
    p->value = figure->value / h->divisor;
    p->n = figure->n;
    p->half = NAN;
    size_t traces = cell_trace_medians(cell, h->metric, room, room + cell->run_count);
    if (traces >= COMPARE_TRACES_MIN) {
        p->of_traces = 1;
        p->n = traces;
        sd = stats_sd(room, traces);
    }
    if (p->n >= 3 && isfinite(sd))
        p->half = stats_t975((size_t)p->n - 1) * sd / sqrt((double)p->n) / h->divisor;
}

static size_t series_of(struct history *h, const struct identity *id)
{
    for (size_t i = 0; i < h->count; i++) {
        if (identity_same_but_version(h->points[i].id, id))
            return h->points[i].series;
    }
    return h->series++;
}

static void collect(struct history *h, const struct chart_rows *rows, double *room)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct chart_row *row = &rows->rows[i];
        if (!row->row || !*row->cell->id.engine_version || isnan(row->row->figures[h->metric].value))
            continue;
        struct history_point *p = &h->points[h->count];
        *p = (struct history_point){.row = row->row, .id = &row->cell->id};
        p->series = series_of(h, p->id);
        measure(h, row->cell, room, p);
        h->count++;
    }
}

/* What was recorded with one version only has no history. The series that stay are counted anew. */
static void drop_single(struct history *h)
{
    size_t members[CHART_ROWS_MAX] = {0}, numbers[CHART_ROWS_MAX], kept = 0, series = 0;
    for (size_t i = 0; i < h->count; i++)
        members[h->points[i].series]++;
    for (size_t s = 0; s < h->series; s++)
        numbers[s] = members[s] > 1 ? series++ : SIZE_MAX;
    for (size_t i = 0; i < h->count; i++) {
        if (numbers[h->points[i].series] == SIZE_MAX)
            continue;
        h->points[kept] = h->points[i];
        h->points[kept].series = numbers[h->points[i].series];
        kept++;
    }
    h->count = kept;
    h->series = series;
}

static int in_order(const struct history_point *a, const struct history_point *b)
{
    int engines = strcmp(a->id->engine, b->id->engine);
    int versions = engines ? engines : version_compare(a->id->engine_version, b->id->engine_version);
    return versions ? versions : (a->series > b->series) - (a->series < b->series);
}

static void sort(struct history *h)
{
    for (size_t i = 1; i < h->count; i++) {
        struct history_point moved = h->points[i];
        size_t k = i;
        for (; k > 0 && in_order(&h->points[k - 1], &moved) > 0; k--)
            h->points[k] = h->points[k - 1];
        h->points[k] = moved;
    }
}

int history_same_place(const struct history_point *a, const struct history_point *b)
{
    return strcmp(a->id->engine, b->id->engine) == 0 &&
           strcmp(a->id->engine_version, b->id->engine_version) == 0;
}

static int same_shortly(const struct history_point *a, const struct history_point *b)
{
    size_t len = strcspn(a->id->engine_version, "-");
    return strcmp(a->id->engine, b->id->engine) == 0 && len == strcspn(b->id->engine_version, "-") &&
           strncmp(a->id->engine_version, b->id->engine_version, len) == 0;
}

/* A place for each version, and an empty one between two engines. */
static void arrange(struct history *h)
{
    h->low = INFINITY;
    h->high = -INFINITY;
    h->n_least = UINT64_MAX;
    for (size_t i = 0; i < h->count; i++) {
        struct history_point *p = &h->points[i];
        const struct history_point *before = i ? p - 1 : NULL;
        double half = isnan(p->half) ? 0 : p->half;
        p->place = !before ? 0 : before->place + !history_same_place(p, before);
        p->place += before && strcmp(p->id->engine, before->id->engine) != 0;
        h->low = fmin(h->low, p->value - half);
        h->high = fmax(h->high, p->value + half);
        h->in_full |= before && same_shortly(p, before) && !history_same_place(p, before);
        h->n_least = p->n < h->n_least ? p->n : h->n_least;
        h->n_most = p->n > h->n_most ? p->n : h->n_most;
        h->places = p->place + 1;
    }
}

int history_make(struct history *h, const struct chart_input *input)
{
    struct chart_rows rows;
    double *room = mem_alloc(2 * chart_largest_cell(input->report) * sizeof *room);
    if (!room)
        return TT_NOMEM;
    rows_of_report(&rows, input, ROWS_PLAIN);
    collect(h, &rows, room);
    mem_free(room);
    drop_single(h);
    sort(h);
    arrange(h);
    return TT_OK;
}
