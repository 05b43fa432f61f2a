/* SPDX-License-Identifier: MIT */
/* A metric over the versions of an engine: cells that differ in nothing else are one line. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/history.h"

#define GIB 1073741824.0

/* How a metric is called, and how it is counted there. */
static const struct shown_metric {
    const char *title, *unit;
    double divisor;
} metrics[METRIC_COUNT] = {
    [METRIC_DECODE] = {"decode", "tok/s", 1},
    [METRIC_PEAK] = {"peak decode", "tok/s", 1},
    [METRIC_DECODE_50K] = {"decode at 50K", "tok/s", 1},
    [METRIC_TTFT] = {"time to first token", "ms", 1},
    [METRIC_TTFT_COLD] = {"cold time to first token", "ms", 1},
    [METRIC_TTFT_PREFIX] = {"time to first token of a known prefix", "ms", 1},
    [METRIC_TTFT_LONG] = {"long time to first token", "ms", 1},
    [METRIC_TURN] = {"turn", "ms", 1},
    [METRIC_PREFILL] = {"prefill", "tok/s", 1},
    [METRIC_REUSE] = {"prefix reuse", "of the prompt", 1},
    [METRIC_TRUE_HIT_RATE] = {"hit rate", "of what could be cached", 1},
    [METRIC_WASTED_TOKENS] = {"wasted tokens", "a repeat", 1},
    [METRIC_TOKENS_PER_STEP] = {"tokens", "a step", 1},
    [METRIC_STEP] = {"step", "ms", 1},
    [METRIC_ACCEPTANCE] = {"acceptance", "of the drafts", 1},
    [METRIC_TOK_S_PER_W] = {"efficiency", "t/s/W", 1},
    [METRIC_J_PER_TOKEN] = {"energy", "J/token", 1},
    [METRIC_SOC_W] = {"SoC power", "W", 1},
    [METRIC_SOC_W_NET] = {"SoC power above idle", "W", 1},
    [METRIC_IDLE_W] = {"idle power", "W", 1},
    [METRIC_PEAK_RSS] = {"peak memory", "GiB", GIB},
    [METRIC_STEADY_RSS] = {"steady memory", "GiB", GIB},
    [METRIC_PEAK_FOOTPRINT] = {"peak footprint", "GiB", GIB},
    [METRIC_VALID] = {"valid runs", "%", 1},
};

int chart_check_metric(const char *metric, struct error *e)
{
    if (!metric || metric_find(metric) != METRIC_COUNT)
        return TT_OK;
    return error_set(e, TT_USAGE,
                     "no metric '%s': the names are those of 'report --json', such as decode_tok_s", metric);
}

/* The version up to its first '-', as tables have it, where that tells all of them apart. */
static void put_version(const struct history *h, const struct history_point *p, struct buf *out)
{
    const char *version = p->id->engine_version;
    buf_append(out, version, h->in_full ? strlen(version) : strcspn(version, "-"));
}

/* Series at one place stand a little beside each other. */
static double abscissa(const struct history *h, const struct history_point *p)
{
    double step = fmin(0.5 / (double)h->series, 0.12);
    return (double)p->place + ((double)p->series - (double)(h->series - 1) / 2) * step;
}

static void series_name(const struct history *h, size_t series, struct buf *out)
{
    const struct identity *id = history_next(h, series, NULL)->id;
    int many_machines = 0;
    for (size_t i = 0; i < h->count; i++)
        many_machines |= strcmp(h->points[i].id->machine, id->machine) != 0;
    identity_put_label(id, 0, out);
    if (many_machines)
        buf_printf(out, " \xC2\xB7 %s", id->machine);
}

