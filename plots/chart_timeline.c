/* SPDX-License-Identifier: MIT */
/* A whole recording over time: the runs as bands, and under each other the power of the rails, the engine's
 * memory and the thermal state. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/tape_energy.h"
#include "analyze/tape_stamps.h"
#include "plots/chart_rows.h"

#define RAILS_MAX   12
#define CELLS_MOST  240 /* steps of the power panel */
#define LINES_MAX   8
#define NAME_EMS    6.5 /* a band's name is cut there */
#define BAND_LEAST  2   /* pixels: a short run in a long recording is seen */
#define BANDS_APART 400 /* runs: each has a band of its own */

enum panel { PANEL_POWER, PANEL_MEMORY, PANEL_THERMAL, PANEL_COUNT };

static const char *const panel_names[PANEL_COUNT] = {"power", "memory", "thermal"};

struct panels {
    struct chart *c;
    const struct tape *tape;
    const struct sensor_lines *sensors;
    double from, to;                               /* seconds */
    size_t blocks;                                 /* of data so far */
    size_t first[PANEL_COUNT], count[PANEL_COUNT]; /* blocks of each panel */
    double highest[PANEL_COUNT];                   /* value of each panel */
    char names[PANEL_COUNT][LINES_MAX][48];
};

/* From the first run's start to the last one's end. 0 when no run has both. */
static int find_span(struct panels *p)
{
    p->from = INFINITY;
    p->to = -INFINITY;
    for (size_t i = 0; i < p->tape->run_count; i++) {
        const struct run_figures *run = tape_run_at(p->tape, i);
        if (run->t_zero == ABSENT || run->t_close == ABSENT)
            continue;
        p->from = fmin(p->from, tape_seconds(p->tape, run->t_zero));
        p->to = fmax(p->to, tape_seconds(p->tape, run->t_close));
    }
    double margin = fmax((p->to - p->from) * 0.02, 0.05);
    p->from -= margin;
    p->to += margin;
    return isfinite(p->from) && p->to > p->from;
}

static void name_block(struct panels *p, enum panel panel, const char *name)
{
    (void)snprintf(p->names[panel][p->count[panel]], sizeof p->names[panel][0], "%s", name);
    if (p->count[panel]++ == 0)
        p->first[panel] = p->blocks;
    p->blocks++;
}

/* --- power: what is added up, on top of each other --- */

static double mean_power(const struct energy_rail *rail, double from, double to)
{
    struct energy_window window;
    energy_rail_window(rail, from, to, &window);
    return window.joules / (to - from);
}

/* A block of data without a line of numbers would not count as one for gnuplot: it is left out. */
static void add_block(struct panels *p, enum panel panel, const char *name, struct buf *lines)
{
    if (lines->len) {
        buf_puts(&p->c->data, "# ");
        chart_data_text(&p->c->data, name);
        buf_puts(&p->c->data,
                 panel == PANEL_POWER ? "\n# seconds watts_below watts_with\n" : "\n# seconds value\n");
        buf_append(&p->c->data, lines->data, lines->len);
        buf_puts(&p->c->data, "\n\n");
        name_block(p, panel, name);
    }
    if (lines->failed)
        p->c->data.failed = lines->failed;
    buf_release(lines);
}

/* What is not known interrupts the area: an empty line, never two, begins another. */
static void put_power_step(struct buf *out, double t, double below, double power)
{
    const double values[] = {t, below, below + power};
    if (!isnan(power)) {
        chart_numbers(out, values, 3);
        buf_putc(out, '\n');
    } else if (out->len > 1 && out->data[out->len - 2] != '\n') {
        buf_putc(out, '\n');
    }
}

static void put_rail(struct panels *p, const char *name, struct energy_rail *rail, double below[CELLS_MOST])
{
    struct buf lines = BUF_INIT;
    double step = (p->to - p->from) / CELLS_MOST;
    energy_rail_finish(rail);
    step = fmax(step, isnan(rail->usual_s) ? step : 1.5 * rail->usual_s);
    size_t cells = (size_t)fmin(fmax(floor((p->to - p->from) / step), 1), CELLS_MOST);
    for (size_t i = 0; i < cells; i++) {
        double from = p->from + step * (double)i, power = mean_power(rail, from, from + step);
        size_t first = i * CELLS_MOST / cells;
        put_power_step(&lines, from + step / 2, below[first], power);
        for (size_t k = first; k < (i + 1) * CELLS_MOST / cells; k++)
            below[k] += isnan(power) ? 0 : power;
        p->highest[PANEL_POWER] = fmax(p->highest[PANEL_POWER], below[first]);
    }
    if (lines.len > 1 && lines.data[lines.len - 2] == '\n')
        lines.len--;
    add_block(p, PANEL_POWER, name, &lines);
}

