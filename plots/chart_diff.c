/* SPDX-License-Identifier: MIT */
/* What changed between two sides: a forest of shifts with their intervals, and the margin that counts as
 * none. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/chart_rows.h"

#define FARTHEST 2.5 /* an interval leaves the axes beyond so many of the largest shift */

/* How a verdict looks. Numbers are in the data. */
static const struct look {
    const char *name;
    enum ink ink;
    int shape;
} looks[] = {
    {"no verdict", INK_MUTED, 6}, {"equivalent", INK_ONE, 13}, {"better", INK_GOOD, 9},
    {"worse", INK_BAD, 11},       {"changed", INK_TEXT, 5},
};
#define LOOKS (sizeof looks / sizeof looks[0])

static size_t look_of(const struct comparison *c)
{
    switch (c->verdict) {
    case VERDICT_EQUIVALENT:
    case VERDICT_EQUAL:
        return 1;
    case VERDICT_FASTER:
        return 2;
    case VERDICT_SLOWER:
        return 3;
    case VERDICT_CHANGED:
        return 4;
    default:
        return 0;
    }
}

static const char *word_of(const struct comparison *c, char room[80])
{
    const struct compare_metric *metric = compare_metric(c->id);
    const char *word;
    switch (c->verdict) {
    case VERDICT_FASTER:
        return metric->better;
    case VERDICT_SLOWER:
        return metric->worse;
    case VERDICT_TEXT_DIFFERS:
        return "text differs";
    default:
        word = compare_verdict_text(c, &(struct compare_settings){0}, room);
        return word ? word : "";
    }
}

/* --- which rows there are --- */

struct forest {
    struct chart_rows rows;
    const struct comparison *items[CHART_ROWS_MAX];
    char labels[CHART_ROWS_MAX][64];
    double low, high; /* of the axis, per cent */
    int has_look[LOOKS];
};

/* The table's primary metric, in whatever form it is judged; else whatever comes first. */
static const struct comparison *leading(const struct compare_table *table)
{
    const struct comparison *c = compare_table_find(table, table->primary);
    enum compare_id step = table->primary == COMPARE_DECODE_50K ? COMPARE_STEP_50K : COMPARE_STEP;
    if (c && c->verdict == VERDICT_TEXT_DIFFERS && compare_table_find(table, step))
        c = compare_table_find(table, step);
    return c ? c : &table->items[0];
}

/* Phases and causes explain what is called faster or slower. Only those of the leading metric: the chart has
 * one message, and 'toktape diff' tells the rest. */
static int is_shown(const struct compare_table *table, const struct comparison *c)
{
    const struct comparison *main = leading(table);
    int is_claim = main->verdict == VERDICT_FASTER || main->verdict == VERDICT_SLOWER;
    if (isnan(c->shift))
        return 0;
    return c->parent == COMPARE_HEADLINE || (is_claim && c->parent == (size_t)(main - table->items));
}

static void collect(struct forest *f, const struct compare_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct comparison *c = &table->items[i];
        const struct compare_metric *metric = compare_metric(c->id);
        int minor = c->parent != COMPARE_HEADLINE;
        size_t place = f->rows.count;
        if (!is_shown(table, c))
            continue;
        if (place >= CHART_ROWS_MAX) {
            f->rows.left_out++;
            continue;
        }
        (void)snprintf(f->labels[place], sizeof f->labels[place], "%s%s", c->phase ? c->phase : metric->label,
                       c->phase || metric->more_is_better ? "" : " \xE2\x86\x93");
        f->items[place] = c;
        f->rows.rows[f->rows.count++] =
            (struct chart_row){minor ? ROW_MINOR : ROW_ORDINARY, NULL, NULL, SIZE_MAX, f->labels[place]};
        f->has_look[look_of(c)] = 1;
    }
}

