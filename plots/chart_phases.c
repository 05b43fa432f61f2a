/* SPDX-License-Identifier: MIT */
/* Charts with the phases of a workload along the x axis, one series per cell. */
#include <math.h>
#include <string.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "plots/charts.h"

#define CLUSTER_WIDTH 0.72 /* of the distance between two phases */

struct phase_chart {
    struct chart *chart;
    const struct chart_cells *input;
    cell_value *value;
    double *scratch; /* room for the runs of the largest cell */
};

static size_t largest_cell(const struct chart_cells *input)
{
    size_t largest = 1;
    for (size_t i = 0; i < input->count; i++)
        largest = input->cells[i].run_count > largest ? input->cells[i].run_count : largest;
    return largest;
}

/* Every phase name of any cell, in order of first appearance. */
static int all_phases(const struct chart_cells *input, struct text_list *phases)
{
    for (size_t i = 0; i < input->count; i++) {
        for (size_t p = 0; p < input->cells[i].phases.count; p++) {
            if (text_list_intern(phases, input->cells[i].phases.items[p], NULL))
                return TT_NOMEM;
        }
    }
    return TT_OK;
}

static size_t values_of(const struct phase_chart *p, const struct cell *cell, const char *phase,
                        int (*counts)(const struct cell_run *run))
{
    size_t n = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = &cell->runs[i];
        if (counts(run) && strcmp(cell_phase_name(cell, run), phase) == 0)
            p->scratch[n++] = p->value(run);
    }
    return stats_sort(p->scratch, n);
}

/* Values of the cell's base runs in that phase, sorted; where all answers stopped early, of those, as in the
 * table of phases. */
static size_t phase_values(const struct phase_chart *p, const struct cell *cell, const char *phase)
{
    size_t n = values_of(p, cell, phase, cell_run_is_base);
    return n ? n : values_of(p, cell, phase, cell_run_is_valid);
}

static double series_place(const struct chart_cells *input, size_t cell, size_t phase)
{
    double slot = CLUSTER_WIDTH / (double)input->count;
    return (double)phase + (((double)cell + 0.5) * slot - CLUSTER_WIDTH / 2);
}

/* One block per cell: place, median, lowest, highest, n. Returns how many phases have a value. */
static size_t write_summary(struct phase_chart *p, size_t cell, const struct text_list *phases)
{
    size_t written = 0;
    struct buf *out = &p->chart->data;
    buf_printf(out, "# %s\n# place median lowest highest n phase\n", p->input->cells[cell].id.digest);
    for (size_t i = 0; i < phases->count; i++) {
        size_t n = phase_values(p, &p->input->cells[cell], phases->items[i]);
        if (!n)
            continue;
        written++;
        buf_printf(out, "%.4f ", series_place(p->input, cell, i));
        chart_number(out, stats_percentile(p->scratch, n, 0.5));
        buf_putc(out, ' ');
        chart_number(out, p->scratch[0]);
        buf_putc(out, ' ');
        chart_number(out, p->scratch[n - 1]);
        buf_printf(out, " %zu %s\n", n, phases->items[i]);
    }
    buf_puts(out, "\n\n");
    return written;
}

/* One block per cell: every run, the dots of a phase spread a little so that equal values stay apart. */
static void write_dots(struct phase_chart *p, size_t cell, const struct text_list *phases)
{
    struct buf *out = &p->chart->data;
    buf_puts(out, "# place value\n");
    for (size_t i = 0; i < phases->count; i++) {
        size_t n = phase_values(p, &p->input->cells[cell], phases->items[i]);
        double slot = CLUSTER_WIDTH / (double)p->input->count;
        for (size_t k = 0; k < n; k++) {
            double spread = n > 1 ? ((double)k / (double)(n - 1) - 0.5) * 0.5 * slot : 0;
            buf_printf(out, "%.4f ", series_place(p->input, cell, i) + spread);
            chart_number(out, p->scratch[k]);
            buf_putc(out, '\n');
        }
    }
    buf_puts(out, "\n\n");
}

static void write_axis(struct phase_chart *p, const struct text_list *phases)
{
    struct buf *out = &p->chart->script;
    buf_printf(out, "set xrange [-0.6:%.1f]\nset xtics rotate by 25 right font ',11' noenhanced (",
               (double)phases->count - 0.4);
    for (size_t i = 0; i < phases->count; i++) {
        buf_puts(out, i ? ", " : "");
        chart_quote(out, phases->items[i]);
        buf_printf(out, " %zu", i);
    }
    buf_puts(out, ")\n");
}

static const char *cell_label(const struct phase_chart *p, size_t cell)
{
    return p->input->cells[cell].id.label;
}

static void write_decode_plot(struct phase_chart *p)
{
    struct buf *out = &p->chart->script;
    double width = CLUSTER_WIDTH / (double)p->input->count * 0.9;
    buf_printf(
        out,
        "set yrange [0:*]\nset offsets 0, 0, graph 0.08, 0\nset ylabel 'decode, tok/s'\nset boxwidth %.3f\n"
        "set style fill solid 0.85 noborder\nplot ",
        width);
    for (size_t i = 0; i < p->input->count; i++) {
        buf_printf(out, "%sdata index %zu using 1:2 with boxes linecolor rgb '%s' title ",
                   i ? ", \\\n     " : "", i, chart_colour(i));
        chart_quote(out, cell_label(p, i));
        buf_printf(
            out,
            ", \\\n     '' index %zu using 1:3:(0):($4-$3) with vectors nohead linewidth 1.4 linecolor rgb "
            "'#222222' notitle",
            i);
        if (p->input->count <= 2)
            buf_printf(out,
                       ", \\\n     '' index %zu using 1:4:(gprintf('%%.4g', $2)) with labels offset 0,0.7 "
                       "font ',10' "
                       "textcolor rgb '#333333' notitle",
                       i);
    }
    buf_putc(out, '\n');
}