static void put_power(struct panels *p)
{
    size_t chosen[RAILS_MAX], count = tape_choose_rails(p->tape, chosen, RAILS_MAX);
    double below[CELLS_MOST] = {0};
    for (size_t i = 0; i < count && i < LINES_MAX; i++) {
        struct sensor_line *line = sensor_lines_find(p->sensors, chosen[i]);
        if (line)
            put_rail(p, p->tape->series[chosen[i]].name, stamped_rail_best(&line->rail), below);
    }
}

/* --- lines --- */

static void put_values(struct panels *p, enum panel panel, const struct trail *trail, double divisor,
                       struct buf *lines)
{
    for (size_t i = 0; i < trail->count; i++) {
        double value = (double)trail->points[i].value / divisor;
        buf_printf(lines, "%.4f %.9g\n", trail->points[i].t, value);
        p->highest[panel] = fmax(p->highest[panel], value);
    }
}

/* Every series of that kind that belongs to the engine, one line each. */
static void put_kind(struct panels *p, enum panel panel, uint64_t kind, const char *name, double divisor)
{
    struct buf lines = BUF_INIT;
    for (size_t s = 0; s < p->tape->series_count; s++) {
        const struct tape_series *series = &p->tape->series[s];
        const struct sensor_line *line = sensor_lines_find(p->sensors, s);
        size_t before = lines.len;
        if (!line || series->row.kind != kind || series->row.scope != SCOPE_ENGINE)
            continue;
        if (before) /* an empty line: the next process is another line of the same colour */
            buf_putc(&lines, '\n');
        put_values(p, panel, &line->values, divisor, &lines);
        if (before && lines.len == before + 1)
            lines.len = before;
    }
    add_block(p, panel, name, &lines);
}

