/* SPDX-License-Identifier: MIT */
/* What charts of horizontal rows share: which rows there are, their labels, and the axes. */
#ifndef TOKTAPE_CHART_ROWS_H
#define TOKTAPE_CHART_ROWS_H

#include "plots/charts.h"
#include "plots/palette.h"

enum chart_row_kind { ROW_ORDINARY, ROW_HEADING, ROW_MINOR };

struct chart_row {
    enum chart_row_kind kind;
    const struct report_row *row; /* NULL for a heading, and in charts that are not of the report's rows */
    const struct cell *cell;      /* likewise */
    size_t phase;                 /* SIZE_MAX: not one phase's row */
    const char *label;            /* borrowed */
};

struct chart_rows {
    struct chart_row rows[CHART_ROWS_MAX];
    size_t count;
    size_t cells; /* rows that are no headings */
    size_t left_out;
    double value_pixels; /* room for text at the right of the axes */
};

enum rows_by { ROWS_PLAIN, ROWS_BY_TIER };

/* The report's rows, with headings for blocks, and for tiers if asked, where there is more than one. */
void rows_of_report(struct chart_rows *rows, const struct chart_input *input, enum rows_by by);

/* The phases of the only cell; 0 when there are several cells. */
int rows_of_phases(struct chart_rows *rows, const struct chart_input *input);

/* Sizes the chart for the rows, and writes labels and the axis across them; before the plot command. `title`
 * is of the x axis. */
void rows_axes(struct chart *c, const struct chart_rows *rows, const char *title);

/* An axis from nought to a little more than `largest`, and its marks; after rows_axes. */
void rows_from_zero(struct chart *c, double largest);

/* How many marks stand beside each other without touching. */
double rows_marks_most(const struct chart *c);

/* Begins a line of data: its place and its engine's number. rows_data_end adds the label. */
void rows_data_begin(struct chart *c, const struct chart_rows *rows, size_t i);
void rows_data_end(struct chart *c, const struct chart_rows *rows, size_t i);

/* Text right of the axes in row i; it is released. */
void rows_text(struct chart *c, const struct chart_rows *rows, size_t i, struct buf *text, enum ink ink);

/* Appends what the figures rest on: "18 cells · 5 repeats each · synthetic"; and the traces' content ids. */
void chart_provenance(struct chart *c, const struct chart_input *input);

/* Parts of it: one more content id in the small print; the marks. */
void chart_source(struct chart *c, const char *content_id);
void chart_marks(struct chart *c, int synthetic, int incomplete);
int row_is_partial(const struct report_row *row); /* a trace of it was incomplete or repaired */

/* Legend entries for the engines that the rows have. */
void rows_engine_legend(struct chart *c, const struct chart_rows *rows);

/* Values of a row of the chart: of its phase, or of the headline runs. In order of time. */
size_t row_values(const struct chart_row *row, cell_value *value, double *out);

uint64_t chart_most_repeats(const struct chart_input *input);
size_t chart_largest_cell(const struct report *report); /* runs of it, at least 1 */

#endif
