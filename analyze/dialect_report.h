/* SPDX-License-Identifier: MIT */
/* A dialect's figures for every cell of a report, beside ours. */
#ifndef TOKTAPE_DIALECT_REPORT_H
#define TOKTAPE_DIALECT_REPORT_H

#include "analyze/dialect_take.h"
#include "analyze/report.h"

struct dialect_report {
    const struct dialect *dialect; /* set it before the first trace */
    struct dialect_cell *cells;    /* by the report's cells; those it has not seen yet are not there */
    size_t cell_count, cell_capacity;
};

void dialect_report_release(struct dialect_report *r);

/* Loads the trace, adds it to the report and its answers to the dialect's samples, which are all that grows
 * with it: one for a request, and where the tool has gaps one for each different gap (samples.h). A trace
 * with answers that a later attempt replaces is read twice, and a pipe will not do then: TT_USAGE. Otherwise
 * as tape_load and report_add; TT_LIMIT, too, for more different gaps than samples take. */
int dialect_report_load(struct dialect_report *r, struct report *report, const char *path,
                        const struct tape_options *options, struct error *e);

/* One line of the result. `theirs` and `ours` are NAN where there is none; `differs` is 0 where they are the
 * same to a millionth. */
struct dialect_figure {
    const struct dialect_measure *measure;
    enum statistic statistic;
    double theirs, ours;
    double off_pct;    /* theirs ÷ ours − 1, in per cent; NAN */
    int differs;       /* the two are not the same */
    int by_definition; /* … already before the statistic is taken */
};

/* Calls `show` for every line of the index-th cell of the finished report, in order, and hands on what it
 * returns. */
typedef int dialect_show(void *context, const struct dialect_figure *figure);
int dialect_report_each(struct dialect_report *r, const struct report *report, size_t cell,
                        dialect_show *show, void *context);

/* How the tool takes that statistic of the measure, half a sentence; NULL where it does as we do. */
const char *dialect_why_statistic(const struct dialect *d, const struct dialect_figure *figure);

/* What sets the figure apart: the measure's definition where the values themselves are others, and the
 * statistic's where that is taken in another way. "" where the figures are the same. */
void dialect_why(const struct dialect *d, const struct dialect_figure *figure, struct buf *text);

#endif
