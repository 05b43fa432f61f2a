/* SPDX-License-Identifier: MIT */
/* Time to first token of every row, by what the cache could give, against the limits of the gate. */
#include <math.h>

#include "analyze/decimal.h"
#include "plots/chart_rows.h"

static const struct {
    enum metric metric;
    const char *name;
    enum ink ink;
    int shape;
} kinds[] = {
    {METRIC_TTFT_LONG, "long context, cold", INK_FOUR, 13},
    {METRIC_TTFT_COLD, "cold", INK_ONE, 9},
    {METRIC_TTFT_PREFIX, "known prefix", INK_THREE, 5},
    {METRIC_TTFT, "warm", INK_TWO, 7},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

struct span {
    double low, high;
};

static size_t put_data(struct chart *c, const struct chart_rows *rows, struct span *span)
{
    size_t shown = 0;
    buf_puts(&c->data, "# place engine long_ms cold_ms prefix_ms warm_ms label\n");
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->rows[i].row)
            continue;
        rows_data_begin(c, rows, i);
        for (size_t k = 0; k < KINDS; k++) {
            double value = rows->rows[i].row->figures[kinds[k].metric].value;
            chart_number(&c->data, value);
            if (isnan(value) || value <= 0)
                continue;
            span->low = fmin(span->low, value);
            span->high = fmax(span->high, value);
            shown++;
        }
        rows_data_end(c, rows, i);
    }
    return shown;
}

static const struct gate *ttft_gate(const struct gates *gates)
{
    for (size_t g = 0; g < gates->gate_count; g++) {
        if (gates->gates[g].metric == METRIC_TTFT)
            return &gates->gates[g];
    }
    return NULL;
}

static void put_gate_lines(struct chart *c, const struct gate *gate, struct span *span)
{
    for (size_t r = 0; gate && r < gate->rule_count; r++) {
        const struct gate_rule *rule = &gate->rules[r];
        unsigned long colour =
            palette_ink(c->style->theme, rule->level == LEVEL_ELIMINATED ? INK_BAD : INK_WARN);
        if (rule->limit <= 0)
            continue;
        span->high = fmax(span->high, rule->limit);
        buf_printf(
            &c->script,
            "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead dashtype 2 linewidth 1.2 "
            "linecolor rgb '#%06lX'\n",
            rule->limit, rule->limit, colour);
        buf_printf(&c->script,
                   "set label '%s > %.9g ms' at first %.9g, graph 1 right offset -0.3,%.1f font ',%.1f' "
                   "textcolor rgb "
                   "'#%06lX'\n",
                   rule->level == LEVEL_ELIMINATED ? "out" : "reserve", rule->limit, rule->limit,
                   0.4 + 0.95 * (double)r, c->font * 0.8, colour);
    }
}

static double strictest(const struct gate *gate)
{
    double limit = INFINITY;
    for (size_t r = 0; gate && r < gate->rule_count; r++)
        limit = fmin(limit, gate->rules[r].limit);
    return limit;
}

static void put_title(struct chart *c, const struct chart_rows *rows, const struct gate *gate)
{
    size_t within = 0, measured = 0;
    double limit = strictest(gate), value = NAN;
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->rows[i].row || isnan(rows->rows[i].row->figures[METRIC_TTFT].value))
            continue;
        value = rows->rows[i].row->figures[METRIC_TTFT].value;
        measured++;
        within += value <= limit;
    }
    if (measured > 1 && isfinite(limit)) {
        buf_printf(&c->title, "%zu of %zu answer a warm prompt within %.9g ms", within, measured, limit);
        return;
    }
    buf_puts(&c->title, "Time to first token");
    if (measured == 1) {
        buf_puts(&c->title, ": ");
        decimal_fixed(&c->title, value, 0);
        buf_puts(&c->title, " ms for a warm prompt");
    }
}

int chart_ttft(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct span span = {INFINITY, 0};
    const struct gate *gate = ttft_gate(input->gates);
    rows_of_report(&rows, input, ROWS_PLAIN);
    if (!put_data(c, &rows, &span))
        return error_set(e, TT_NOTFOUND, "no chart 'ttft': no run has a time to first token");
    put_title(c, &rows, gate);
    chart_provenance(c, input);
    for (size_t k = KINDS; k-- > 0;)
        chart_legend_add(c, kinds[k].name, palette_ink(c->style->theme, kinds[k].ink), kinds[k].shape);
    put_gate_lines(c, gate, &span);
    c->gap = gate ? (double)gate->rule_count * c->font * 0.8 : 0;
    rows_axes(c, &rows, "time to first token, ms (median, logarithmic)");
    chart_log_range(&span.low, &span.high);
    buf_puts(&c->script, "set logscale x\nset format x '%.10g'\nset xtics ");
    chart_log_tics(&c->script, span.low, span.high);
    buf_printf(&c->script, "\nset xrange [%.9g:%.9g]\nplot ", span.low, span.high);
    for (size_t k = 0; k < KINDS; k++)
        buf_printf(&c->script,
                   "%s using %zu:1 with points pointtype %d pointsize %.2f linecolor rgb '#%06lX'",
                   k ? ", \\\n     ''" : "data", k + 3, kinds[k].shape, c->font / 13,
                   palette_ink(c->style->theme, kinds[k].ink));
    buf_putc(&c->script, '\n');
    return TT_OK;
}