static void put_data(struct chart *c, const struct history *h)
{
    for (size_t s = 0; s < h->series; s++) {
        struct buf name = BUF_INIT;
        series_name(h, s, &name);
        buf_printf(&c->data, "%s# ", s ? "\n\n" : "");
        chart_data_text(&c->data, buf_text(&name));
        buf_printf(&c->data, " %s in %s\n# place value interval_half engine n version\n",
                   metric_name(h->metric), metrics[h->metric].unit);
        c->data.failed = name.failed ? name.failed : c->data.failed;
        buf_release(&name);
        for (const struct history_point *p = NULL; (p = history_next(h, s, p)) != NULL;) {
            buf_printf(&c->data, "%.4f ", abscissa(h, p));
            chart_number(&c->data, p->value);
            chart_number(&c->data, p->half);
            buf_printf(&c->data, "%zu %llu ", palette_engine(p->id->engine), (unsigned long long)p->n);
            chart_data_text(&c->data, p->id->engine_version);
            buf_putc(&c->data, '\n');
        }
    }
}

/* "decode went from 49 to 52 tok/s", or "stayed at" where the figures shown are the same. */
static void put_change(struct buf *out, const struct shown_metric *metric, double first, double last)
{
    char before[32], after[32];
    (void)snprintf(before, sizeof before, "%.4g", first);
    (void)snprintf(after, sizeof after, "%.4g", last);
    if (strcmp(before, after) == 0)
        buf_printf(out, "%s stayed at %s %s", metric->title, after, metric->unit);
    else
        buf_printf(out, "%s went from %s to %s %s", metric->title, before, after, metric->unit);
}

static void put_title(struct chart *c, const struct history *h)
{
    size_t series = history_most_changed(h);
    const struct history_point *first = history_next(h, series, NULL), *last = history_last(h, series);
    if (h->series > 1) {
        series_name(h, series, &c->title);
        buf_puts(&c->title, ": ");
    }
    put_change(&c->title, &metrics[h->metric], first->value, last->value);
    buf_puts(&c->title, " between ");
    put_version(h, first, &c->title);
    buf_puts(&c->title, " and ");
    put_version(h, last, &c->title);
    double change = fabs(last->value - first->value);
    if (change > 0 && change <= first->half + last->half)
        buf_puts(&c->title, ", within the intervals");
    if (h->series == 1)
        chart_capitalise(&c->title);
}

static void put_summary(struct chart *c, const struct history *h)
{
    int synthetic = 0, incomplete = 0, traces = 0;
    for (size_t i = 0; i < h->count; i++) {
        const struct history_point *p = &h->points[i];
        synthetic |= p->row->synthetic;
        incomplete |= row_is_partial(p->row);
        traces |= p->of_traces;
        for (size_t t = 0; t < p->row->content_ids.count; t++)
            chart_source(c, p->row->content_ids.items[t]);
    }
    if (h->series == 1) {
        series_name(h, 0, &c->summary);
        buf_puts(&c->summary, " \xC2\xB7 ");
    }
    buf_printf(&c->summary, "n = %llu", (unsigned long long)h->n_least);
    if (h->n_most != h->n_least)
        buf_printf(&c->summary, " to %llu", (unsigned long long)h->n_most);
    buf_puts(&c->summary, traces ? ", of traces where there are 3" : "");
    chart_marks(c, synthetic, incomplete);
}

/* Engines keep their colour; their series differ in shape. */
static void put_legend(struct chart *c, const struct history *h)
{
    for (size_t s = 0; s < h->series && h->series > 1; s++) {
        struct buf name = BUF_INIT;
        series_name(h, s, &name);
        size_t code = palette_engine(history_next(h, s, NULL)->id->engine);
        chart_legend_add(c, buf_text(&name), palette_engine_colour(c->style->theme, code),
                         palette_series_shape(s));
        c->script.failed = name.failed ? name.failed : c->script.failed;
        buf_release(&name);
    }
}

