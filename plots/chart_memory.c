/* SPDX-License-Identifier: MIT */
/* The engine's memory over a recording, with the runs as bands behind it. */
#include <math.h>

#include "plots/charts.h"

struct memory_kind {
    uint64_t kind;
    const char *title;
};

static const struct memory_kind kinds[] = {
    {SERIES_RSS, "resident (RSS)"},
    {SERIES_RSS_ANON, "anonymous part"},
    {SERIES_RSS_FILE, "file-backed part"},
    {SERIES_FOOTPRINT, "footprint"},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static double seconds(const struct tape *tape, uint64_t t)
{
    return t < tape->t_origin ? -tape_ns(tape, tape->t_origin - t) / 1e9
                              : tape_ns(tape, t - tape->t_origin) / 1e9;
}

/* Every series of that kind that belongs to the engine, one line each. Returns how many samples were written.
 */
static size_t write_kind(struct buf *out, const struct tape *tape, const struct memory_kind *kind)
{
    size_t written = 0;
    buf_printf(out, "# %s: seconds MiB\n", kind->title);
    for (size_t s = 0; s < tape->series_count; s++) {
        const struct tape_series *series = &tape->series[s];
        if (series->row.kind != kind->kind || series->row.scope != SCOPE_ENGINE)
            continue;
        for (size_t i = 0; i < series->count; i++, written++)
            buf_printf(out, "%.4f %.3f\n", seconds(tape, series->samples[i].t),
                       (double)series->samples[i].value / 1048576.0);
        buf_putc(out, '\n'); /* one empty line: the next process is another line of the same colour */
    }
    buf_puts(out, "\n\n");
    return written;
}

/* Seconds from the first run's start to the last one's end. */
static double length_s(const struct tape *tape)
{
    double last = 0;
    for (size_t i = 0; i < tape->run_count; i++) {
        if (tape->runs[i].t_close != ABSENT)
            last = fmax(last, seconds(tape, tape->runs[i].t_close));
    }
    return last;
}

/* A band behind the lines for each run, with the phase's name upright in it where it is wide enough. */
static void write_bands(struct buf *out, const struct tape *tape)
{
    double narrow = 0.016 * length_s(tape);
    for (size_t i = 0; i < tape->run_count; i++) {
        const struct run_figures *run = &tape->runs[i];
        if (run->t_zero == ABSENT || run->t_close == ABSENT)
            continue;
        double from = seconds(tape, run->t_zero), to = seconds(tape, run->t_close);
        buf_printf(out,
                   "set object %zu rectangle from %.4f, graph 0 to %.4f, graph 1 behind fillstyle solid 1 "
                   "noborder fillcolor rgb '%s'\n",
                   i + 1, from, to, run->phase % 2 ? "#eef3f8" : "#f8f1e8");
        if (to - from < narrow)
            continue;
        buf_printf(out, "set label %zu ", i + 10);
        chart_quote(out, tape_phase_name(tape, run->phase));
        buf_printf(out,
                   " at %.4f, graph 0.98 rotate by 90 right font ',8' textcolor rgb '#777777' noenhanced\n",
                   (from + to) / 2);
    }
}

int chart_memory(struct chart *c, const struct tape *tape, const char *small_print, struct error *e)
{
    size_t counts[KIND_COUNT], shown = 0;
    for (size_t k = 0; k < KIND_COUNT; k++) {
        counts[k] = write_kind(&c->data, tape, &kinds[k]);
        shown += counts[k];
    }
    if (!shown)
        return error_set(e, TT_NOTFOUND, "no chart of memory: the trace has no memory samples of the engine");
    chart_title(c, "Memory of the engine during the recording", small_print);
    write_bands(&c->script, tape);
    buf_puts(&c->script,
             "set xlabel 'seconds' offset 0,0.3\nset ylabel 'MiB'\nset yrange [0:*]\n"
             "set xrange [0:*] noextend\nset offsets 0, 0, graph 0.4, 0\nset key samplen 2\nplot ");
    int first = 1;
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (!counts[k])
            continue;
        buf_printf(&c->script,
                   "%sdata index %zu using 1:2 with lines linewidth 1.8 linecolor rgb '%s' title '%s'",
                   first ? "" : ", \\\n     ", k, chart_colour(k), kinds[k].title);
        first = 0;
    }
    buf_putc(&c->script, '\n');
    return c->data.failed || c->script.failed
               ? error_set(e, TT_NOMEM, "out of memory for the chart of memory")
               : TT_OK;
}
