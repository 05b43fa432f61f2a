/* SPDX-License-Identifier: MIT */
/* The arrival of one answer: a staircase of tokens over time, and how the gaps between reads are distributed.
 */
#include <math.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

#define BINS         48
#define SECONDS_FROM 10000 /* ms */

static double ms_after_start(const struct token_run *run, size_t i)
{
    return (double)(run->tokens[i].t - run->t_zero) * run->ms_per_tick;
}

struct arrivals {
    double total, last_ms; /* tokens, and when the last of them came */
};

static struct arrivals put_arrivals(struct buf *out, const struct token_run *run)
{
    double total = 0;
    buf_puts(out, "# ms_after_sending tokens_so_far gap_ms tokens_of_this_read\n");
    for (size_t i = 0; i < run->count; i++) {
        total += run->tokens[i].tokens;
        chart_number(out, ms_after_start(run, i));
        chart_number(out, total);
        chart_number(out, i ? ms_after_start(run, i) - ms_after_start(run, i - 1) : NAN);
        buf_printf(out, "%.9g\n", run->tokens[i].tokens);
    }
    buf_puts(out, "\n\n");
    return (struct arrivals){total, ms_after_start(run, run->count - 1)};
}

struct gaps {
    double *sorted; /* ms */
    size_t n;
    double p50, p90, p99, low, high;
};

static int measure_gaps(struct gaps *g, const struct token_run *run)
{
    g->sorted = mem_alloc(run->count * sizeof *g->sorted);
    if (!g->sorted)
        return TT_NOMEM;
    for (size_t i = 1; i < run->count; i++)
        g->sorted[g->n++] = ms_after_start(run, i) - ms_after_start(run, i - 1);
    g->n = stats_sort(g->sorted, g->n);
    g->p50 = stats_percentile(g->sorted, g->n, 0.5);
    g->p90 = stats_percentile(g->sorted, g->n, 0.9);
    g->p99 = stats_percentile(g->sorted, g->n, 0.99);
    g->low = fmax(stats_percentile(g->sorted, g->n, 0.005) * 0.7, fmax(g->p50 / 30, 1e-4));
    g->high = fmax(g->sorted[g->n - 1] * 1.4, g->low * 10);
    return TT_OK;
}

/* A histogram whose bins are equally wide on a logarithmic axis; shorter gaps fall into the first. */
static double put_histogram(struct buf *out, const struct gaps *g)
{
    size_t counts[BINS] = {0}, most = 0;
    double step = log(g->high / g->low) / BINS;
    for (size_t i = 0; i < g->n; i++) {
        double bin = g->sorted[i] > g->low ? floor(log(g->sorted[i] / g->low) / step) : 0;
        counts[bin < BINS ? (size_t)bin : BINS - 1]++;
    }
    buf_puts(out, "# gap_from_ms gap_to_ms share_pct\n");
    for (size_t i = 0; i < BINS; i++) {
        most = counts[i] > most ? counts[i] : most;
        buf_printf(out, "%.6g %.6g %.6g\n", g->low * exp(step * (double)i),
                   g->low * exp(step * (double)(i + 1)), 100 * (double)counts[i] / (double)g->n);
    }
    return 100 * (double)most / (double)g->n;
}

static void put_percentiles(struct chart *c, const struct gaps *g)
{
    const struct {
        const char *name;
        double at, height;
    } marks[] = {{"p50", g->p50, 0.98}, {"p90", g->p90, 0.83}, {"p99", g->p99, 0.68}};
    for (size_t i = 0; i < 3; i++) {
        int left = log(marks[i].at / g->low) > 0.6 * log(g->high / g->low);
        if (!(marks[i].at > 0))
            continue;
        buf_printf(
            &c->script,
            "set arrow from first %.9g, graph 0 to first %.9g, graph %.2f nohead linewidth 1 dashtype 2 "
            "linecolor rgb text\n"
            "set label '%s' at first %.9g, graph %.2f %s offset %s,-0.4 font ',%.1f' textcolor rgb "
            "text\n",
            marks[i].at, marks[i].at, marks[i].height, marks[i].name, marks[i].at, marks[i].height,
            left ? "right" : "left", left ? "-0.4" : "0.4", c->font * 0.8);
    }
}

