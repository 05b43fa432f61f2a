/* SPDX-License-Identifier: MIT */
/* Single figures of a page: small expressions over the rows of a report. */
#ifndef TOKTAPE_DOCS_VALUE_H
#define TOKTAPE_DOCS_VALUE_H

#include "analyze/report.h"

/* Appends what `expression` comes to, as a page shows it, and each operand with its row and unrounded value.
 *
 *   value(CELL, METRIC)         the figure, with the decimals of the gates profile's column of that metric
 *   uplift(CELL, BASE, METRIC)  how much more CELL has than BASE: "+17.6 %"
 *   ratio(CELL, BASE, METRIC)   "4.4×"
 *   range(CELLS, METRIC)        the smallest and the largest: "9.6–10.9"
 *
 * METRIC is a JSON name of a row's figure. CELL matches a row's label, "block title / label" or cell id, with
 * '*' for any characters, and must match one row; CELLS at least one. A figure that was not measured gives an
 * em dash. TT_USAGE for an expression that is none, TT_NOTFOUND for a CELL that is not one row. */
int docs_value(const char *expression, const struct report *report, const struct gates *gates,
               struct buf *text, struct buf *operands, struct error *e);

#endif
