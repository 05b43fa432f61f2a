/* SPDX-License-Identifier: MIT */
#include "plots/chart_rows.h"

#include <math.h>
#include <string.h>

#include "analyze/statistics.h"

#define ROWS_OF_SLIDE 5    /* fewer are no thicker than so many are */
#define LABELS_MOST   0.44 /* of the picture's width */
#define AXES_LEAST    0.24 /* of it; labels are cut before axes get narrower */
#define MARKS_MOST    8    /* on an axis */
#define MARK_EMS      3.2  /* room for one */
#define VALUE_SIZE    0.86 /* of ordinary text: what stands right of the axes */

static void add(struct chart_rows *rows, struct chart_row row)
{
    if (rows->count >= CHART_ROWS_MAX) {
        rows->left_out += row.row != NULL;
        return;
    }
    rows->rows[rows->count++] = row;
    rows->cells += row.row != NULL;
}

static int block_is_shown(const struct chart_input *input, const struct report_block *block)
{
    return !input->block || input->block == block;
}

static size_t count_shown(const struct chart_input *input, int *tiers)
{
    size_t blocks = 0;
    *tiers = 0;
    for (size_t i = 0; i < input->report->block_count; i++) {
        const struct report_block *block = &input->report->blocks[i];
        blocks += (size_t)block_is_shown(input, block);
        for (size_t k = 0; block_is_shown(input, block) && k < block->row_count; k++)
            *tiers |= 1 << block->rows[k].tier;
    }
    return blocks;
}

static void add_block(struct chart_rows *rows, const struct chart_input *input,
                      const struct report_block *block, int with_tiers)
{
    for (size_t k = 0; k < block->row_count; k++) {
        const struct report_row *row = &block->rows[k];
        if (with_tiers && (k == 0 || block->rows[k - 1].tier != row->tier))
            add(rows, (struct chart_row){ROW_HEADING, NULL, NULL, SIZE_MAX,
                                         input->gates->tiers[row->tier - 1].short_title});
        add(rows,
            (struct chart_row){ROW_ORDINARY, row, &input->report->cells[row->source], SIZE_MAX, row->label});
    }
}

void rows_of_report(struct chart_rows *rows, const struct chart_input *input, enum rows_by by)
{
    int tiers;
    size_t blocks = count_shown(input, &tiers);
    int with_tiers = by == ROWS_BY_TIER && (tiers & (tiers - 1)) != 0;
    memset(rows, 0, sizeof *rows);
    for (size_t i = 0; i < input->report->block_count; i++) {
        const struct report_block *block = &input->report->blocks[i];
        if (!block_is_shown(input, block))
            continue;
        if (blocks > 1)
            add(rows, (struct chart_row){ROW_HEADING, NULL, NULL, SIZE_MAX, block->title});
        add_block(rows, input, block, with_tiers);
    }
}

int rows_of_phases(struct chart_rows *rows, const struct chart_input *input)
{
    struct chart_rows all;
    rows_of_report(&all, input, ROWS_PLAIN);
    if (all.cells != 1)
        return 0;
    struct chart_row only = all.rows[all.count - 1];
    memset(rows, 0, sizeof *rows);
    for (size_t p = 0; p < only.cell->phases.count; p++)
        add(rows, (struct chart_row){ROW_ORDINARY, only.row, only.cell, p, only.cell->phases.items[p]});
    return 1;
}

static double row_font(const struct chart *c, const struct chart_rows *rows)
{
    if (c->style->size == CHART_COLUMN)
        return c->font * 0.92;
    double room = (c->height - 220) / (double)(rows->count ? rows->count : 1);
    return fmin(c->font, fmax(room * 0.72, 11));
}

static double value_pixels(const struct chart *c, const struct chart_rows *rows)
{
    return fmax(rows->value_pixels, 1.6 * c->font);
}

static double label_pixels(const struct chart *c, const struct chart_rows *rows, double font)
{
    double widest = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].kind != ROW_HEADING)
            widest = fmax(widest, chart_text_pixels(rows->rows[i].label, font));
    }
    double room = c->width * (1 - AXES_LEAST) - value_pixels(c, rows) - 2.1 * c->font;
    return fmin(widest, fmin(c->width * LABELS_MOST, room));
}