static void put_memory(struct panels *p)
{
    static const struct {
        uint64_t kind;
        const char *name;
    } kinds[] = {{SERIES_RSS, "resident (RSS)"},
                 {SERIES_RSS_ANON, "anonymous part"},
                 {SERIES_RSS_FILE, "file-backed part"},
                 {SERIES_FOOTPRINT, "footprint"},
                 {SERIES_DEVICE_MEMORY, "GPU memory"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        put_kind(p, PANEL_MEMORY, kinds[i].kind, kinds[i].name, 1073741824.0);
}

/* --- the picture --- */

static const enum ink series_inks[LINES_MAX] = {INK_ONE,  INK_TWO,  INK_THREE, INK_FOUR,
                                                INK_FIVE, INK_WARN, INK_SIX,   INK_GOOD};

/* Runs of one colour that lie side by side. */
struct band {
    double from, to; /* seconds */
    int is_odd;
    size_t number; /* of the next one */
};

static void put_band(struct panels *p, struct band *band, double least)
{
    double middle = (band->from + band->to) / 2, half = fmax(band->to - band->from, least) / 2;
    if (!(band->to >= band->from))
        return;
    buf_printf(&p->c->script,
               "set object %zu rectangle from %.4f, graph 0 to %.4f, graph 1 behind fillstyle transparent "
               "solid %.2f noborder fillcolor rgb '#%06lX'\n",
               ++band->number, middle - half, middle + half, p->c->style->theme == CHART_DARK ? 0.28 : 0.16,
               palette_ink(p->c->style->theme, band->is_odd ? INK_FIVE : INK_TWO));
}

/* A band for each run in every panel. Of very many, those become one that nobody could tell apart. */
static void put_bands(struct panels *p, double pixel)
{
    double close = p->tape->run_count > BANDS_APART ? pixel : -INFINITY;
    struct band band = {.from = INFINITY, .to = -INFINITY};
    for (size_t i = 0; i < p->tape->run_count; i++) {
        const struct run_figures *run = tape_run_at(p->tape, i);
        if (run->t_zero == ABSENT || run->t_close == ABSENT)
            continue;
        double from = tape_seconds(p->tape, run->t_zero), to = tape_seconds(p->tape, run->t_close);
        int is_odd = (int)(run->phase % 2), is_alike = is_odd == band.is_odd || to - from < pixel;
        if (is_alike && from - band.to < close) {
            band.to = fmax(band.to, to);
            continue;
        }
        put_band(p, &band, pixel * BAND_LEAST);
        band = (struct band){from, to, is_odd, band.number};
    }
    put_band(p, &band, pixel * BAND_LEAST);
}

/* The phase's name upright above its run where there is room. */
static void put_names(struct panels *p, double pixel)
{
    double narrow = pixel * p->c->font * 1.1, last = -INFINITY;
    struct buf *out = &p->c->script;
    for (size_t i = 0, label = 1000; i < p->tape->run_count; i++) {
        const struct run_figures *run = tape_run_at(p->tape, i);
        if (run->t_zero == ABSENT || run->t_close == ABSENT)
            continue;
        double from = tape_seconds(p->tape, run->t_zero), to = tape_seconds(p->tape, run->t_close),
               middle = (from + to) / 2;
        if (middle - last < narrow)
            continue;
        last = middle;
        buf_printf(out, "set label %zu ", label++);
        chart_quote_middle(out, tape_phase_name(p->tape, run->phase), p->c->font * 0.75,
                           p->c->font * NAME_EMS);
        buf_printf(
            out,
            " at %.4f, graph 1 rotate by 90 left offset 0,0.4 font ',%.1f' textcolor rgb muted noenhanced\n",
            middle, p->c->font * 0.75);
    }
}

static void put_runs(struct panels *p)
{
    double pixel = (p->to - p->from) / (p->c->width - p->c->left - p->c->right);
    put_bands(p, pixel);
    put_names(p, pixel);
}

static void put_lines(struct panels *p, enum panel panel)
{
    struct buf *out = &p->c->script;
    static const char *const titles[PANEL_COUNT] = {"power, W", "memory, GiB", "thermal level"};
    buf_printf(
        out,
        "set ylabel '%s' textcolor rgb muted\nset ytics %.9g\nset yrange [0:*]\nset offsets 0, 0, graph "
        "0.3, 0\nplot ",
        titles[panel], chart_step(p->highest[panel] * 1.3, panel == PANEL_THERMAL ? 4 : 5));
    for (size_t k = 0; k < p->count[panel]; k++) {
        unsigned long colour = palette_ink(p->c->style->theme, series_inks[k]);
        size_t index = p->first[panel] + k;
        buf_puts(out, k ? ", \\\n     '' " : "data ");
        if (panel == PANEL_POWER)
            buf_printf(out,
                       "index %zu using 1:2:3 with filledcurves fillstyle transparent solid 0.75 noborder "
                       "linecolor rgb "
                       "'#%06lX'",
                       index, colour);
        else
            buf_printf(out, "index %zu using 1:2 with %s linewidth 1.8 linecolor rgb '#%06lX'", index,
                       panel == PANEL_THERMAL ? "steps" : "lines", colour);
        buf_puts(out, " title ");
        chart_quote(out, p->names[panel][k]);
        buf_puts(out, " noenhanced");
    }
    buf_putc(out, '\n');
}

/* Room above the first panel for the names of its bands. */
static double names_height(const struct panels *p)
{
    double widest = 0, font = p->c->font * 0.75;
    for (size_t i = 0; i < p->tape->run_count; i++)
        widest =
            fmax(widest, chart_text_pixels(tape_phase_name(p->tape, tape_run_at(p->tape, i)->phase), font));
    return fmin(widest, p->c->font * NAME_EMS) + p->c->font * 0.6;
}

static size_t panels_shown(const struct panels *p)
{
    size_t n = 0;
    for (size_t k = 0; k < PANEL_COUNT; k++)
        n += p->count[k] > 0;
    return n;
}

static void put_panels(struct panels *p)
{
    struct chart *c = p->c;
    size_t shown = panels_shown(p), done = 0;
    double gap = 1.6 * c->font, names = names_height(p), each;
    c->left = 6.2 * c->font;
    c->plot_height = (double)(shown ? shown : 1) * 10 * c->font + names;
    chart_layout(c);
    each = (c->plot_height - names - gap * (double)(shown ? shown - 1 : 0)) / (double)(shown ? shown : 1);
    buf_printf(&c->script,
               "set multiplot\nset xrange [%.4f:%.4f] noextend\nset format x ''\n"
               "set key inside right top horizontal samplen 1.5 textcolor rgb text font ',%.1f'\n",
               p->from, p->to, c->font * 0.8);
    put_runs(p);
    for (size_t k = 0; k < PANEL_COUNT; k++) {
        double top = c->top + names + (each + gap) * (double)done;
        if (!p->count[k])
            continue;
        buf_printf(&c->script, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
                   1 - top / c->height, 1 - (top + each) / c->height);
        if (++done == shown)
            buf_puts(&c->script,
                     "set format x '%g'\nset xlabel 'seconds' textcolor rgb muted offset 0,0.3\n");
        put_lines(p, (enum panel)k);
        if (done == 1)
            buf_puts(&c->script, "unset label\n");
    }
    buf_puts(&c->script, "unset multiplot\n");
}

/* No sensors: the bands alone. */
static void put_bands_only(struct panels *p)
{
    struct chart *c = p->c;
    c->plot_height = 12 * c->font;
    chart_layout(c);
    put_runs(p);
    buf_printf(&c->script,
               "set tmargin at screen %.5f\nset xrange [%.4f:%.4f] noextend\nset yrange [0:1]\nunset "
               "ytics\nset border 1\n"
               "set xlabel 'seconds' textcolor rgb muted\nplot NaN notitle\n",
               1 - (c->top + names_height(p)) / c->height, p->from, p->to);
}

/* The next name of a list; *list moves on. */
static size_t next_name(const char **list, const char **name)
{
    size_t len = strcspn(*list, ",");
    *name = *list;
    *list += len + ((*list)[len] == ',');
    return len;
}

static int is_name(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(text, name, len) == 0;
}

int chart_check_panels(const char *panels, struct error *e)
{
    const char *name;
    while (panels && *panels) {
        size_t len = next_name(&panels, &name), known = 0;
        for (size_t k = 0; k < PANEL_COUNT; k++)
            known += (size_t)is_name(name, len, panel_names[k]);
        if (!known)
            return error_set(e, TT_USAGE, "no panel '%.*s'; there are power, memory and thermal",
                             (int)(len < 80 ? len : 80), name);
    }
    return TT_OK;
}

static int wants(const struct chart_input *input, const char *panel)
{
    const char *list = input->panels, *name;
    int wanted = !list;
    while (list && *list) {
        size_t len = next_name(&list, &name);
        wanted |= is_name(name, len, panel);
    }
    return wanted;
}

static void put_title(struct chart *c, const struct chart_input *input, double seconds)
{
    size_t failed = 0, runs = input->tape->run_count;
    for (size_t i = 0; i < input->report->cell_count; i++) {
        const struct cell *cell = &input->report->cells[i];
        for (size_t k = 0; k < cell->run_count; k++)
            failed += (size_t)cell_run_is_failed(cell_run_at(cell, k));
    }
    buf_printf(&c->title, "%zu run%s in ", runs, runs == 1 ? "" : "s");
    chart_duration(&c->title, seconds);
    if (failed)
        buf_printf(&c->title, ", %zu failed", failed);
}

int chart_timeline(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct panels p = {.c = c, .tape = input->tape, .sensors = input->sensors};
    if (!find_span(&p))
        return error_set(e, TT_NOTFOUND, "no chart 'timeline': the trace has no finished run");
    if (wants(input, panel_names[PANEL_POWER]))
        put_power(&p);
    if (wants(input, panel_names[PANEL_MEMORY]))
        put_memory(&p);
    if (wants(input, panel_names[PANEL_THERMAL]))
        put_kind(&p, PANEL_THERMAL, SERIES_THERMAL, "thermal pressure", 1);
    put_title(c, input, p.to - p.from);
    chart_provenance(c, input);
    if (panels_shown(&p))
        put_panels(&p);
    else {
        buf_puts(&c->data, "# no series of sensors\n");
        put_bands_only(&p);
    }
    return TT_OK;
}
