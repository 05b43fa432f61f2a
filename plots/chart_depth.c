/* SPDX-License-Identifier: MIT */
/* How decode slows as the context grows: every piece of an answer a dot, medians of one depth a line. */
#include <math.h>

#include "analyze/cell_depth.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

#define STEADY 0.01 /* a smaller change is none */

struct curve {
    const struct depth_bin *bins;
    size_t count;
};

static double middle(uint64_t depth)
{
    return (double)depth + DEPTH_BIN / 2.0;
}

/* One block of dots and one of medians. */
static void put_cell(struct chart *c, const struct chart_row *row, const struct curve *curve, int shape,
                     double *fastest)
{
    size_t code = palette_engine(row->row->engine);
    buf_puts(&c->data, "# ");
    chart_data_text(&c->data, row->label);
    buf_puts(&c->data, "\n# depth tok_s engine\n");
    for (size_t i = 0; i < row->cell->depth_count; i++) {
        const struct depth_point *point = &row->cell->depths[i].point;
        buf_printf(&c->data, "%.9g %.9g %zu\n", middle(point->depth), depth_rate(point), code);
        *fastest = fmax(*fastest, depth_rate(point));
    }
    buf_puts(&c->data, "\n\n# depth median_tok_s engine n shape\n");
    for (size_t i = 0; i < curve->count; i++)
        buf_printf(&c->data, "%.9g %.9g %zu %llu %d\n", middle(curve->bins[i].depth),
                   curve->bins[i].rate.value, code, (unsigned long long)curve->bins[i].rate.n, shape);
    buf_puts(&c->data, "\n\n");
}

/* The message is that of the row which is fastest at its least depth. */
static void put_title(struct chart *c, const struct chart_row *row, const struct curve *curve, double *best)
{
    const struct depth_bin *first = curve->bins, *last = curve->bins + curve->count - 1;
    double change = last->rate.value / first->rate.value - 1;
    if (curve->count < 2 || first->rate.value <= *best)
        return;
    *best = first->rate.value;
    buf_clear(&c->title);
    if (row)
        buf_printf(&c->title, "%s: ", row->label);
    if (fabs(change) < STEADY)
        buf_printf(&c->title, "decode stays at %.4g tok/s", last->rate.value);
    else
        buf_printf(&c->title, "decode %s from %.4g to %.4g tok/s", change < 0 ? "falls" : "rises",
                   first->rate.value, last->rate.value);
    buf_printf(&c->title, " between %.3gK and %.3gK tokens of context", middle(first->depth) / 1000,
               middle(last->depth) / 1000);
    if (!row)
        chart_capitalise(&c->title);
}

static void put_plot(struct chart *c, size_t cells, double fastest)
{
    buf_printf(
        &c->script,
        "set xrange [0:*]\nset yrange [0:%.9g]\nset format x '%%.0s%%c'\n"
        "set xlabel 'tokens of context' textcolor rgb muted\nset ylabel 'decode, tok/s' textcolor rgb "
        "muted\n"
        "plot for [i=0:%zu:2] data index i using 1:2:(ink($3) + 0xA0000000) with points pointtype 7 "
        "pointsize %.2f linecolor rgb variable, \\\n"
        "     for [i=1:%zu:2] '' index i using 1:2:5:(ink($3)) with linespoints pointtype variable pointsize "
        "%.2f linewidth 1.6 linecolor rgb variable\n",
        fastest * 1.08, 2 * cells - 2, c->font / 40, 2 * cells - 1, c->font / 15);
}

int chart_depth(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    size_t cells = 0, of_engine[ENGINE_CODES] = {0};
    double fastest = 0, best = 0;
    int status = TT_OK;
    rows_of_report(&rows, input, ROWS_PLAIN);
    buf_puts(&c->title, "Decode rate against depth of context");
    for (size_t i = 0; i < rows.count && !status; i++) {
        struct depth_bin *bins = NULL;
        struct curve curve = {NULL, 0};
        if (rows.rows[i].row)
            status = cell_depth(rows.rows[i].cell, &bins, &curve.count);
        curve.bins = bins;
        if (!status && curve.count) {
            size_t code = palette_engine(rows.rows[i].row->engine);
            int shape = palette_series_shape(of_engine[code]++);
            put_cell(c, &rows.rows[i], &curve, shape, &fastest);
            chart_legend_add(c, rows.rows[i].label, palette_engine_colour(c->style->theme, code), shape);
            put_title(c, rows.cells > 1 ? &rows.rows[i] : NULL, &curve, &best);
            cells++;
        }
        mem_free(bins);
    }
    if (status)
        return error_set(e, TT_NOMEM, "out of memory for chart 'depth'");
    if (!cells)
        return error_set(e, TT_NOTFOUND, "no chart 'depth': no run has %d tokens and a known prompt length",
                         DEPTH_MIN_TOKENS);
    chart_provenance(c, input);
    if (rows.cells == 1 || cells > CHART_LEGEND_MAX) { /* its name is in the summary; or there are too many */
        c->legend_count = 0;
        rows_engine_legend(c, &rows);
    }
    put_plot(c, cells, fastest);
    return TT_OK;
}
