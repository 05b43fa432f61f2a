/* SPDX-License-Identifier: MIT */
/* What the prefix cache gave of what it could: bars over the phases of one cell, a grid for several. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/statistics.h"
#include "plots/chart_rows.h"

/* What the shares add up to over phases and cells. */
struct shares {
    size_t shown;
    double highest;
};

static void count_share(struct shares *s, double share)
{
    s->shown += (size_t)!isnan(share);
    s->highest = fmax(s->highest, share);
}

/* A share above 100 is no mistake: an engine may know a prompt from before. */
static void explain(struct chart *c, const struct shares *s)
{
    if (s->highest >= 1.005)
        buf_puts(&c->summary, "above 100: carried over from before");
}

static double ceiling_of(const struct phase_figures *p)
{
    return fmax(p->cacheable.value, p->cached.value);
}

/* --- one cell: tokens --- */

/* Of the prompt, which is but the background of the rest. */
static unsigned long pale(const struct chart *c)
{
    return palette_ink(c->style->theme, INK_SIX) + 0x70000000;
}

static int fill_bars(struct chart *c, const struct chart_input *input, const struct chart_rows *rows,
                     struct error *e)
{
    double largest = 0, cached = 0, cacheable = 0;
    struct shares shares = {0};
    buf_puts(&c->data, "# place engine prompt cacheable cached n label\n");
    for (size_t i = 0; i < rows->count; i++) {
        struct phase_figures p;
        if (cell_phase(rows->rows[i].cell, rows->rows[i].phase, &p))
            return error_set(e, TT_NOMEM, "out of memory for chart 'cache'");
        const double values[] = {p.prompt.value, p.cacheable.value, p.cached.value, (double)p.cached.n};
        rows_data_begin(c, rows, i);
        chart_numbers(&c->data, values, sizeof values / sizeof values[0]);
        rows_data_end(c, rows, i);
        largest = fmax(largest, fmax(p.prompt.value, ceiling_of(&p)));
        if (isnan(p.cached.value) || isnan(p.cacheable.value))
            continue;
        cached += p.cached.value;
        cacheable += p.cacheable.value;
        if (p.cacheable.value >= CACHE_HIT_MIN) {
            count_share(&shares, p.cached.value / p.cacheable.value);
            struct buf text = BUF_INIT;
            buf_printf(&text, "%.0f %%", 100 * p.cached.value / p.cacheable.value);
            rows_text(c, rows, i, &text, INK_TEXT);
        }
    }
    if (!(cacheable > 0))
        return error_set(e, TT_NOTFOUND, "no chart 'cache': the engine does not tell what it found cached");
    buf_printf(&c->title, "%.0f %% of the cacheable tokens came from the cache", 100 * cached / cacheable);
    count_share(&shares, cached / cacheable);
    explain(c, &shares);
    chart_provenance(c, input);
    chart_legend_add(c, "cached", palette_ink(c->style->theme, INK_ONE), 5);
    chart_legend_add(c, "cacheable", palette_ink(c->style->theme, INK_TEXT), 4);
    chart_legend_add(c, "prompt", pale(c), 5);
    rows_from_zero(c, largest * 1.02);
    buf_puts(&c->script, "set xtics ");
    chart_count_tics(&c->script, largest * 1.02, rows_marks_most(c));
    buf_printf(&c->script,
               "\nset style fill solid 1 noborder\n"
               "plot data using ($3/2):1:($3/2):(0.36) with boxxyerror linecolor rgb '#%06lX', \\\n"
               "     '' using ($5/2):1:($5/2):(0.24) with boxxyerror linecolor rgb '#%06lX', \\\n"
               "     '' using ($4/2):1:($4/2):(0.36) with boxxyerror linecolor rgb text linewidth 1.3 "
               "fillstyle empty border\n",
               pale(c), palette_ink(c->style->theme, INK_ONE));
    return TT_OK;
}

