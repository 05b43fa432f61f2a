/* SPDX-License-Identifier: MIT */
/* Peak memory of the engine against what the machine has. */
#include <math.h>

#include "analyze/decimal.h"
#include "plots/chart_rows.h"

#define GIB 1073741824.0

static double machine_gib(const struct chart_row *row)
{
    return row->cell->id.ram_bytes == ABSENT ? NAN : (double)row->cell->id.ram_bytes / GIB;
}

struct fit {
    double largest_share, axis;
    size_t shown;
};

static void put_share(struct buf *out, double share)
{
    buf_printf(out, "%.*f %%", share < 0.01 ? 2 : 0, 100 * share);
}

static void put_row(struct chart *c, const struct chart_rows *rows, size_t i, struct fit *fit)
{
    struct buf text = BUF_INIT;
    const struct report_row *row = rows->rows[i].row;
    double peak = row->figures[METRIC_PEAK_RSS].value / GIB, ram = machine_gib(&rows->rows[i]);
    const double values[] = {peak, row->figures[METRIC_STEADY_RSS].value / GIB, ram};
    rows_data_begin(c, rows, i);
    chart_numbers(&c->data, values, sizeof values / sizeof values[0]);
    rows_data_end(c, rows, i);
    decimal_fixed(&text, peak, peak < 1 ? 3 : 1);
    if (peak / ram >= 0) {
        buf_puts(&text, " \xC2\xB7 ");
        put_share(&text, peak / ram);
    }
    rows_text(c, rows, i, &text, peak > ram ? INK_BAD : INK_TEXT);
    fit->shown += (size_t)!isnan(peak);
    fit->axis = fmax(fit->axis, fmax(peak, isnan(peak) ? NAN : ram));
    fit->largest_share = fmax(fit->largest_share, peak / ram);
}

int chart_ram_fit(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct fit fit = {NAN, NAN, 0};
    rows_of_report(&rows, input, ROWS_PLAIN);
    rows.value_pixels = c->font * 7.5;
    rows_axes(c, &rows, "GiB (bar: peak; dot: steady; line: the machine's memory)");
    buf_puts(&c->data, "# place engine peak_gib steady_gib machine_gib label\n");
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].row)
            put_row(c, &rows, i, &fit);
    }
    if (!fit.shown)
        return error_set(e, TT_NOTFOUND, "no chart 'ram-fit': the memory of the engine was not sampled");
    buf_puts(&c->title, "Peak memory");
    if (!isnan(fit.largest_share)) {
        buf_printf(&c->title, " takes %s", rows.cells > 1 ? "at most " : "");
        put_share(&c->title, fit.largest_share);
        buf_puts(&c->title, " of the machine");
    }
    chart_provenance(c, input);
    rows_engine_legend(c, &rows);
    rows_from_zero(c, fit.axis * 1.03);
    buf_printf(
        &c->script,
        "set style fill solid 1 noborder\n"
        "plot data using ($3/2):1:($3/2):(0.3):(ink($2)) with boxxyerror linecolor rgb variable, \\\n"
        "     '' using 5:($1-0.42):(0):(0.84) with vectors nohead linewidth 2.5 linecolor rgb text, \\\n"
        "     '' using 4:1 with points pointtype 7 pointsize %.2f linecolor rgb '#%06lX', \\\n"
        "     '' using 4:1 with points pointtype 6 pointsize %.2f linecolor rgb text\n",
        c->mark / 22, palette_ink(c->style->theme, INK_BACKGROUND), c->mark / 22);
    return TT_OK;
}
