/* SPDX-License-Identifier: MIT */
/* Where the time of a turn goes. The queue ends where the server says that it began with the prompt, else
 * with an early header. */
#include <math.h>
#include <string.h>

#include "analyze/decimal.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "plots/chart_rows.h"

#define PARTS 3

/* A header that comes with the first token says nothing of the time between. */
#define EARLY_HEADER 0.9

static double queue_ms(const struct cell_run *run)
{
    const struct run_figures *f = run->figures;
    if (f->prefill_from_server)
        return fmax(f->ttft_ms - f->prefill_ms, 0);
    return f->header_ms < EARLY_HEADER * f->ttft_ms ? f->header_ms : 0;
}

static double queue_s(const struct cell_run *run)
{
    return queue_ms(run) / 1e3;
}

static double prefill_s(const struct cell_run *run)
{
    return (run->figures->ttft_ms - queue_ms(run)) / 1e3;
}

static double decode_s(const struct cell_run *run)
{
    return run->figures->decode_window_ms / 1e3;
}

static cell_value *const parts[PARTS] = {queue_s, prefill_s, decode_s};

static int is_turn(const struct chart_row *row, size_t phase)
{
    return row->phase == SIZE_MAX ? strncmp(row->cell->phases.items[phase], "prefix-test-", 12) == 0
                                  : row->phase == phase;
}

/* Medians of the parts over the base runs of the row's turns; of its headline runs where a workload has no
 * prefix tests. Returns n. */
static size_t measure(const struct chart_row *row, double *scratch, double out[PARTS])
{
    size_t most = 0;
    for (size_t part = 0; part < PARTS; part++) {
        size_t n = 0;
        for (size_t i = 0; i < row->cell->run_count; i++) {
            const struct cell_run *run = cell_run_at(row->cell, i);
            if (cell_run_is_base(run) && is_turn(row, run->phase) && !isnan(parts[part](run)))
                scratch[n++] = parts[part](run);
        }
        if (!n)
            n = row_values(row, parts[part], scratch);
        out[part] = n ? stats_median(scratch, n) : NAN;
        most = n > most ? n : most;
    }
    return most;
}

static double sum(const double values[PARTS])
{
    double total = 0;
    for (size_t k = 0; k < PARTS; k++)
        total += isnan(values[k]) ? 0 : values[k];
    return total;
}

struct totals {
    double largest, decode, all;
    size_t shown;
};

static void put_row(struct chart *c, const struct chart_rows *rows, size_t i, double *scratch,
                    struct totals *t)
{
    double values[PARTS];
    struct buf text = BUF_INIT;
    size_t n = measure(&rows->rows[i], scratch, values);
    double total = sum(values);
    rows_data_begin(c, rows, i);
    for (size_t k = 0; k < PARTS; k++)
        chart_number(&c->data, isnan(values[k]) ? 0 : values[k]);
    buf_printf(&c->data, "%zu ", n);
    rows_data_end(c, rows, i);
    decimal_fixed(&text, total > 0 ? total : NAN, total < 10 ? 2 : 1);
    buf_puts(&text, total > 0 ? " s" : "");
    rows_text(c, rows, i, &text, INK_TEXT);
    t->largest = fmax(t->largest, total);
    t->decode += isnan(values[2]) ? 0 : values[2];
    t->all += total;
    t->shown += total > 0;
}

static void put_plot(struct chart *c, const struct totals *t)
{
    static const enum ink inks[PARTS] = {INK_SIX, INK_TWO, INK_ONE};
    static const char *const names[PARTS] = {"queue, as far as told", "prefill, to the first token",
                                             "decode"};
    static const char *const before[PARTS] = {"0", "$3", "($3+$4)"};
    rows_from_zero(c, t->largest * 1.02);
    buf_puts(&c->script, "set style fill solid 1 noborder\nplot ");
    for (size_t k = 0; k < PARTS; k++) {
        unsigned long colour = palette_ink(c->style->theme, inks[k]);
        buf_printf(&c->script,
                   "%s using (%s+$%zu/2):1:($%zu/2):(0.34) with boxxyerror linecolor rgb '#%06lX'",
                   k ? ", \\\n     ''" : "data", before[k], k + 3, k + 3, colour);
        chart_legend_add(c, names[k], colour, 5);
    }
    buf_putc(&c->script, '\n');
}

int chart_turn(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct totals t = {0};
    int of_phases = rows_of_phases(&rows, input);
    double *scratch = mem_alloc(chart_largest_cell(input->report) * sizeof *scratch);
    if (!scratch)
        return error_set(e, TT_NOMEM, "out of memory for chart 'turn'");
    if (!of_phases)
        rows_of_report(&rows, input, ROWS_PLAIN);
    rows.value_pixels = c->font * 5;
    rows_axes(c, &rows, of_phases ? "seconds (medians)" : "seconds of a turn after a known prefix (medians)");
    buf_puts(&c->data, "# place engine queue_s prefill_s decode_s n label\n");
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].row)
            put_row(c, &rows, i, scratch, &t);
    }
    mem_free(scratch);
    if (!t.shown)
        return error_set(e, TT_NOTFOUND, "no chart 'turn': no run has an answer");
    buf_printf(&c->title, "%.0f %% of the time goes into decode", 100 * t.decode / t.all);
    chart_provenance(c, input);
    put_plot(c, &t);
    return TT_OK;
}
