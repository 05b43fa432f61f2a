/* SPDX-License-Identifier: MIT */
/* A comparison for people and programs. */
#ifndef TOKTAPE_COMPARE_SHOW_H
#define TOKTAPE_COMPARE_SHOW_H

#include "analyze/compare_fail_on.h"
#include "analyze/compare_table.h"

/* All that is shown. */
struct compare_result {
    const struct compare_side *sides; /* SIDES of them */
    const struct compare_table *table;
    const struct fail_clause *clauses;
    size_t clause_count;
};

/* What is independent of what: "independent" or "within-session". */
const char *compare_scope(const struct compare_table *table);

/* To three significant digits. */
double compare_round(double value);

/* Appends a fraction as a percentage: "+3.12", an em dash where there is none; and the interval, "+1.2…+5".
 */
void compare_put_percent(struct buf *out, double fraction);
void compare_put_interval(struct buf *out, double low, double high);

/* All append to `out` and return TT_OK or what failed. Text has at most 80 columns. */
int compare_show_text(const struct compare_result *result, int colour, struct buf *out);
int compare_show_markdown(const struct compare_result *result, struct buf *out);
int compare_show_csv(const struct compare_result *result, struct buf *out);
int compare_show_json(const struct compare_result *result, struct buf *out);

#endif
