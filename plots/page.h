/* SPDX-License-Identifier: MIT */
/* A report as one HTML file: tables, gates, charts, environment and runs; no script, nothing from elsewhere.
 */
#ifndef TOKTAPE_PAGE_H
#define TOKTAPE_PAGE_H

#include "plots/charts.h"

/* Appends the page of a finished report, of tapes loaded with_depth. Charts that have nothing to show are
 * left out; without gnuplot there are none, and the page says so. TT_OK or what failed. */
int page_write(const struct report *report, const struct gates *gates, struct buf *out, struct error *e);

#endif