/* A long answer's axis counts seconds: milliseconds would be long numbers. */
static void put_staircase(struct chart *c, double total, double last_ms)
{
    unsigned long colour = palette_ink(c->style->theme, INK_ONE);
    double unit = last_ms < SECONDS_FROM ? 1 : 1000, last = fmax(last_ms / unit, 1e-6);
    buf_printf(&c->script,
               "set xrange [0:%.9g]\nset xtics %.9g\nset yrange [0:%.9g]\nset ytics %.9g\n"
               "set ylabel 'tokens so far' textcolor rgb muted\n"
               "set xlabel '%s after the request was sent' offset 0,0.4 textcolor rgb muted\n",
               last * 1.04, chart_step(last * 1.04, 8), total * 1.06, fmax(chart_step(total * 1.06, 6), 1),
               unit > 1 ? "seconds" : "ms");
    buf_printf(&c->script,
               "plot data index 0 using ($1/%.0f):2 with fillsteps fillstyle transparent solid 0.2 linecolor "
               "rgb '#%06lX', \\\n"
               "     '' index 0 using ($1/%.0f):2 with steps linewidth 1.6 linecolor rgb '#%06lX'\n",
               unit, colour, unit, colour);
}

static void put_plot(struct chart *c, const struct arrivals *a, const struct gaps *g, double most)
{
    unsigned long two = palette_ink(c->style->theme, INK_TWO);
    double bottom = (c->bottom + c->foot) / c->height, top = 1 - c->top / c->height;
    double middle = bottom + (top - bottom) * 0.36;
    struct buf tics = BUF_INIT;
    chart_log_tics(&tics, g->low, g->high);
    buf_printf(&c->script, "set multiplot\nset bmargin at screen %.5f\n", middle + 3.4 * c->font / c->height);
    put_staircase(c, a->total, a->last_ms);
    buf_printf(&c->script,
               "unset label\nset tmargin at screen %.5f\nset bmargin at screen %.5f\n"
               "set logscale x\nset format x '%%.4g'\nset xtics %s\nset xrange [%.9g:%.9g]\nset yrange "
               "[0:%.9g]\nset ytics 0,%.9g,100\n"
               "set ylabel 'share, %%'\nset xlabel 'gap between reads, ms — p50 %.3g, p90 %.3g, p99 %.3g "
               "(logarithmic)'\n",
               middle - 1.2 * c->font / c->height, bottom, buf_text(&tics), g->low, g->high, most * 1.75,
               chart_step(most, 3), g->p50, g->p90, g->p99);
    c->script.failed = tics.failed ? tics.failed : c->script.failed;
    buf_release(&tics);
    put_percentiles(c, g);
    buf_printf(&c->script,
               "set style fill solid 0.8 noborder\n"
               "plot data index 1 using (($1+$2)/2):($3/2):1:2:(0):3 with boxxyerror linecolor rgb '#%06lX'\n"
               "unset multiplot\n",
               two);
}

static void put_words(struct chart *c, const struct token_run *run, const struct arrivals *a,
                      const struct gaps *g)
{
    buf_printf(&c->title, "%.0f tokens arrive in ", a->total);
    chart_duration(&c->title, a->last_ms / 1e3);
    buf_printf(&c->title, ", the %s gap is ", g->n > 1 ? "typical" : "only");
    chart_duration(&c->title, g->p50 / 1e3);
    buf_printf(&c->summary, "%s \xC2\xB7 %zu reads with tokens, ", run->label, run->count);
    if (a->total > (double)run->count)
        buf_printf(&c->summary, "%.2g tokens each", a->total / (double)run->count);
    else
        buf_puts(&c->summary, "one token each");
}

int chart_tokens(struct chart *c, const struct chart_input *input, struct error *e)
{
    const struct token_run *run = input->tokens;
    struct gaps g = {0};
    if (!run || run->count < 2)
        return error_set(e, TT_NOTFOUND, "no chart 'tokens': no run has two reads with tokens");
    struct arrivals a = put_arrivals(&c->data, run);
    if (measure_gaps(&g, run))
        return error_set(e, TT_NOMEM, "out of memory for chart 'tokens'");
    double most = put_histogram(&c->data, &g);
    put_words(c, run, &a, &g);
    chart_provenance(c, input);
    c->plot_height = 26 * c->font;
    chart_layout(c);
    put_plot(c, &a, &g, most);
    mem_free(g.sorted);
    return TT_OK;
}
