/* SPDX-License-Identifier: MIT */
/* Versions of engines in order, and what was measured with each: cells that differ in nothing else are one
 * series. */
#ifndef TOKTAPE_HISTORY_H
#define TOKTAPE_HISTORY_H

#include "plots/chart_rows.h"

struct history_point {
    const struct report_row *row;
    const struct identity *id;
    double value, half; /* half the width of the 95 % interval; NAN without */
    uint64_t n;
    int of_traces; /* n counts traces, not runs */
    size_t series, place;
};

struct history {
    struct history_point points[CHART_ROWS_MAX];
    size_t count, series;
    enum metric metric;
    double divisor;   /* from the metric's unit to the shown one */
    double low, high; /* of everything shown */
    uint64_t n_least, n_most;
    size_t places; /* on the axis, gaps between engines included */
    int in_full;   /* versions differ behind their first '-' only */
};

/* Fills everything from the rows of a report, for `metric` and `divisor`; points are in the order of engine,
 * version, series. Without any two versions to hold against each other count is 0. TT_OK or TT_NOMEM. */
int history_make(struct history *h, const struct chart_input *input);

int history_same_place(const struct history_point *a, const struct history_point *b);

/* The first point of a series behind `after` (NULL: of all), NULL when there is none; and its last point. */
const struct history_point *history_next(const struct history *h, size_t series,
                                         const struct history_point *after);
const struct history_point *history_last(const struct history *h, size_t series);

/* The series that changed most from its first to its last version. */
size_t history_most_changed(const struct history *h);

#endif
