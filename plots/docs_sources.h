/* SPDX-License-Identifier: MIT */
/* What a chart of a page is made from beside the report: one trace of the archive, or two rows of it as
 * sides. The traces are read once more, and kept no longer than the chart is being filled. */
#ifndef TOKTAPE_DOCS_SOURCES_H
#define TOKTAPE_DOCS_SOURCES_H

#include "plots/docs_pictures.h"

/* Fills a chart of one trace: trace="FILE" (needless when there is one only), run="0/warm", panels="LIST". */
int docs_fill_of_trace(const struct docs_pictures *pictures, const char *mark, const struct chart_kind *kind,
                       struct chart *c, struct error *e);

/* Fills a chart of two sides: base="ROW" new="ROW", as docs_row has them, margin, primary, session-sd. */
int docs_fill_of_sides(const struct docs_pictures *pictures, const char *mark, const struct chart_kind *kind,
                       struct chart *c, struct error *e);

#endif
