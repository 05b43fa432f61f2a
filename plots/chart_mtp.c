/* SPDX-License-Identifier: MIT */
/* What speculative decoding gives: pairs of rows that differ in nothing else. */
#include <math.h>
#include <string.h>

#include "analyze/decimal.h"
#include "plots/chart_rows.h"

static int is_plain(const struct identity *id)
{
    return !*id->speculative || strcmp(id->speculative, "none") == 0;
}

static int same_but_for_drafts(const struct identity *a, const struct identity *b)
{
    return strcmp(a->machine, b->machine) == 0 && strcmp(a->power_mode, b->power_mode) == 0 &&
           strcmp(a->model, b->model) == 0 && strcmp(a->quant, b->quant) == 0 &&
           strcmp(a->engine, b->engine) == 0 && strcmp(a->engine_version, b->engine_version) == 0;
}

/* The row without drafts that `with` is to be held against. */
static const struct chart_row *find_plain(const struct chart_rows *rows, const struct chart_row *with)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct chart_row *row = &rows->rows[i];
        if (row->row && is_plain(&row->cell->id) && same_but_for_drafts(&row->cell->id, &with->cell->id))
            return row;
    }
    return NULL;
}

struct gains {
    double least, most, largest;
    size_t pairs;
};

static double decode_of(const struct chart_row *row)
{
    return row->row->figures[METRIC_DECODE].value;
}

static void put_text(struct chart *c, const struct chart_rows *pairs, size_t i, double gain)
{
    struct buf text = BUF_INIT;
    const struct figure *figures = pairs->rows[i].row->figures;
    chart_signed(&text, gain, 1);
    buf_puts(&text, " %");
    if (!isnan(figures[METRIC_ACCEPTANCE].value))
        buf_printf(&text, "  %.0f %% acc.", 100 * figures[METRIC_ACCEPTANCE].value);
    if (!isnan(figures[METRIC_TOKENS_PER_STEP].value))
        buf_printf(&text, "  %.1f tok/step", figures[METRIC_TOKENS_PER_STEP].value);
    rows_text(c, pairs, i, &text, gain < 0 ? INK_BAD : INK_TEXT);
}

static void put_pair(struct chart *c, const struct chart_rows *pairs, size_t i,
                     const struct chart_row *without, struct gains *gains)
{
    const struct chart_row *with = &pairs->rows[i];
    double before = decode_of(without), after = decode_of(with), gain = 100 * (after / before - 1);
    const double values[] = {before, after, gain, with->row->figures[METRIC_ACCEPTANCE].value,
                             with->row->figures[METRIC_TOKENS_PER_STEP].value};
    rows_data_begin(c, pairs, i);
    chart_numbers(&c->data, values, sizeof values / sizeof values[0]);
    rows_data_end(c, pairs, i);
    put_text(c, pairs, i, gain);
    gains->least = fmin(gains->least, gain);
    gains->most = fmax(gains->most, gain);
    gains->largest = fmax(gains->largest, fmax(before, after));
}

static void put_title(struct chart *c, const struct gains *gains)
{
    buf_puts(&c->title, "Speculative decoding changes decode by ");
    chart_signed(&c->title, gains->least, 1);
    if (gains->pairs > 1) {
        buf_puts(&c->title, " % to ");
        chart_signed(&c->title, gains->most, 1);
    }
    buf_puts(&c->title, " %");
}

/* The rows with drafts that have a row without, and the headings of their blocks. */
static void collect(const struct chart_rows *all, struct chart_rows *pairs, const struct chart_row **without)
{
    const struct chart_row *heading = NULL; /* of the next pair */
    for (size_t i = 0; i < all->count; i++) {
        const struct chart_row *row = &all->rows[i];
        heading = row->row ? heading : row;
        const struct chart_row *plain = row->row && !is_plain(&row->cell->id) ? find_plain(all, row) : NULL;
        if (!plain || isnan(decode_of(plain)) || isnan(decode_of(row)))
            continue;
        if (heading)
            pairs->rows[pairs->count++] = *heading;
        heading = NULL;
        without[pairs->count] = plain;
        pairs->rows[pairs->count++] = *row;
        pairs->cells++;
    }
}

int chart_mtp(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows all, pairs = {.value_pixels = c->font * 14};
    const struct chart_row *without[CHART_ROWS_MAX];
    struct gains gains = {INFINITY, -INFINITY, 0, 0};
    rows_of_report(&all, input, ROWS_PLAIN);
    collect(&all, &pairs, without);
    gains.pairs = pairs.cells;
    if (!gains.pairs)
        return error_set(e, TT_NOTFOUND,
                         "no chart 'mtp': no two traces differ in speculative decoding and in nothing else");
    rows_axes(c, &pairs, "decode, tok/s");
    buf_puts(&c->data, "# place engine without with change_pct acceptance tokens_per_step label\n");
    for (size_t i = 0; i < pairs.count; i++) {
        if (pairs.rows[i].row)
            put_pair(c, &pairs, i, without[i], &gains);
    }
    put_title(c, &gains);
    chart_provenance(c, input);
    rows_engine_legend(c, &pairs);
    chart_legend_add(c, "without", palette_ink(c->style->theme, INK_MUTED), 6);
    chart_legend_add(c, "with drafts", palette_ink(c->style->theme, INK_TEXT), 7);
    rows_from_zero(c, gains.largest * 1.05);
    buf_printf(
        &c->script,
        "plot data using 3:1:($4-$3):(0):(ink($2)) with vectors nohead linewidth 3 linecolor rgb variable, "
        "\\\n"
        "     '' using 3:1 with points pointtype 6 pointsize %.2f linewidth 1.5 linecolor rgb muted, \\\n"
        "     '' using 4:1:(ink($2)) with points pointtype 7 pointsize %.2f linecolor rgb variable\n",
        c->mark / 15, c->mark / 13);
    return TT_OK;
}
