/* SPDX-License-Identifier: MIT */
/* Whether the machine stayed what it was: one cell, recorded again and again, each time a dot. */
#include <math.h>

#include "analyze/decimal.h"
#include "analyze/sentinel.h"
#include "analyze/statistics.h"
#include "plots/chart_rows.h"

#define RECORDINGS_MIN 3
#define DRIFT          0.02

static const enum ink inks[SENTINEL_METRICS] = {INK_ONE, INK_TWO, INK_THREE};

/* The only cell; NULL when there are several. */
static const struct chart_row *only_cell(const struct chart_rows *rows)
{
    const struct chart_row *found = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].cell)
            found = &rows->rows[i];
    }
    return rows->cells == 1 ? found : NULL;
}

static double per_cent(double logarithm)
{
    return stats_round(100 * (exp(logarithm) - 1), 4);
}

/* Returns how far from the mean the farthest dot is. */
static double put_data(struct chart *c, const struct sentinel *s)
{
    double widest = 0;
    buf_puts(&c->data, "# recording decode_off_pct prefill_off_pct ttft_off_pct\n");
    for (size_t i = 0; i < s->count; i++) {
        buf_printf(&c->data, "%zu ", i + 1);
        for (size_t k = 0; k < SENTINEL_METRICS; k++) {
            double off = per_cent(s->metrics[k].values[i]);
            chart_number(&c->data, off);
            widest = off > widest ? off : -off > widest ? -off : widest;
        }
        buf_putc(&c->data, '\n');
    }
    return widest;
}

static const struct sentinel_metric *first_drift(const struct sentinel *s)
{
    for (size_t k = 0; k < SENTINEL_METRICS; k++) {
        if (s->metrics[k].drifts)
            return &s->metrics[k];
    }
    return NULL;
}

static void put_title(struct chart *c, const struct sentinel *s)
{
    const struct sentinel_metric *drift = first_drift(s), *decode = &s->metrics[0];
    if (drift) {
        const struct compare_metric *metric = compare_metric(drift->id);
        int is_better = (drift->shift > 0) == metric->more_is_better;
        buf_printf(&c->title, "The machine drifted: %s ", metric->short_name);
        decimal_fixed(&c->title, fabs(100 * drift->shift), 1);
        buf_printf(&c->title, " %% %s from recording %zu on", is_better ? metric->better : metric->worse,
                   drift->from + 1);
    } else if (isnan(decode->sd)) {
        buf_puts(&c->title, "Too few recordings to tell whether the machine drifted");
    } else {
        buf_puts(&c->title, "The machine did not drift: decode's standard deviation between recordings is ");
        decimal_fixed(&c->title, 100 * decode->sd, 2);
        buf_puts(&c->title, " %");
    }
}

static void put_axes(struct chart *c, const struct sentinel *s, double range)
{
    const struct sentinel_metric *drift = first_drift(s);
    buf_printf(&c->script,
               "set xrange [0.5:%zu.5]\nset yrange [%.9g:%.9g]\nset xtics %.9g\nset ytics %.9g\n"
               "set xlabel 'recording, in order of time' textcolor rgb muted\n"
               "set ylabel '%% off the mean' textcolor rgb muted\n"
               "set arrow from graph 0, first 0 to graph 1, first 0 nohead linecolor rgb muted back\n",
               s->count, -range, range, fmax(1, chart_step((double)s->count, 12)), chart_step(range, 3));
    if (drift)
        buf_printf(
            &c->script,
            "set arrow from first %zu.5, graph 0 to first %zu.5, graph 1 nohead dashtype 2 linecolor rgb "
            "'#%06lX' back\n",
            drift->from, drift->from, palette_ink(c->style->theme, INK_BAD));
}

static void put_plot(struct chart *c, const struct sentinel *s)
{
    const char *lead = "plot data";
    for (size_t k = 0; k < SENTINEL_METRICS; k++) {
        unsigned long colour = palette_ink(c->style->theme, inks[k]);
        if (!s->metrics[k].n)
            continue;
        int shape = palette_series_shape(k);
        chart_legend_add(c, compare_metric(s->metrics[k].id)->short_name, colour, shape);
        buf_printf(&c->script,
                   "%s using 1:%zu with linespoints pointtype %d pointsize %.2f linecolor rgb '#%06lX'", lead,
                   k + 2, shape, c->mark / 15, colour);
        lead = ", \\\n     ''";
    }
    buf_putc(&c->script, '\n');
}

static int fill(struct chart *c, const struct chart_input *input, const struct sentinel *s, struct error *e)
{
    size_t measured = 0;
    for (size_t k = 0; k < SENTINEL_METRICS; k++)
        measured += s->metrics[k].n;
    if (!measured)
        return error_set(e, TT_NOTFOUND, "no chart 'sentinel': no recording has a valid run");
    put_title(c, s);
    chart_provenance(c, input);
    double widest = put_data(c, s);
    put_axes(c, s, widest > 0.05 ? widest * 1.15 : 0.1);
    put_plot(c, s);
    return TT_OK;
}

int chart_sentinel(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct sentinel s;
    rows_of_report(&rows, input, ROWS_PLAIN);
    const struct chart_row *row = only_cell(&rows);
    if (!row || row->cell->trace_count < RECORDINGS_MIN)
        return error_set(e, TT_NOTFOUND,
                         "no chart 'sentinel': it takes at least %d recordings of one cell, and of no other",
                         RECORDINGS_MIN);
    int status = sentinel_judge(&s, row->cell, DRIFT);
    status = status ? error_set(e, TT_NOMEM, "out of memory for chart 'sentinel'") : fill(c, input, &s, e);
    sentinel_release(&s);
    return status;
}
