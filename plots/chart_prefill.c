/* SPDX-License-Identifier: MIT */
/* Time to first token of every valid run against the tokens that had to be computed. */
#include <math.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

struct range {
    double x_low, x_high, y_low, y_high;
};

static double uncached(const struct cell_run *run)
{
    const struct run_figures *f = run->figures;
    if (f->prompt_tokens == ABSENT || f->cached_state != CACHED_NUMBER || f->cached_tokens > f->prompt_tokens)
        return NAN;
    return (double)(f->prompt_tokens - f->cached_tokens);
}

static size_t put_runs(struct chart *c, const struct chart_row *row, struct range *range)
{
    size_t shown = 0;
    for (size_t i = 0; i < row->cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(row->cell, i);
        double x = uncached(run), y = run->figures->ttft_ms;
        if (!cell_run_is_valid(run) || !(x >= 1) || !(y > 0))
            continue;
        buf_printf(&c->data, "%.0f %.9g %zu ", x, y, palette_engine(row->row->engine));
        buf_printf(&c->data, "%d %llu ", palette_engine_shape(palette_engine(row->row->engine)),
                   (unsigned long long)run->figures->repeat);
        chart_data_text(&c->data, cell_phase_name(row->cell, run));
        buf_putc(&c->data, ' ');
        chart_data_text(&c->data, row->label);
        buf_putc(&c->data, '\n');
        range->x_low = fmin(range->x_low, x);
        range->x_high = fmax(range->x_high, x);
        range->y_low = fmin(range->y_low, y);
        range->y_high = fmax(range->y_high, y);
        shown++;
    }
    return shown;
}

/* Median TTFT of the valid runs that had `x` tokens to compute, into `out`. */
static void put_wait(struct buf *out, const struct cell *cell, double x, double *scratch)
{
    size_t n = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        if (cell_run_is_valid(cell_run_at(cell, i)) && uncached(cell_run_at(cell, i)) == x &&
            cell_run_at(cell, i)->figures->ttft_ms > 0)
            scratch[n++] = cell_run_at(cell, i)->figures->ttft_ms;
    }
    chart_duration(out, stats_median(scratch, n) / 1e3);
}

static void put_count(struct buf *out, double tokens)
{
    if (tokens < 1e3)
        buf_printf(out, " with %.0f", tokens);
    else
        buf_printf(out, " with %.3gK", tokens / 1e3);
}

/* One cell's title tells its figures; of several cells it tells what the chart is about. */
static int put_title(struct chart *c, const struct chart_rows *rows, const struct range *r)
{
    const struct cell *cell = rows->rows[rows->count - 1].cell;
    if (rows->cells > 1 || r->x_low >= r->x_high) {
        buf_puts(&c->title, "Time to first token against tokens that were not cached");
        return TT_OK;
    }
    double *scratch = mem_alloc(cell->run_count * sizeof *scratch);
    if (!scratch)
        return TT_NOMEM;
    buf_puts(&c->title, "The first token takes ");
    put_wait(&c->title, cell, r->x_low, scratch);
    put_count(&c->title, r->x_low);
    buf_printf(&c->title, " uncached token%s, ", r->x_low > 1 ? "s" : "");
    put_wait(&c->title, cell, r->x_high, scratch);
    put_count(&c->title, r->x_high);
    mem_free(scratch);
    return TT_OK;
}

/* Faint lines of equal speed: 10, 100, 1K … tok/s, named where they leave the axes: above or to the right. */
static void put_speeds(struct chart *c, const struct range *r)
{
    for (double speed = 10; speed <= 1e6; speed *= 10) {
        double y = r->x_high / speed * 1e3, x = r->x_high;
        if (y > r->y_high) {
            y = r->y_high;
            x = y * speed / 1e3;
        }
        if (y < r->y_low || x < r->x_low * 1.5)
            continue;
        buf_printf(&c->script,
                   "set arrow from %.9g,%.9g to %.9g,%.9g nohead back linewidth 1 linecolor rgb grid\n"
                   "set label '%.0f%s tok/s' at %.9g,%.9g %s font ',%.1f' textcolor rgb muted\n",
                   fmax(r->x_low, r->y_low * speed / 1e3), fmax(r->y_low, r->x_low / speed * 1e3), x, y,
                   speed < 1e3   ? speed
                   : speed < 1e6 ? speed / 1e3
                                 : speed / 1e6,
                   speed < 1e3   ? ""
                   : speed < 1e6 ? "K"
                                 : "M",
                   x, y, y < r->y_high ? "left offset 0.4,0" : "right offset -0.3,0.55", c->font * 0.75);
    }
}

int chart_prefill(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct range r = {INFINITY, 0, INFINITY, 0};
    size_t shown = 0;
    rows_of_report(&rows, input, ROWS_PLAIN);
    buf_puts(&c->data, "# uncached_tokens ttft_ms engine shape repeat phase label\n");
    for (size_t i = 0; i < rows.count; i++) {
        size_t runs = rows.rows[i].row ? put_runs(c, &rows.rows[i], &r) : 0;
        if (!runs)
            rows.rows[i].row = NULL; /* an engine without a dot has no place in the legend */
        shown += runs;
    }
    if (!shown)
        return error_set(e, TT_NOTFOUND,
                         "no chart 'prefill': no run tells what was cached and when it answered");
    if (put_title(c, &rows, &r))
        return error_set(e, TT_NOMEM, "out of memory for chart 'prefill'");
    chart_log_range(&r.x_low, &r.x_high);
    chart_log_range(&r.y_low, &r.y_high);
    buf_printf(&c->summary, "%zu run%s", shown, shown == 1 ? "" : "s");
    chart_provenance(c, input);
    rows_engine_legend(c, &rows);
    c->left = 6.6 * c->font;
    c->right = 6 * c->font;
    c->gap = 0.8 * c->font;
    put_speeds(c, &r);
    buf_puts(&c->script, "set xtics ");
    chart_log_tics(&c->script, r.x_low, r.x_high);
    buf_puts(&c->script, "\nset ytics ");
    chart_log_tics(&c->script, r.y_low, r.y_high);
    buf_printf(&c->script,
               "\nset logscale xy\nset format '%%.10g'\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n"
               "set xlabel 'tokens that were not cached' textcolor rgb muted\n"
               "set ylabel 'time to first token, ms' textcolor rgb muted\n"
               "plot data using 1:2:(%.2f):4:(ink($3)) with points pointsize variable pointtype variable "
               "linecolor rgb variable\n",
               r.x_low, r.x_high, r.y_low, r.y_high, c->mark / 20);
    return TT_OK;
}
