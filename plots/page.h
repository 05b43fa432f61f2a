/* SPDX-License-Identifier: MIT */
/* A report as one HTML file: tables, gates, charts, environment and runs; no script, nothing from elsewhere.
 */
#ifndef TOKTAPE_PAGE_H
#define TOKTAPE_PAGE_H

#include "plots/charts.h"

/* Appends the page of a finished report, of tapes loaded with_depth. Charts that have nothing to show are
 * left out; without gnuplot there are none, and the page says so. TT_OK or what failed. */
int page_write(const struct report *report, const struct gates *gates, struct buf *out, struct error *e);

/* The same around a caller's own tables: the head of a page with that heading, as text, and its end. A
 * failure is in out->failed. */
void page_begin(struct buf *out, const char *heading);
void page_end(struct buf *out);

#endif
