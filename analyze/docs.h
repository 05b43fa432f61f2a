/* SPDX-License-Identifier: MIT */
/* Pages whose tables and figures are made from traces: what stands between marks is replaced, nothing else.
 *
 *   <!-- toktape:tiers block="TITLE" titles="short" -->      a block's table with its notes
 *   <!-- toktape:value expr="value(CELL, METRIC)" -->         one figure, see docs_value.h
 *   <!-- /toktape -->                                         ends either
 */
#ifndef TOKTAPE_DOCS_H
#define TOKTAPE_DOCS_H

#include "analyze/report.h"

#define DOCS_PAGE_MAX    ((size_t)16 << 20)
#define DOCS_REGIONS_MAX 4096

/* Appends the page with its regions filled to *out. `told` gets a sentence for each figure with its operands,
 * `stale` one for everything that differs; both begin with "NAME:LINE: ". Errors name the page and the line:
 * TT_USAGE for a mark that is not understood or not closed, TT_NOTFOUND for a block or row that is not there,
 * TT_LIMIT for more than DOCS_REGIONS_MAX regions. */
int docs_fill(const char *name, struct bytes page, const struct report *report, const struct gates *gates,
              struct buf *out, struct text_list *told, struct text_list *stale, struct error *e);

#endif
