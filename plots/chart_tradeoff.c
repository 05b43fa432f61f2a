/* SPDX-License-Identifier: MIT */
/* Speed against efficiency, one bubble a row; its number stands beside it, its name in the list. */
#include <math.h>

#include "plots/chart_rows.h"

#define GIB          1073741824.0
#define AXIS_EMS     4.2 /* what the axis and its title take below the plot */
#define BUBBLES_MAX  40
#define SIZE_UNKNOWN 2.0 /* as large as 4 GiB */

struct bubble {
    const struct report_row *row;
    double x, y, x_error, y_error, gib;
    double label_x, label_y; /* pixels from the lower left corner of the axes */
};

struct bubbles {
    struct bubble items[BUBBLES_MAX];
    size_t count;
    double x_max, y_max;
};

static double or_zero(double value)
{
    return isfinite(value) ? value : 0;
}

static void collect(struct bubbles *b, const struct chart_rows *rows)
{
    for (size_t i = 0; i < rows->count && b->count < BUBBLES_MAX; i++) {
        const struct report_row *row = rows->rows[i].row;
        if (!row)
            continue;
        const struct figure *x = &row->figures[METRIC_DECODE], *y = &row->figures[METRIC_TOK_S_PER_W];
        if (isnan(x->value) || isnan(y->value))
            continue;
        struct bubble bubble = {row,
                                x->value,
                                y->value,
                                or_zero(x->spread / 100 * x->value),
                                or_zero(y->uncertainty),
                                row->figures[METRIC_PEAK_RSS].value / GIB,
                                0,
                                0};
        b->x_max = fmax(b->x_max, (bubble.x + bubble.x_error) * 1.12);
        b->y_max = fmax(b->y_max, (bubble.y + bubble.y_error) * 1.15);
        b->items[b->count++] = bubble;
    }
}

/* Numbers try eight directions, farther each time, until they touch no bubble and no other number. */
static int is_free(const struct chart *c, const struct bubbles *b, size_t upto, double x, double y,
                   double scale_x, double scale_y)
{
    double need = c->font * 0.95;
    for (size_t i = 0; i < b->count; i++) {
        const struct bubble *o = &b->items[i];
        if (hypot(o->x * scale_x - x, o->y * scale_y - y) < need * 1.15)
            return 0;
        if (i < upto && fabs(o->label_x - x) < need * 1.3 && fabs(o->label_y - y) < need)
            return 0;
    }
    return x > 0 && y > 0;
}

static void place(const struct chart *c, struct bubbles *b)
{
    double width = c->width - c->left - c->right;
    double scale_x = width / b->x_max, scale_y = c->plot_height / b->y_max;
    for (size_t i = 0; i < b->count; i++) {
        struct bubble *bubble = &b->items[i];
        double x = bubble->x * scale_x, y = bubble->y * scale_y;
        for (int try = 0; try < 96; try++) {
            double angle = 0.7854 * (try % 8 + 1), far = c->font * (1.4 + 0.7 * (try / 8));
            bubble->label_x = x + far * cos(angle);
            bubble->label_y = y + far * sin(angle);
            if (is_free(c, b, i, bubble->label_x, bubble->label_y, scale_x, scale_y))
                break;
        }
    }
    for (size_t i = 0; i < b->count; i++) { /* pixels until all are placed */
        b->items[i].label_x /= scale_x;
        b->items[i].label_y /= scale_y;
    }
}

static void put_data(struct chart *c, const struct bubbles *b)
{
    buf_puts(&c->data,
             "# decode_tok_s tok_s_per_w decode_sd tok_s_per_w_uncertainty peak_gib engine number_x number_y "
             "number size label\n");
    for (size_t i = 0; i < b->count; i++) {
        const struct bubble *o = &b->items[i];
        const double values[] = {o->x, o->y, o->x_error, o->y_error, o->gib};
        chart_numbers(&c->data, values, sizeof values / sizeof values[0]);
        buf_printf(&c->data, "%zu %.6g %.6g %zu %.4g ", palette_engine(o->row->engine), o->label_x,
                   o->label_y, i + 1, o->gib > 0 ? sqrt(o->gib) : SIZE_UNKNOWN);
        chart_data_text(&c->data, o->row->label);
        buf_putc(&c->data, '\n');
    }
}

