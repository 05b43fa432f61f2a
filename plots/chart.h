/* SPDX-License-Identifier: MIT */
/* A chart: a gnuplot script and its data file, kept beside the picture so that anyone can draw it again. */
#ifndef TOKTAPE_CHART_H
#define TOKTAPE_CHART_H

#include "formats/buf.h"
#include "formats/error.h"

enum chart_format { CHART_SVG, CHART_PNG };

#define CHART_COLOURS 8

struct chart {
    const char *name; /* of the files: NAME.dat, NAME.gp, NAME.svg */
    unsigned width, height;
    struct buf data;   /* NAME.dat; blocks are separated by two empty lines */
    struct buf script; /* plot commands behind the common head */
};

void chart_init(struct chart *c, const char *name, unsigned width, unsigned height);
void chart_release(struct chart *c);

/* Writes script and data into `dir`, then has gnuplot draw. Without gnuplot the files stay and TT_NOTFOUND
 * comes. */
int chart_draw(const struct chart *c, const char *dir, enum chart_format format, struct error *e);

/* Title over the plot, and small print in the corner (sources). */
void chart_title(struct chart *c, const char *title, const char *small_print);

/* Appends untrusted text as a single-quoted gnuplot string that is nothing but a string. */
void chart_quote(struct buf *out, const char *text);

/* "#rrggbb" of the i-th series: distinguishable for colour-blind readers, the same in every chart. */
const char *chart_colour(size_t i);

/* A number for the data file: NaN where there is none. */
void chart_number(struct buf *out, double value);

#endif