static void put_row_label(struct chart *c, const struct chart_rows *rows, size_t i, double font)
{
    struct buf *out = &c->script;
    int heading = rows->rows[i].kind == ROW_HEADING;
    double pixels = heading ? c->width * 0.9 : c->left - font * 1.6;
    buf_puts(out, "set label ");
    chart_quote_middle(out, rows->rows[i].label, font, pixels);
    if (heading)
        buf_printf(out,
                   " at screen %.5f, first %zu left noenhanced font '" CHART_FONT
                   "%s,%.1f' textcolor rgb muted\n",
                   c->font * 0.9 / c->width, i, chart_bold(c), font);
    else
        buf_printf(out, " at screen %.5f, first %zu right noenhanced font ',%.1f' textcolor rgb %s\n",
                   (c->left - font * 0.6) / c->width, i, font,
                   rows->rows[i].kind == ROW_MINOR ? "muted" : "text");
}

/* How far a title in the middle of the axes has to move so that it is not cut at the edge, in pixels. */
static double inwards(const struct chart *c, const char *title)
{
    double middle = (c->left + c->width - c->right) / 2, half = chart_text_pixels(title, c->font) / 2;
    double over = fmax(middle + half - (c->width - c->font * 0.5), 0);
    return -fmin(over, fmax(middle - half, 0));
}

void rows_axes(struct chart *c, const struct chart_rows *rows, const char *title)
{
    double font = row_font(c, rows);
    c->left = label_pixels(c, rows, font) + font * 1.6 + c->font * 0.5;
    c->right = value_pixels(c, rows);
    c->plot_height = fmax((double)rows->count, 2) * c->font * 1.85;
    for (size_t i = 0; i < rows->count; i++)
        put_row_label(c, rows, i, font);
    double room = c->style->size == CHART_SLIDE ? fmax((ROWS_OF_SLIDE - (double)rows->count) / 2, 0) : 0;
    buf_printf(&c->script,
               "set yrange [%.9g:%.9g]\nunset ytics\nset border 1\nset grid xtics noytics\nset xlabel ",
               (double)rows->count - 0.5 + room, -0.6 - room);
    chart_quote(&c->script, title);
    buf_printf(&c->script, " noenhanced offset screen %.5f, character 0.3 textcolor rgb muted\n",
               inwards(c, title) / c->width);
    if (rows->left_out)
        buf_printf(&c->summary, "%s%zu more are left out", c->summary.len ? " \xC2\xB7 " : "",
                   rows->left_out);
}

double rows_marks_most(const struct chart *c)
{
    return fmax((c->width - c->left - c->right) / (MARK_EMS * c->font), 2);
}

void rows_from_zero(struct chart *c, double largest)
{
    double most = fmin(rows_marks_most(c), MARKS_MOST);
    buf_printf(&c->script, "set xrange [0:%.9g]\nset xtics %.9g\n", largest, chart_step(largest, most));
}

void rows_data_begin(struct chart *c, const struct chart_rows *rows, size_t i)
{
    buf_printf(&c->data, "%zu %zu ", i, palette_engine(rows->rows[i].row->engine));
}

void rows_data_end(struct chart *c, const struct chart_rows *rows, size_t i)
{
    chart_data_text(&c->data, rows->rows[i].label);
    buf_putc(&c->data, '\n');
}

void rows_text(struct chart *c, const struct chart_rows *rows, size_t i, struct buf *text, enum ink ink)
{
    double font = fmin(row_font(c, rows), c->font * VALUE_SIZE);
    buf_puts(&c->script, "set label ");
    chart_quote(&c->script, buf_text(text));
    buf_printf(&c->script,
               " at graph 1, first %zu left offset 0.6,0 noenhanced font ',%.1f' textcolor rgb '#%06lX'\n", i,
               font, palette_ink(c->style->theme, ink));
    if (text->failed)
        c->script.failed = text->failed;
    buf_release(text);
}

