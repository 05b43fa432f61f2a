/* SPDX-License-Identifier: MIT */
/* Charts as parts of an HTML page. */
#ifndef TOKTAPE_PICTURE_H
#define TOKTAPE_PICTURE_H

#include "plots/chart.h"

/* Appends an inline <svg> of the chart, whose style is SVG and light; its colours are the page's variables,
 * its ids begin with the chart's name. TT_NOTFOUND without gnuplot. */
int picture_inline(struct chart *c, struct buf *out, struct error *e);

/* The variables, for a style sheet: all of them on light, then again on dark. */
void picture_variables(struct buf *out, enum chart_theme theme);

#endif
