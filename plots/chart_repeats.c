/* SPDX-License-Identifier: MIT */
/* Whether repeats agree: each one's decode rate as distance from the median. */
#include <math.h>

#include "analyze/decimal.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

struct agreement {
    double median, half; /* half width of the mean's 95 % interval, per cent of the median */
    double drift;        /* per cent of the median from one repeat to the next */
    size_t n;
};

/* Slope of a least-squares line through values in order of time. */
static double slope(const double *values, size_t n)
{
    double mean = stats_mean(values, n), middle = (double)(n - 1) / 2, top = 0, bottom = 0;
    for (size_t i = 0; i < n; i++) {
        top += ((double)i - middle) * (values[i] - mean);
        bottom += ((double)i - middle) * ((double)i - middle);
    }
    return n > 2 ? top / bottom : NAN;
}

static struct agreement measure(const double *values, double *scratch, size_t n)
{
    struct agreement a = {NAN, NAN, NAN, n};
    for (size_t i = 0; i < n; i++)
        scratch[i] = values[i];
    if (!n)
        return a;
    a.median = stats_median(scratch, n);
    if (n > 2)
        a.half = 100 * stats_t975(n - 1) * stats_sd(values, n) / sqrt((double)n) / a.median;
    a.drift = 100 * slope(values, n) / a.median;
    return a;
}

static void put_text(struct chart *c, const struct chart_rows *rows, size_t i, const struct agreement *a)
{
    struct buf text = BUF_INIT;
    decimal_fixed(&text, a->median, 1);
    if (!isnan(a->drift)) {
        buf_puts(&text, "  ");
        chart_signed(&text, a->drift, 2);
        buf_puts(&text, " %/repeat");
    }
    if (a->n)
        buf_printf(&text, "  n %zu", a->n);
    rows_text(c, rows, i, &text, INK_TEXT);
}

static void put_dots(struct chart *c, const struct chart_rows *rows, size_t i, const double *values,
                     const struct agreement *a, double *widest)
{
    for (size_t k = 0; k < a->n; k++) {
        double off = stats_round(100 * (values[k] / a->median - 1), 4);
        double spread = a->n > 1 ? ((double)k / (double)(a->n - 1) - 0.5) * 0.5 : 0;
        buf_printf(&c->data, "%.4f %zu ", (double)i + spread, palette_engine(rows->rows[i].row->engine));
        chart_number(&c->data, off);
        chart_number(&c->data, values[k]);
        rows_data_end(c, rows, i);
        *widest = fmax(*widest, fabs(off));
    }
}

/* Block 0 is dots, block 1 summaries. Returns the rows shown. */
static size_t put_data(struct chart *c, const struct chart_rows *rows, double *values, double *scratch,
                       double *widest)
{
    size_t shown = 0;
    struct buf summary = BUF_INIT;
    buf_puts(&c->data, "# place engine off_median_pct decode_tok_s label\n");
    buf_puts(&summary, "# place engine interval_pct median_tok_s drift_pct_per_repeat n\n");
    for (size_t i = 0; i < rows->count; i++) {
        size_t n = rows->rows[i].row ? row_values(&rows->rows[i], run_decode, values) : 0;
        struct agreement a = measure(values, scratch, n);
        if (rows->rows[i].row)
            put_text(c, rows, i, &a);
        if (!n)
            continue;
        put_dots(c, rows, i, values, &a, widest);
        const double line[] = {isnan(a.half) ? 0 : stats_round(a.half, 4), a.median, stats_round(a.drift, 4),
                               (double)n};
        buf_printf(&summary, "%zu %zu ", i, palette_engine(rows->rows[i].row->engine));
        chart_numbers(&summary, line, 4);
        buf_putc(&summary, '\n');
        *widest = fmax(*widest, line[0]);
        shown++;
    }
    buf_puts(&c->data, "\n\n");
    if (summary.failed)
        c->data.failed = summary.failed;
    buf_append(&c->data, summary.data, summary.len);
    buf_release(&summary);
    return shown;
}

int chart_repeats(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    size_t runs = chart_largest_cell(input->report), shown = 0;
    double *room = mem_alloc(2 * runs * sizeof *room), widest = 0;
    if (!room)
        return error_set(e, TT_NOMEM, "out of memory for chart 'repeats'");
    if (!rows_of_phases(&rows, input))
        rows_of_report(&rows, input, ROWS_PLAIN);
    rows.value_pixels = c->font * (c->style->size == CHART_SLIDE ? 13.5 : 12.5);
    rows_axes(c, &rows, "decode, % off the row's median (bar: 95 % interval)");
    shown = put_data(c, &rows, room, room + runs, &widest);
    mem_free(room);
    if (!shown)
        return error_set(e, TT_NOTFOUND, "no chart 'repeats': no run has a decode rate");
    if (chart_most_repeats(input) < 2)
        buf_puts(&c->title, "One repeat: nothing to hold it against");
    else
        buf_printf(&c->title, "Repeats stay within \xC2\xB1%.*f %% of the median decode rate",
                   widest < 1 ? 2 : 1, fmax(widest, 0.01));
    chart_provenance(c, input);
    rows_engine_legend(c, &rows);
    widest = widest > 0.05 ? widest * 1.15 : 0.1;
    buf_printf(
        &c->script,
        "set xrange [%.9g:%.9g]\nset xtics %.9g\n"
        "set arrow from first 0, graph 0 to first 0, graph 1 nohead linecolor rgb muted back\n"
        "set style fill solid 0.25 noborder\n"
        "plot data index 1 using (0):1:3:(0.34):(ink($2)) with boxxyerror linecolor rgb variable, \\\n"
        "     '' index 0 using 3:1:(ink($2)) with points pointtype 7 pointsize %.2f linecolor rgb variable\n",
        -widest, widest, chart_step(widest, fmin(rows_marks_most(c) / 2, 2.5)), c->mark / 22);
    return TT_OK;
}