static void write_gate_lines(struct phase_chart *p)
{
    struct buf *out = &p->chart->script;
    const struct gates *gates = p->input->gates;
    int arrow = 1;
    for (size_t g = 0; g < gates->gate_count; g++) {
        if (gates->gates[g].metric != METRIC_TTFT)
            continue;
        for (size_t r = 0; r < gates->gates[g].rule_count; r++) {
            const struct gate_rule *rule = &gates->gates[g].rules[r];
            const char *colour = rule->level == LEVEL_ELIMINATED ? "#b03030" : "#b08020";
            buf_printf(
                out,
                "set arrow %d from graph 0, first %.9g to graph 1, first %.9g nohead dashtype 2 linewidth 1 "
                "linecolor rgb '%s'\n",
                arrow, rule->limit, rule->limit, colour);
            buf_printf(out,
                       "set label %d '%s > %.9g ms' at graph 1, first %.9g left offset 0.6,0 font ',10' "
                       "textcolor rgb '%s'\n",
                       arrow++, rule->level == LEVEL_ELIMINATED ? "eliminated" : "reserve", rule->limit,
                       rule->limit, colour);
        }
    }
}

static void write_ttft_plot(struct phase_chart *p)
{
    struct buf *out = &p->chart->script;
    size_t cells = p->input->count;
    double half = CLUSTER_WIDTH / (double)cells * 0.42;
    write_gate_lines(p);
    buf_puts(out,
             "set rmargin 19\nset logscale y\nset ylabel 'time to first token, ms'\nset format y '%.10g'\n"
             "stats data using 2 nooutput\nlow = STATS_min < 100 ? STATS_min / 1.6 : 60\n"
             "high = STATS_max > 4000 ? STATS_max * 1.5 : 5000\nset yrange [low:high]\nplot ");
    for (size_t i = 0; i < cells; i++) {
        buf_printf(out,
                   "%sdata index %zu using 1:2 with points pointtype 7 pointsize 0.4 linecolor rgb '%s' "
                   "notitle, \\\n",
                   i ? ", \\\n     " : "", cells + i, chart_colour(i));
        buf_printf(
            out,
            "     '' index %zu using ($1-%.4f):2:(%.4f):(0) with vectors nohead linewidth 2.5 linecolor "
            "rgb '%s' title ",
            i, half, 2 * half, chart_colour(i));
        chart_quote(out, cell_label(p, i));
        if (cells <= 2)
            buf_printf(out,
                       ", \\\n     '' index %zu using 1:4:(gprintf($2 < 9.95 ? '%%.1f' : '%%.0f', $2)) with "
                       "labels offset 0,0.8 "
                       "font ',10' textcolor rgb '#333333' notitle",
                       i);
    }
    buf_putc(out, '\n');
}

/* Data and axis that both charts share. TT_NOTFOUND when no run has the figure. */
static int prepare(struct phase_chart *p, const char *title, struct error *e)
{
    struct text_list phases = {0};
    size_t shown = 0;
    int status = p->scratch ? all_phases(p->input, &phases) : TT_NOMEM;
    for (size_t i = 0; i < p->input->count && !status; i++)
        shown += write_summary(p, i, &phases);
    for (size_t i = 0; i < p->input->count && !status; i++)
        write_dots(p, i, &phases);
    chart_title(p->chart, title, p->input->small_print);
    write_axis(p, &phases);
    text_list_release(&phases);
    if (!status && !shown)
        return error_set(e, TT_NOTFOUND, "no chart '%s': no run has a figure for it", p->chart->name);
    return status ? error_set(e, TT_NOMEM, "out of memory for chart '%s'", p->chart->name) : TT_OK;
}

static uint64_t most_repeats(const struct chart_cells *input)
{
    uint64_t most = 0;
    for (size_t i = 0; i < input->count; i++) {
        uint64_t repeats = cell_repeats(&input->cells[i]);
        most = repeats > most ? repeats : most;
    }
    return most;
}

/* "Decode rate by phase: median and range of 5 repeats", or without the rest when there is only one. */
static void make_title(struct buf *title, const char *what, const char *shown,
                       const struct chart_cells *input)
{
    uint64_t repeats = most_repeats(input);
    buf_puts(title, what);
    if (repeats > 1)
        buf_printf(title, ": %s %llu repeats", shown, (unsigned long long)repeats);
    else
        buf_puts(title, ", one repeat");
}

static int draw_phases(struct phase_chart *p, const char *what, const char *shown,
                       void (*plot)(struct phase_chart *p), struct error *e)
{
    struct buf title = BUF_INIT;
    p->scratch = mem_alloc(largest_cell(p->input) * sizeof *p->scratch);
    make_title(&title, what, shown, p->input);
    int status = prepare(p, buf_text(&title), e);
    if (!status)
        plot(p);
    buf_release(&title);
    mem_free(p->scratch);
    return status;
}

int chart_decode(struct chart *c, const struct chart_cells *input, struct error *e)
{
    struct phase_chart p = {c, input, run_decode, NULL};
    return draw_phases(&p, "Decode rate by phase", "median and range of", write_decode_plot, e);
}

int chart_ttft(struct chart *c, const struct chart_cells *input, struct error *e)
{
    struct phase_chart p = {c, input, run_ttft, NULL};
    return draw_phases(&p, "Time to first token by phase", "median and each of", write_ttft_plot, e);
}
