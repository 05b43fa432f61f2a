/* SPDX-License-Identifier: MIT */
/* Pages whose tables and figures are made from traces: what stands between marks is replaced, nothing else.
 *
 *   <!-- toktape:tiers block="TITLE" titles="short" -->      a block's table with its notes
 *   <!-- toktape:value expr="value(CELL, METRIC)" -->         one figure, see docs_value.h
 *   <!-- toktape:plot chart="NAME" file="PATH" -->            a picture, see docs_plot below
 *   <!-- /toktape -->                                         ends each
 */
#ifndef TOKTAPE_DOCS_H
#define TOKTAPE_DOCS_H

#include "analyze/report.h"

#define DOCS_PAGE_MAX    ((size_t)16 << 20)
#define DOCS_REGIONS_MAX 4096

#define DOCS_WORD_MAX 1024

/* The value of an attribute of a mark's inside: 1 and the text in out, or 0. */
int docs_attribute(const char *mark, const char *key, char out[DOCS_WORD_MAX]);

/* The block of that title; NULL, with an error that names all of them, when there is none. */
const struct report_block *docs_block(const struct report *report, const char *title, struct error *e);

/* Who makes pictures, which this library cannot. Appends what stands in a region whose mark's inside begins
 * with "plot ", and to `stale` what differs beside the page, each sentence after "WHERE: ". */
struct docs_plot {
    int (*fill)(void *context, const char *page, const char *where, const char *mark, struct buf *out,
                struct text_list *stale, struct error *e);
    void *context;
};

/* Appends the page with its regions filled to *out. `told` gets a sentence for each figure with its operands,
 * `stale` one for everything that differs; both begin with "NAME:LINE: ". Errors name the page and the line:
 * TT_USAGE for a mark that is not understood or not closed, TT_NOTFOUND for a block or row that is not there,
 * TT_LIMIT for more than DOCS_REGIONS_MAX regions. */
int docs_fill(const char *name, struct bytes page, const struct report *report, const struct gates *gates,
              const struct docs_plot *plot, struct buf *out, struct text_list *told, struct text_list *stale,
              struct error *e);

#endif
