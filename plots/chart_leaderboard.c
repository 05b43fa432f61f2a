/* SPDX-License-Identifier: MIT */
/* Decode rate of every row, tier by tier. */
#include <math.h>

#include "analyze/decimal.h"
#include "plots/chart_rows.h"

static const struct report_row *fastest(const struct chart_rows *rows)
{
    const struct report_row *best = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        const struct report_row *row = rows->rows[i].row;
        if (!row || row->level == LEVEL_ELIMINATED || isnan(row->figures[METRIC_DECODE].value))
            continue;
        if (!best || row->figures[METRIC_DECODE].value > best->figures[METRIC_DECODE].value)
            best = row;
    }
    return best;
}

static void put_title(struct chart *c, const struct chart_rows *rows)
{
    const struct report_row *best = fastest(rows);
    if (!best) {
        buf_puts(&c->title, "Decode rate: no row passes the gates");
        return;
    }
    buf_printf(&c->title, rows->cells > 1 ? "%s decodes fastest: " : "%s decodes ", best->label);
    decimal_fixed(&c->title, best->figures[METRIC_DECODE].value, 1);
    buf_puts(&c->title, " tok/s");
}

/* Returns how many rows have a decode rate; *largest is of anything shown. */
static size_t put_data(struct chart *c, const struct chart_rows *rows, double *largest)
{
    size_t shown = 0;
    buf_puts(&c->data, "# place engine decode spread at_50k peak eliminated n label\n");
    for (size_t i = 0; i < rows->count; i++) {
        const struct report_row *row = rows->rows[i].row;
        if (!row)
            continue;
        const struct figure *decode = &row->figures[METRIC_DECODE];
        double spread = decode->spread / 100 * decode->value;
        double peak = row->suppressed >> METRIC_PEAK & 1 ? NAN : row->figures[METRIC_PEAK].value;
        const double values[] = {decode->value,
                                 spread,
                                 row->figures[METRIC_DECODE_50K].value,
                                 peak,
                                 row->level == LEVEL_ELIMINATED,
                                 (double)decode->n};
        rows_data_begin(c, rows, i);
        chart_numbers(&c->data, values, sizeof values / sizeof values[0]);
        rows_data_end(c, rows, i);
        shown += (size_t)!isnan(decode->value);
        *largest = fmax(*largest, fmax(decode->value + (isnan(spread) ? 0 : spread), peak));
    }
    return shown;
}

static void put_values(struct chart *c, const struct chart_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct report_row *row = rows->rows[i].row;
        struct buf text = BUF_INIT;
        if (!row)
            continue;
        decimal_fixed(&text, row->figures[METRIC_DECODE].value, 1);
        rows_text(c, rows, i, &text, row->level == LEVEL_ELIMINATED ? INK_MUTED : INK_TEXT);
    }
}

int chart_leaderboard(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    double largest = 0;
    rows_of_report(&rows, input, ROWS_BY_TIER);
    rows.value_pixels = c->font * 4;
    if (!put_data(c, &rows, &largest))
        return error_set(e, TT_NOTFOUND, "no chart 'leaderboard': no run has a decode rate");
    put_title(c, &rows);
    chart_provenance(c, input);
    rows_engine_legend(c, &rows);
    unsigned long text = palette_ink(c->style->theme, INK_TEXT);
    chart_legend_add(c, "peak", text, 8);
    chart_legend_add(c, "at 50K context", text, 12);
    rows_axes(c, &rows, "decode, tok/s (whiskers: standard deviation; pale: eliminated)");
    put_values(c, &rows);
    rows_from_zero(c, largest * 1.03);
    buf_printf(&c->script,
               "set style fill solid 1 noborder\n"
               "pale(c, out) = out > 0 ? c + 0xA0000000 : c\n"
               "plot data using ($3/2):1:($3/2):(0.32):(pale(ink($2), $7)) with boxxyerror linecolor rgb "
               "variable, \\\n"
               "     '' using ($4 > 0 ? $3 : NaN):1:4 with xerrorbars pointtype -1 linewidth 1.3 linecolor "
               "rgb text, \\\n"
               "     '' using 6:1 with points pointtype 8 pointsize %.2f linecolor rgb text, \\\n"
               "     '' using 5:1 with points pointtype 13 pointsize %.2f linecolor rgb '#%06lX', \\\n"
               "     '' using 5:1 with points pointtype 12 pointsize %.2f linecolor rgb text\n",
               c->mark / 15, c->mark / 14, palette_ink(c->style->theme, INK_BACKGROUND), c->mark / 14);
    return TT_OK;
}
