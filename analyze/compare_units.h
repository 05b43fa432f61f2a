/* SPDX-License-Identifier: MIT */
/* Units of a comparison, what is independent of what, and their values. */
#ifndef TOKTAPE_COMPARE_UNITS_H
#define TOKTAPE_COMPARE_UNITS_H

#include "analyze/compare_table.h"

/* Fills units, unit_of, unit_is_trace and settings.within_session. */
int compare_units_make(struct compare_table *table, const struct compare_side sides[SIDES]);

/* One series of values: of a metric in some phases. */
struct compare_source {
    cell_value *value;
    int takes_largest; /* one value per unit, the largest of its runs */
    const struct text_list *phases;
};

/* The figure that a metric compares, NULL for those made of others. */
cell_value *compare_value(enum compare_id id);

/* Where runs come from, and which unit each belongs to. */
struct compare_runs {
    const struct cell *cells[SIDES];
    const size_t *unit_of[SIDES];
    size_t sides, unit_count;
};

/* Values of units: for each phase logarithms less the mean of the sides' means, then the mean over the
 * phases. A phase without a value on one side takes no part. Units with fewer than half of the phases are NAN
 * and counted in dropped[side]. TT_NOMEM. */
int compare_unit_values(const struct compare_runs *runs, const struct compare_source *source, double *values,
                        size_t dropped[SIDES]);

/* Medians of the runs, whether they vary, whether they have logarithms. */
int compare_run_values(const struct compare_runs *runs, const struct compare_source *source,
                       struct comparison *c);

/* Adds those of source->phases that have a value on every side to `usable`. TT_NOMEM. */
int compare_usable_phases(const struct compare_runs *runs, const struct compare_source *source,
                          struct text_list *usable);

int compare_in_phases(const struct cell *cell, const struct cell_run *run, const struct text_list *phases);

#endif