/* --- what it rests on --- */

int row_is_partial(const struct report_row *row)
{
    return strcmp(row->closed, "incomplete") == 0 || strcmp(row->closed, "repaired") == 0;
}

static void repeats_text(struct buf *out, uint64_t least, uint64_t most)
{
    if (least == most)
        buf_printf(out, "n = %llu %s", (unsigned long long)most, most == 1 ? "repeat" : "repeats");
    else
        buf_printf(out, "n = %llu to %llu repeats", (unsigned long long)least, (unsigned long long)most);
}

void chart_source(struct chart *c, const char *content_id)
{
    buf_printf(&c->sources, "%s%.12s", c->sources.len ? ", " : "toktape traces ", content_id);
}

void chart_marks(struct chart *c, int synthetic, int incomplete)
{
    buf_printf(&c->summary, "%s%s", synthetic ? " \xC2\xB7 synthetic" : "",
               incomplete ? " \xC2\xB7 incomplete" : "");
}

void chart_provenance(struct chart *c, const struct chart_input *input)
{
    uint64_t least = UINT64_MAX, most = 0;
    size_t cells = 0;
    int synthetic = 0, incomplete = 0;
    for (size_t i = 0; i < input->report->block_count; i++) {
        const struct report_block *block = &input->report->blocks[i];
        for (size_t k = 0; block_is_shown(input, block) && k < block->row_count; k++, cells++) {
            const struct report_row *row = &block->rows[k];
            least = row->repeats < least ? row->repeats : least;
            most = row->repeats > most ? row->repeats : most;
            synthetic |= row->synthetic;
            incomplete |= row_is_partial(row);
            for (size_t t = 0; t < row->content_ids.count; t++)
                chart_source(c, row->content_ids.items[t]);
        }
    }
    if (c->summary.len)
        buf_puts(&c->summary, " \xC2\xB7 ");
    if (cells == 1)
        buf_printf(&c->summary, "%s \xC2\xB7 ",
                   input->block ? input->block->rows[0].label : input->report->blocks[0].rows[0].label);
    repeats_text(&c->summary, cells ? least : 0, most);
    chart_marks(c, synthetic, incomplete);
}

void rows_engine_legend(struct chart *c, const struct chart_rows *rows)
{
    int shown[ENGINE_CODES] = {0};
    for (size_t i = 0; i < rows->count; i++) {
        const struct report_row *row = rows->rows[i].row;
        size_t code = row ? palette_engine(row->engine) : 0;
        if (!row || shown[code]++)
            continue;
        chart_legend_add(c, code == ENGINE_CODES - 1 ? "other engines" : row->engine,
                         palette_engine_colour(c->style->theme, code), palette_engine_shape(code));
    }
}

/* --- values --- */

static size_t values_of(const struct cell *cell, size_t phase, cell_value *value, int early_too, double *out)
{
    size_t n = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        int counts = early_too ? cell_run_is_valid(run) : cell_run_is_base(run);
        int wanted = phase == SIZE_MAX ? cell_run_is_headline(cell, run) : run->phase == phase;
        if (counts && wanted && !isnan(value(run)))
            out[n++] = value(run);
    }
    return n;
}

size_t row_values(const struct chart_row *row, cell_value *value, double *out)
{
    size_t n = values_of(row->cell, row->phase, value, 0, out);
    return n || row->phase == SIZE_MAX ? n : values_of(row->cell, row->phase, value, 1, out);
}

size_t chart_largest_cell(const struct report *report)
{
    size_t largest = 1;
    for (size_t i = 0; i < report->cell_count; i++)
        largest = report->cells[i].run_count > largest ? report->cells[i].run_count : largest;
    return largest;
}

uint64_t chart_most_repeats(const struct chart_input *input)
{
    struct chart_rows rows;
    uint64_t most = 0;
    rows_of_report(&rows, input, ROWS_PLAIN);
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].row && rows.rows[i].row->repeats > most)
            most = rows.rows[i].row->repeats;
    }
    return most;
}