/* The axis holds every shift and the margin; intervals as far as they leave those readable. */
static void choose_axis(struct forest *f, double margin)
{
    double farthest = 100 * margin * 1.5;
    for (size_t i = 0; i < f->rows.count; i++)
        farthest = fmax(farthest, fabs(100 * f->items[i]->shift));
    f->low = -100 * margin * 1.5;
    f->high = -f->low;
    for (size_t i = 0; i < f->rows.count; i++) {
        const struct comparison *c = f->items[i];
        f->low = fmin(f->low, 100 * fmin(c->shift, c->low));
        f->high = fmax(f->high, 100 * fmax(c->shift, c->high));
    }
    f->low = fmax(f->low, -FARTHEST * farthest);
    f->high = fmin(f->high, FARTHEST * farthest);
    double room = 0.06 * (f->high - f->low); /* marks touch neither the edge nor the words behind it */
    f->low -= room;
    f->high += room;
}

/* --- what is written --- */

static double percent(double fraction)
{
    return compare_round(100 * fraction);
}

static void put_data(struct chart *c, const struct forest *f)
{
    buf_puts(&c->data,
             "# place shift_pct low_pct high_pct verdict base_median new_median n_base n_new label\n");
    for (size_t i = 0; i < f->rows.count; i++) {
        const struct comparison *item = f->items[i];
        double divisor = compare_metric(item->id)->divisor;
        const double interval[] = {percent(item->shift), percent(item->low), percent(item->high)};
        const double medians[] = {compare_round(item->median[SIDE_BASE] / divisor),
                                  compare_round(item->median[SIDE_NEW] / divisor)};
        buf_printf(&c->data, "%zu ", i);
        chart_numbers(&c->data, interval, 3);
        buf_printf(&c->data, "%zu ", look_of(item));
        chart_numbers(&c->data, medians, 2);
        buf_printf(&c->data, "%zu %zu ", item->effect.n[SIDE_BASE], item->effect.n[SIDE_NEW]);
        rows_data_end(c, &f->rows, i);
    }
}

static void put_verdicts(struct chart *c, const struct forest *f)
{
    for (size_t i = 0; i < f->rows.count; i++) {
        struct buf text = BUF_INIT;
        char room[80];
        compare_put_percent(&text, f->items[i]->shift);
        buf_printf(&text, " %%  %s", word_of(f->items[i], room));
        rows_text(c, &f->rows, i, &text, looks[look_of(f->items[i])].ink);
    }
}

static void put_title(struct chart *c, const struct compare_table *table)
{
    const struct comparison *item = leading(table);
    char room[80];
    buf_printf(&c->title, "%s: %s, ", compare_metric(item->id)->label, word_of(item, room));
    compare_put_percent(&c->title, item->shift);
    buf_puts(&c->title, " %");
    if (isfinite(item->low)) {
        buf_puts(&c->title, " (95 %: ");
        compare_put_interval(&c->title, item->low, item->high);
        buf_puts(&c->title, " %)");
    }
    chart_capitalise(&c->title);
}

static void put_side(struct chart *c, const struct compare_side *side, size_t n, int unit_is_trace)
{
    buf_printf(&c->summary, "%s: %s, n = %zu %s%s", side->name, side->cell.id.label, n,
               unit_is_trace ? "trace" : "repeat", n == 1 ? "" : "s");
    for (size_t i = 0; i < side->cell.trace_count; i++)
        chart_source(c, side->cell.traces[i].content_id);
}

static void put_provenance(struct chart *c, const struct compare_result *r)
{
    const struct compare_table *table = r->table;
    size_t n[SIDES] = {0, 0};
    int synthetic = 0, incomplete = 0;
    for (size_t i = 0; i < table->unit_count; i++)
        n[table->units[i].side]++;
    for (int side = 0; side < SIDES; side++) {
        put_side(c, &r->sides[side], n[side], table->unit_is_trace);
        buf_puts(&c->summary, side ? "" : " \xC2\xB7 ");
        synthetic |= cell_is_synthetic(&r->sides[side].cell);
        incomplete |= r->sides[side].is_partial;
    }
    if (compare_is_one_session(leading(table), &table->settings))
        buf_puts(&c->summary, " \xC2\xB7 one session each");
    chart_marks(c, synthetic, incomplete);
}

