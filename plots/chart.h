/* SPDX-License-Identifier: MIT */
/* A chart: a gnuplot script and its data file, kept beside the picture so that anyone can draw it again.
 *
 * A chart's own file fills title, legend, data and plot commands; chart_draw lays them out, puts the common
 * head in front, writes both files and has gnuplot draw. Lengths are pixels of a picture at scale 1. */
#ifndef TOKTAPE_CHART_H
#define TOKTAPE_CHART_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/error.h"

enum chart_format { CHART_SVG, CHART_PNG };
enum chart_theme { CHART_LIGHT, CHART_DARK };
enum chart_size { CHART_COLUMN, CHART_SLIDE };

struct chart_style {
    enum chart_format format;
    enum chart_theme theme;
    enum chart_size size;
    const char *templates; /* folder whose NAME.gp replaces the plot commands of chart NAME; NULL */
};

#define CHART_NAME_MAX   64
#define CHART_LEGEND_MAX 24
#define CHART_ROWS_MAX   120 /* rows of one picture */
#define CHART_HEADING    (-1)

struct chart_legend {
    char text[256];
    unsigned long colour; /* 0xRRGGBB */
    int shape;            /* gnuplot's point type; CHART_HEADING */
};

struct chart {
    const char *kind;          /* of the catalogue: "leaderboard" */
    char name[CHART_NAME_MAX]; /* of the files: NAME.dat, NAME.gp, NAME.svg */
    const struct chart_style *style;
    double width, height;       /* chart_layout sets the height of a column picture */
    double font;                /* size of ordinary text */
    double mark;                /* the same for point sizes, which terminals understand differently */
    double left, right, bottom; /* around the axes; ticks and axis titles stand in them */
    double plot_height;         /* wanted height of the axes; slides give what there is */
    double gap;                 /* more room between legend and axes */
    double top, foot;           /* chart_layout: title and legend above, small print below */
    int is_bare;                /* title, summary and sources stand beside the picture, not in it */
    struct buf title, summary;  /* the message; n and marks */
    struct buf sources;         /* content ids */
    struct chart_legend legend[CHART_LEGEND_MAX];
    size_t legend_count;
    int legend_beside; /* right of the axes, an entry a line, where `right` has room for it */
    struct buf data;   /* NAME.dat; blocks are separated by two empty lines */
    struct buf script; /* plot commands behind the common head */
};

void chart_init(struct chart *c, const char *kind, const char *name, const struct chart_style *style);
void chart_release(struct chart *c);

/* Adds an entry to the legend; more than CHART_LEGEND_MAX are left out. */
void chart_legend_add(struct chart *c, const char *text, unsigned long colour, int shape);

/* The entries behind it, up to the next one, belong under this heading, on a line of its own. */
void chart_legend_heading(struct chart *c, const char *text);

/* Computes top, foot and height from what is in title, summary, sources and legend. */
void chart_layout(struct chart *c);

/* The whole script, as NAME.gp has it. TT_OK, what reading a template gave, or TT_NOMEM. */
int chart_script(struct chart *c, struct buf *out, struct error *e);

/* Writes script and data into `dir`, then has gnuplot draw. Without gnuplot the files stay and TT_NOTFOUND
 * comes. */
int chart_draw(struct chart *c, const char *dir, struct error *e);

/* Appends untrusted text as a single-quoted gnuplot string that is nothing but a string. */
void chart_quote(struct buf *out, const char *text);

/* The same, cut to what fits `pixels` at that size of text, an ellipsis at its end. */
void chart_quote_fitting(struct buf *out, const char *text, double font, double pixels);

/* The same, cut in the middle: names of rows differ at their ends. */
void chart_quote_middle(struct buf *out, const char *text, double font, double pixels);
void chart_fit_middle(struct buf *out, const char *text, double font, double pixels); /* without quotes */

/* The same for a mark on an axis, which gnuplot takes for a format of its value. */
void chart_quote_tic(struct buf *out, const char *text, double font, double pixels);

/* A sentence begins with a capital. */
void chart_capitalise(struct buf *text);

/* As a double-quoted word of a data file. */
void chart_data_text(struct buf *out, const char *text);

/* Numbers of the data file, each with a blank behind it: NaN where there is none. */
void chart_number(struct buf *out, double value);
void chart_numbers(struct buf *out, const double *values, size_t count);

#define CHART_FONT "Helvetica"

/* What makes a font bold: the SVG terminal takes the word for a part of the name. */
const char *chart_bold(const struct chart *c);

/* "+1.5", with a minus that is as wide as the plus. */
void chart_signed(struct buf *out, double value, int decimals);

/* "71.6 ms", "3.29 s", "14 min", "5.5 h". */
void chart_duration(struct buf *out, double seconds);

/* About how wide the text is drawn. */
double chart_text_pixels(const char *text, double font);

/* A list of marks for a logarithmic axis: 1, 2, 5, 10 …; powers of ten alone where those are many. */
void chart_log_tics(struct buf *out, double low, double high);

/* The same for an axis of counts that begins at nought: '0' 0, '500' 500, '1K' 1000 … */
void chart_count_tics(struct buf *out, double largest, double most);

/* Some room on both sides of what a logarithmic axis shows, and a decade at least. */
void chart_log_range(double *low, double *high);

/* A round step that gives at most `most` marks up to `largest`. */
double chart_step(double largest, double most);

#endif
