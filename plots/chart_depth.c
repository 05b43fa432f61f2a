/* SPDX-License-Identifier: MIT */
/* How decode slows as the context grows: pieces of answers as dots, medians of one depth as lines. */
#include <math.h>

#include "analyze/cell_depth.h"
#include "analyze/decimal.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

#define STEADY      0.01 /* a smaller change is none */
#define BESIDE_FROM 6    /* a slide has no room above the axes for more names */
#define DOTS_MAX    3000 /* of one row: more would hide each other, and make a picture nobody can open */

struct curve {
    const struct depth_bin *bins;
    size_t count;
};

/* The deepest and the fastest of what is drawn. */
struct extent {
    double depth, rate;
};

static double middle(uint64_t depth)
{
    return (double)depth + DEPTH_BIN / 2.0;
}

/* An even choice among too many, in no step with the depths, which come in rounds. */
static int is_drawn(size_t i, size_t count)
{
    const double golden = 0.6180339887498949;
    double place = (double)i * golden;
    return count <= DOTS_MAX || place - floor(place) < (double)DOTS_MAX / (double)count;
}

/* One block of dots and one of medians. */
static void put_cell(struct chart *c, const struct chart_row *row, const struct curve *curve, int shape,
                     struct extent *extent)
{
    size_t code = palette_engine(row->row->engine);
    buf_puts(&c->data, "# ");
    chart_data_text(&c->data, row->label);
    buf_puts(&c->data, "\n# depth tok_s engine\n");
    for (size_t i = 0; i < row->cell->depth_count; i++) {
        const struct depth_point *point = &cell_depth_at(row->cell, i)->point;
        if (is_drawn(i, row->cell->depth_count))
            buf_printf(&c->data, "%.9g %.9g %zu\n", middle(point->depth), depth_rate(point), code);
        extent->depth = fmax(extent->depth, middle(point->depth));
        extent->rate = fmax(extent->rate, depth_rate(point));
    }
    buf_puts(&c->data, "\n\n# depth median_tok_s engine n shape\n");
    for (size_t i = 0; i < curve->count; i++)
        buf_printf(&c->data, "%.9g %.9g %zu %llu %d\n", middle(curve->bins[i].depth),
                   curve->bins[i].rate.value, code, (unsigned long long)curve->bins[i].rate.n, shape);
    buf_puts(&c->data, "\n\n");
}

/* What the title tells: of the row that is fastest at its least depth, among those that go about as deep as
 * any. */
struct message {
    double reach, rate;
};

static double reach(const struct curve *curve)
{
    return middle(curve->bins[curve->count - 1].depth);
}

static int tells_more(const struct curve *curve, const struct message *so_far)
{
    if (curve->count < 2 || reach(curve) < so_far->reach / 2)
        return 0;
    return reach(curve) > 2 * so_far->reach || curve->bins[0].rate.value > so_far->rate;
}

static void put_rate(struct buf *out, double rate)
{
    decimal_fixed(out, rate, rate < 10 ? 2 : 1);
}

static void put_title(struct chart *c, const struct chart_row *row, const struct curve *curve,
                      struct message *so_far)
{
    const struct depth_bin *first = curve->bins, *last = curve->bins + curve->count - 1;
    double change = last->rate.value / first->rate.value - 1;
    if (!tells_more(curve, so_far))
        return;
    *so_far = (struct message){reach(curve), first->rate.value};
    buf_clear(&c->title);
    if (row)
        buf_printf(&c->title, "%s: ", row->label);
    if (fabs(change) < STEADY) {
        buf_puts(&c->title, "decode stays at ");
    } else {
        buf_printf(&c->title, "decode %s from ", change < 0 ? "falls" : "rises");
        put_rate(&c->title, first->rate.value);
        buf_puts(&c->title, " to ");
    }
    put_rate(&c->title, last->rate.value);
    buf_printf(&c->title, " tok/s between %.3gK and %.3gK tokens of context", middle(first->depth) / 1000,
               reach(curve) / 1000);
    if (!row)
        chart_capitalise(&c->title);
}

static void put_plot(struct chart *c, size_t cells, const struct extent *extent)
{
    buf_puts(&c->script, "set xtics ");
    chart_count_tics(&c->script, extent->depth * 1.04, 8);
    buf_printf(
        &c->script,
        "\nset xrange [0:%.9g]\nset yrange [0:%.9g]\n"
        "set xlabel 'tokens of context' textcolor rgb muted\nset ylabel 'decode, tok/s' textcolor rgb "
        "muted\n"
        "plot for [i=0:%zu:2] data index i using 1:2:(ink($3) + 0xA0000000) with points pointtype 7 "
        "pointsize %.2f linecolor rgb variable, \\\n"
        "     for [i=1:%zu:2] '' index i using 1:2:5:(ink($3)) with linespoints pointtype variable pointsize "
        "%.2f linewidth 1.6 linecolor rgb variable\n",
        extent->depth * 1.04, extent->rate * 1.08, 2 * cells - 2, c->mark / 40, 2 * cells - 1, c->mark / 15);
}

/* What is drawn so far. */
struct drawn {
    size_t cells, of_engine[ENGINE_CODES], legend_wanted;
    const char *heading; /* not yet in the legend */
    struct extent extent;
    struct message message;
};

static void add_curve(struct chart *c, const struct chart_row *row, int named, const struct curve *curve,
                      struct drawn *d)
{
    size_t code = palette_engine(row->row->engine);
    int shape = palette_series_shape(d->of_engine[code]++);
    put_cell(c, row, curve, shape, &d->extent);
    if (d->heading)
        chart_legend_heading(c, d->heading);
    d->legend_wanted += d->heading ? 2 : 1;
    d->heading = NULL;
    chart_legend_add(c, row->label, palette_engine_colour(c->style->theme, code), shape);
    put_title(c, named ? row : NULL, curve, &d->message);
    d->cells++;
}

static int add_row(struct chart *c, const struct chart_row *row, int named, struct drawn *d)
{
    struct depth_bin *bins = NULL;
    struct curve curve = {NULL, 0};
    if (!row->row) {
        d->heading = row->label;
        return TT_OK;
    }
    int status = cell_depth(row->cell, &bins, &curve.count);
    curve.bins = bins;
    if (!status && curve.count)
        add_curve(c, row, named, &curve, d);
    mem_free(bins);
    return status;
}

int chart_depth(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct drawn d = {0};
    rows_of_report(&rows, input, ROWS_PLAIN);
    buf_puts(&c->title, "Decode rate against depth of context");
    for (size_t i = 0; i < rows.count; i++) {
        if (add_row(c, &rows.rows[i], rows.cells > 1, &d))
            return error_set(e, TT_NOMEM, "out of memory for chart 'depth'");
    }
    if (!d.cells)
        return error_set(e, TT_NOTFOUND, "no chart 'depth': no run has %d tokens and a known prompt length",
                         DEPTH_MIN_TOKENS);
    chart_provenance(c, input);
    if (rows.cells == 1 || d.legend_wanted > CHART_LEGEND_MAX) { /* its name is in the summary; or too many */
        c->legend_count = 0;
        rows_engine_legend(c, &rows);
    }
    if (c->style->size == CHART_SLIDE && c->legend_count > BESIDE_FROM) {
        c->legend_beside = 1;
        c->right = c->width * 0.34;
    }
    put_plot(c, d.cells, &d.extent);
    return TT_OK;
}