static void put_legend(struct chart *c, const struct forest *f, double margin)
{
    char text[40];
    for (size_t i = 0; i < LOOKS; i++) {
        if (f->has_look[i])
            chart_legend_add(c, looks[i].name, palette_ink(c->style->theme, looks[i].ink), looks[i].shape);
    }
    (void)snprintf(text, sizeof text, "margin \xC2\xB1%.4g %%", 100 * margin);
    chart_legend_add(c, text, palette_ink(c->style->theme, INK_SIX), 5);
}

static void put_words(struct buf *out, const char *name, const struct chart *c, int of_shapes)
{
    buf_printf(out, "%s = '", name);
    for (size_t i = 0; i < LOOKS; i++) {
        buf_puts(out, i ? " " : "");
        buf_printf(out, "%lu",
                   of_shapes ? (unsigned long)looks[i].shape : palette_ink(c->style->theme, looks[i].ink));
    }
    buf_puts(out, "'\n");
}

static void put_plot(struct chart *c, const struct forest *f, double margin)
{
    struct buf *out = &c->script;
    put_words(out, "shades", c, 0);
    put_words(out, "shapes", c, 1);
    buf_printf(
        out,
        "shade(v) = int(real(word(shades, int(v) + 1)))\nshape(v) = int(real(word(shapes, int(v) + 1)))\n"
        "set xrange [%.9g:%.9g]\nset xtics %.9g format '%%+g'\nset xtics add ('0' 0)\n"
        "set object rectangle from first %.9g, graph 0 to first %.9g, graph 1 fillcolor rgb '#%06lX' "
        "fillstyle transparent solid 0.2 noborder behind\n"
        "set arrow from first 0, graph 0 to first 0, graph 1 nohead linecolor rgb muted back\n",
        f->low, f->high, chart_step(f->high - f->low, fmin(rows_marks_most(c), 7)), -100 * margin,
        100 * margin, palette_ink(c->style->theme, INK_SIX));
    buf_printf(
        out,
        "# intervals; those that leave the axes end in an arrow\n"
        "plot data using (valid(3) ? $2 : NaN):1:3:4:(shade($5)) with xerrorbars pointtype -1 linewidth 1.6 "
        "linecolor rgb "
        "variable, \\\n"
        "     '' using ($4 > %.9g ? $2 : NaN):1:(%.9g - $2):(0):(shade($5)) with vectors filled head "
        "linewidth 1.6 linecolor rgb variable, \\\n"
        "     '' using ($3 < %.9g ? $2 : NaN):1:(%.9g - $2):(0):(shade($5)) with vectors filled head "
        "linewidth 1.6 linecolor rgb variable, \\\n"
        "     '' using 2:1:(shape($5)):(shade($5)) with points pointtype variable pointsize %.2f linewidth "
        "1.6 linecolor rgb variable\n",
        f->high, f->high, f->low, f->low, c->mark / 13);
}

int chart_diff(struct chart *c, const struct chart_input *input, struct error *e)
{
    const struct compare_result *r = input->comparison;
    struct forest f = {.rows = {.value_pixels = c->font * 12.5}};
    if (!r)
        return error_set(e, TT_NOTFOUND, "no chart 'diff': it compares two sides, BASE... --against NEW...");
    collect(&f, r->table);
    if (!f.rows.count)
        return error_set(e, TT_NOTFOUND, "no chart 'diff': no figure was measured on both sides");
    choose_axis(&f, r->table->settings.margin);
    put_title(c, r->table);
    put_provenance(c, r);
    put_legend(c, &f, r->table->settings.margin);
    rows_axes(c, &f.rows, "new against base, % (bars: 95 % interval; \xE2\x86\x93: less is better)");
    put_verdicts(c, &f);
    put_data(c, &f);
    put_plot(c, &f, r->table->settings.margin);
    return TT_OK;
}