/* --- several cells: shares --- */

static int all_phases(const struct chart_rows *rows, struct text_list *phases)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows->count; i++) {
        const struct cell *cell = rows->rows[i].cell;
        for (size_t p = 0; cell && p < cell->phases.count && !status && phases->count < 12; p++)
            status = text_list_intern(phases, cell->phases.items[p], NULL);
    }
    return status;
}

static int put_shares(struct chart *c, const struct chart_rows *rows, size_t i,
                      const struct text_list *phases, struct shares *shares)
{
    const struct cell *cell = rows->rows[i].cell;
    for (size_t x = 0; x < phases->count; x++) {
        struct phase_figures p;
        long phase = text_list_find(&cell->phases, phases->items[x]);
        if (phase < 0)
            continue;
        if (cell_phase(cell, (size_t)phase, &p))
            return TT_NOMEM;
        double share = p.cacheable.value >= CACHE_HIT_MIN ? p.cached.value / p.cacheable.value : NAN;
        const double values[] = {(double)x, share, p.cached.value, p.cacheable.value, (double)p.cached.n};
        rows_data_begin(c, rows, i);
        chart_numbers(&c->data, values, sizeof values / sizeof values[0]);
        rows_data_end(c, rows, i);
        count_share(shares, share);
    }
    return TT_OK;
}

static void put_columns(struct chart *c, const struct text_list *phases)
{
    buf_printf(&c->script,
               "set xrange [-0.5:%zu.5]\nset xtics rotate by 30 right scale 0 noenhanced font ',%.1f' (",
               phases->count - 1, c->font * 0.85);
    for (size_t x = 0; x < phases->count; x++) {
        buf_puts(&c->script, x ? ", " : "");
        chart_quote_tic(&c->script, phases->items[x], c->font * 0.85, c->font * 9);
        buf_printf(&c->script, " %zu", x);
    }
    buf_puts(&c->script, ")\n");
}

static int fill_grid(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct text_list phases = {0};
    struct shares shares = {0};
    rows_of_report(&rows, input, ROWS_PLAIN);
    int status = all_phases(&rows, &phases);
    rows_axes(c, &rows, "");
    c->bottom = c->font * 5.6;
    buf_puts(&c->data, "# place engine column share cached cacheable n label\n");
    for (size_t i = 0; i < rows.count && !status; i++) {
        if (rows.rows[i].row)
            status = put_shares(c, &rows, i, &phases, &shares);
    }
    if (!status && shares.shown)
        put_columns(c, &phases);
    text_list_release(&phases);
    if (status)
        return error_set(e, TT_NOMEM, "out of memory for chart 'cache'");
    if (!shares.shown)
        return error_set(e, TT_NOTFOUND, "no chart 'cache': no engine tells what it found cached");
    buf_puts(&c->title, "Share of the cacheable tokens that the cache gave, %");
    explain(c, &shares);
    chart_provenance(c, input);
    buf_printf(
        &c->script,
        "# never so strong that text does not stand out\n"
        "shade(s) = int(255 - 140 * (s > 1 ? 1 : s)) * 16777216 + 0x%06lX\n"
        "unset grid\nset style fill solid 1 noborder\n"
        "plot data using ($4 >= 0 ? $3 : NaN):1:(0.46):(0.40):(shade($4)) with boxxyerror linecolor "
        "rgb variable, \\\n"
        "     '' using ($4 >= 0 ? $3 : NaN):1:(sprintf('%%.0f', 100*$4)) with labels font ',%.1f' textcolor "
        "rgb text\n",
        palette_ink(c->style->theme, INK_ONE), c->font * 0.85);
    return TT_OK;
}

int chart_cache(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    if (!rows_of_phases(&rows, input))
        return fill_grid(c, input, e);
    rows.value_pixels = c->font * 4.5;
    rows_axes(c, &rows, "tokens (medians)");
    return fill_bars(c, input, &rows, e);
}