/* The places' names in gnuplot's list; returns how wide the widest is. */
static double put_places(struct buf *out, const struct history *h, double font, double most)
{
    double widest = 0;
    for (size_t i = 0; i < h->count; i++) {
        struct buf version = BUF_INIT;
        if (i && history_same_place(&h->points[i], &h->points[i - 1]))
            continue;
        put_version(h, &h->points[i], &version);
        buf_puts(out, i ? ", " : "");
        chart_quote_tic(out, buf_text(&version), font, most);
        buf_printf(out, " %zu", h->points[i].place);
        widest = fmax(widest, chart_text_pixels(buf_text(&version), font));
        out->failed = version.failed ? version.failed : out->failed;
        buf_release(&version);
    }
    return fmin(widest, most);
}

/* Versions below the axis: slanted where they would touch. */
static void put_versions(struct chart *c, const struct history *h)
{
    struct buf places = BUF_INIT;
    double width = (c->width - c->left - c->right) / (double)h->places;
    double widest = put_places(&places, h, c->font, 11 * c->font);
    buf_puts(&c->script, "set xtics scale 0.5 noenhanced ");
    if (widest > width - c->font) {
        buf_puts(&c->script, "rotate by 40 right offset 0.5,0 ");
        c->bottom = fmax(c->bottom, c->font * 3.2 + widest * 0.64);
    }
    buf_printf(&c->script, "(%s)\n", buf_text(&places));
    c->script.failed = places.failed ? places.failed : c->script.failed;
    buf_release(&places);
}

/* Room around what is shown; from zero where that hides nothing. */
static void put_range(struct chart *c, const struct history *h)
{
    double room = (h->high - h->low) * 0.15, low = h->low - room;
    room = room > 0 ? room : fabs(h->high) * 0.05;
    room = room > 0 ? room : 1;
    low = h->low - room;
    if (h->low >= 0 && (low < 0 || h->high - h->low > 0.4 * h->high))
        low = 0;
    buf_printf(&c->script, "set xrange [-0.6:%.9g]\nset yrange [%.9g:%.9g]\n", (double)h->places - 0.4, low,
               h->high + room);
}

static void put_plot(struct chart *c, const struct history *h)
{
    const struct shown_metric *metric = &metrics[h->metric];
    put_versions(c, h);
    put_range(c, h);
    buf_puts(&c->script,
             "set grid ytics noxtics\nset xlabel 'version of the engine' textcolor rgb muted\nset ylabel ");
    struct buf title = BUF_INIT;
    buf_printf(&title, "%s, %s (bars: 95 %% interval)", metric->title, metric->unit);
    chart_quote(&c->script, buf_text(&title));
    buf_release(&title);
    buf_puts(&c->script, " noenhanced textcolor rgb muted\nplot ");
    for (size_t s = 0; s < h->series; s++)
        buf_printf(
            &c->script,
            "%s index %zu using 1:2:3:(ink($4)) with yerrorbars pointtype -1 linewidth 1.3 linecolor rgb "
            "variable, \\\n"
            "     '' index %zu using 1:2:(ink($4)) with linespoints pointtype %d pointsize %.2f linewidth "
            "1.6 linecolor rgb variable%s\n",
            s ? "     ''" : "data", s, s, palette_series_shape(s), c->font / 14,
            s + 1 < h->series || h->n_least != h->n_most ? ", \\" : "");
    if (h->n_least != h->n_most)
        buf_printf(
            &c->script,
            "     for [i=0:%zu] '' index i using 1:($2 + (valid(3) ? $3 : 0)):(sprintf('n %%d', $5)) with "
            "labels offset 0,0.9 font ',%.1f' textcolor rgb muted\n",
            h->series - 1, c->font * 0.78);
}

int chart_history(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct history h = {.metric = metric_find(input->metric ? input->metric : "decode_tok_s")};
    h.divisor = metrics[h.metric].divisor;
    if (history_make(&h, input))
        return error_set(e, TT_NOMEM, "out of memory for chart 'history'");
    if (!h.count)
        return error_set(e, TT_NOTFOUND,
                         "no chart 'history': no two traces differ in the engine's version and in nothing "
                         "else");
    put_title(c, &h);
    put_summary(c, &h);
    put_legend(c, &h);
    put_data(c, &h);
    put_plot(c, &h);
    return TT_OK;
}
