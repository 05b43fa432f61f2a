/* SPDX-License-Identifier: MIT */
/* How decode slows as the context grows: every stretch of tokens a dot, medians of like depth a line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

#define BIN_TOKENS 4096.0

static int by_depth(const void *a, const void *b)
{
    const struct depth_point *x = a, *y = b;
    int order = order_doubles(x->depth, y->depth);
    return order ? order : order_doubles(x->tok_s, y->tok_s);
}

/* All points of a cell, by depth; mem_free. TT_OK, also when there are none, or TT_NOMEM. */
static int points_of(const struct chart_input *input, const struct cell *cell, struct depth_point **points,
                     size_t *count)
{
    size_t capacity = 0;
    for (size_t t = 0; t < cell->trace_count; t++) {
        for (size_t d = 0; d < input->depth_count; d++) {
            const struct depth_trace *trace = &input->depths[d];
            if (strcmp(trace->path, cell->traces[t].path) != 0 || !trace->count)
                continue;
            if (mem_grow(points, &capacity, *count + trace->count, sizeof **points))
                return TT_NOMEM;
            memcpy(*points + *count, trace->points, trace->count * sizeof **points);
            *count += trace->count;
            break; /* the same file given twice counts once */
        }
    }
    if (*count)
        qsort(*points, *count, sizeof **points, by_depth);
    return TT_OK;
}

struct curve {
    double first, last; /* medians at the least and the greatest depth */
    double from, to, fastest;
    size_t points;
};

static void put_bin(struct chart *c, struct curve *curve, double *values, size_t n, double depth, size_t code)
{
    double median = stats_median(values, n);
    buf_printf(&c->data, "%.9g %.9g %zu %zu\n", depth, median, code, n);
    if (!(curve->points > 0)) {
        curve->first = median;
        curve->from = depth;
    }
    curve->points++;
    curve->last = median;
    curve->to = depth;
    curve->fastest = fmax(curve->fastest, median);
}

/* One block of dots and one of medians for each cell. TT_OK or TT_NOMEM. */
static int put_cell(struct chart *c, const struct depth_point *points, size_t count, size_t code,
                    struct curve *curve)
{
    double *values = mem_alloc((count + 1) * sizeof *values), sum = 0;
    size_t n = 0;
    if (!values)
        return TT_NOMEM;
    for (size_t i = 0; i < count; i++) {
        buf_printf(&c->data, "%.9g %.9g %zu\n", points[i].depth, points[i].tok_s, code);
        curve->fastest = fmax(curve->fastest, points[i].tok_s);
    }
    buf_puts(&c->data, "\n\n# depth median_tok_s engine n\n");
    for (size_t i = 0; i < count; i++) {
        values[n++] = points[i].tok_s;
        sum += points[i].depth;
        if (i + 1 < count && floor(points[i + 1].depth / BIN_TOKENS) == floor(points[i].depth / BIN_TOKENS))
            continue;
        put_bin(c, curve, values, n, sum / (double)n, code);
        n = 0;
        sum = 0;
    }
    buf_puts(&c->data, "\n\n");
    mem_free(values);
    return TT_OK;
}

static void put_plot(struct chart *c, size_t cells, double fastest)
{
    buf_printf(
        &c->script,
        "set xrange [0:*]\nset yrange [0:%.9g]\nset format x '%%.0s%%c'\n"
        "set xlabel 'tokens of context' textcolor rgb muted\nset ylabel 'decode, tok/s' textcolor rgb muted\n"
        "plot for [i=0:%zu:2] data index i using 1:2:(ink($3) + 0xA0000000) with points pointtype 7 "
        "pointsize "
        "%.2f linecolor rgb variable, \\\n"
        "     for [i=1:%zu:2] '' index i using 1:2:(ink($3)) with linespoints pointtype 7 pointsize %.2f "
        "linewidth 1.6 linecolor rgb variable\n",
        fastest * 1.08, 2 * cells - 2, c->font / 40, 2 * cells - 1, c->font / 24);
}

int chart_depth(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct curve steepest = {0};
    size_t cells = 0;
    double fastest = 0;
    int status = TT_OK;
    rows_of_report(&rows, input, ROWS_PLAIN);
    for (size_t i = 0; i < rows.count && !status; i++) {
        size_t count = 0;
        struct curve curve = {0};
        struct depth_point *points = NULL;
        if (rows.rows[i].row)
            status = points_of(input, rows.rows[i].cell, &points, &count);
        if (count && !status) {
            buf_puts(&c->data, "# ");
            chart_data_text(&c->data, rows.rows[i].label);
            buf_puts(&c->data, "\n# depth tok_s engine\n");
            status = put_cell(c, points, count, palette_engine(rows.rows[i].row->engine), &curve);
            cells++;
            fastest = fmax(fastest, curve.fastest);
        }
        if (curve.points > 1 && curve.last < curve.first &&
            (!steepest.points || curve.fastest > steepest.fastest))
            steepest = curve;
        mem_free(points);
    }
    if (status)
        return error_set(e, TT_NOMEM, "out of memory for chart 'depth'");
    if (!cells)
        return error_set(e, TT_NOTFOUND, "no chart 'depth': no run has 32 tokens and a known prompt length");
    if (steepest.points)
        buf_printf(&c->title,
                   "Decode falls from %.4g to %.4g tok/s between %.0fK and %.0fK tokens of context",
                   steepest.first, steepest.last, steepest.from / 1000, steepest.to / 1000);
    else
        buf_puts(&c->title, "Decode rate against depth of context");
    chart_provenance(c, input);
    rows_engine_legend(c, &rows);
    put_plot(c, cells, fastest);
    return TT_OK;
}