/* The list of names: right of the axes of a slide, below those of a column. */
static void put_list(struct chart *c, const struct bubbles *b)
{
    int slide = c->style->size == CHART_SLIDE;
    double line = c->font * 1.3, x = slide ? c->width - c->right + c->font * 1.5 : c->font * 0.9;
    double y = slide ? c->top : c->height - c->foot - c->bottom + AXIS_EMS * c->font;
    double font = c->font * (slide ? 0.78 : 0.88);
    if (slide)
        line = fmin(line, c->plot_height / (double)b->count);
    for (size_t i = 0; i < b->count; i++) {
        struct buf text = BUF_INIT;
        size_t place = slide ? i : i / 2;
        if (buf_printf(&text, "%zu  %s", i + 1, b->items[i].row->label))
            c->script.failed = text.failed;
        buf_puts(&c->script, "set label ");
        chart_quote_middle(&c->script, buf_text(&text), font,
                           slide ? c->right - c->font * 2 : c->width / 2 - c->font);
        buf_printf(&c->script, " at screen %.5f,%.5f left noenhanced font ',%.1f' textcolor rgb text\n",
                   (x + (slide || i % 2 == 0 ? 0 : c->width / 2 - c->font * 0.5)) / c->width,
                   1 - (y + ((double)place + 0.5) * line) / c->height, font);
        buf_release(&text);
    }
}

static void put_title(struct chart *c, const struct bubbles *b)
{
    size_t best = 0;
    for (size_t i = 1; i < b->count; i++)
        best = b->items[i].y > b->items[best].y ? i : best;
    buf_printf(&c->title, "%s gives %s: %.2f t/s/W", b->items[best].row->label,
               b->count > 1 ? "most tokens for its energy" : "tokens for energy", b->items[best].y);
}

int chart_tradeoff(struct chart *c, const struct chart_input *input, struct error *e)
{
    struct chart_rows rows;
    struct bubbles b = {.x_max = 0};
    rows_of_report(&rows, input, ROWS_PLAIN);
    collect(&b, &rows);
    if (!b.count)
        return error_set(e, TT_NOTFOUND,
                         "no chart 'tradeoff': no trace has both a decode rate and its energy");
    put_title(c, &b);
    chart_provenance(c, input);
    rows_engine_legend(c, &rows);
    chart_legend_add(c, "size: peak memory, where known", palette_ink(c->style->theme, INK_MUTED), 6);
    if (c->style->size == CHART_SLIDE)
        c->right = c->width * 0.36;
    else
        c->bottom = (AXIS_EMS + 0.9) * c->font + ceil((double)b.count / 2) * c->font * 1.3;
    chart_layout(c);
    place(c, &b);
    put_data(c, &b);
    put_list(c, &b);
    buf_printf(
        &c->script,
        "set xrange [0:%.9g]\nset yrange [0:%.9g]\nset xlabel 'decode, tok/s' textcolor rgb muted\n"
        "set ylabel 'tokens per joule (t/s/W)' textcolor rgb muted\n"
        "plot data using 1:2:3:4 with xyerrorbars pointtype -1 linecolor rgb muted, \\\n"
        "     '' using 1:2:($10*%.3f):(ink($6) + 0x50000000) with points pointtype 7 pointsize variable "
        "linecolor rgb variable, \\\n"
        "     '' using 1:2:($7-$1):($8-$2) with vectors nohead linewidth 0.6 linecolor rgb muted, \\\n"
        "     '' using 7:8:(sprintf(' %%d ', $9)) with labels font ',%.1f' textcolor rgb text\n",
        b.x_max, b.y_max, c->font / 50, c->font * 0.85);
    return TT_OK;
}
