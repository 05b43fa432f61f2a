/* SPDX-License-Identifier: MIT */
/* Speed against efficiency, one bubble a row; its number stands beside it, its name in the list. */
#include <math.h>

#include "analyze/decimal.h"
#include "plots/chart_rows.h"

#define GIB          1073741824.0
#define BUBBLES_MAX  40
#define ALONE_MOST   12  /* names that may have a line each */
#define SIZE_UNKNOWN 2.0 /* as large as 4 GiB */

struct bubble {
    const struct report_row *row;
    const char *heading; /* of its block; NULL: there is one block */
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
    const char *heading = NULL;
    for (size_t i = 0; i < rows->count && b->count < BUBBLES_MAX; i++) {
        const struct report_row *row = rows->rows[i].row;
        heading = row ? heading : rows->rows[i].label;
        if (!row)
            continue;
        const struct figure *x = &row->figures[METRIC_DECODE], *y = &row->figures[METRIC_TOK_S_PER_W];
        if (isnan(x->value) || isnan(y->value))
            continue;
        struct bubble bubble = {row,
                                heading,
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

/* What the axis and its title take below the plot; SVG has more room between them. */
static double axis_pixels(const struct chart *c)
{
    return (c->style->format == CHART_SVG ? 4.9 : 4.2) * c->font;
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

/* --- the list of names: right of the axes of a slide, below those of a column --- */

struct list {
    double x, y, line, font;
    double width; /* of a name */
    size_t columns;
};

static int has_heading(const struct bubbles *b, size_t i)
{
    return b->items[i].heading && (i == 0 || b->items[i].heading != b->items[i - 1].heading);
}

/* Moves *place to where the name stands, counted from left to right; its heading has the line above. */
static void find_place(const struct bubbles *b, size_t i, size_t columns, size_t *place)
{
    *place += i ? 1 : 0;
    if (has_heading(b, i))
        *place = ((*place + columns - 1) / columns + 1) * columns;
}

static size_t list_lines(const struct bubbles *b, size_t columns)
{
    size_t place = 0;
    for (size_t i = 0; i < b->count; i++)
        find_place(b, i, columns, &place);
    return place / columns + 1;
}

static void put_name(struct buf *out, size_t i, const struct bubbles *b)
{
    buf_printf(out, "%zu  %s", i + 1, b->items[i].row->label);
}

static double widest_name(const struct bubbles *b, double font)
{
    double widest = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct buf text = BUF_INIT;
        put_name(&text, i, b);
        widest = fmax(widest, chart_text_pixels(buf_text(&text), font));
        buf_release(&text);
    }
    return widest;
}

/* Two columns below the axes, unless a few long names are better off with a line each. */
static struct list plan_list(const struct chart *c, const struct bubbles *b)
{
    int slide = c->style->size == CHART_SLIDE;
    struct list list = {.line = c->font * 1.3, .font = c->font * (slide ? 0.78 : 0.88), .columns = 1};
    list.x = slide ? c->width - c->right + c->font * 1.5 : c->font * 0.9;
    list.width = slide ? c->right - c->font * 2 : c->width - 2 * list.x;
    if (!slide && (b->count > ALONE_MOST || widest_name(b, list.font) < list.width / 2 - c->font)) {
        list.columns = 2;
        list.width = list.width / 2 - c->font * 0.5;
    }
    return list;
}

static void put_list_text(struct chart *c, const struct list *list, const struct buf *text, size_t place,
                          const char *look)
{
    double x = list->x + (double)(place % list->columns) * (list->width + c->font * 0.5);
    double y = list->y + ((double)(place / list->columns) + 0.5) * list->line;
    buf_puts(&c->script, "set label ");
    chart_quote_middle(&c->script, buf_text(text), list->font, list->width);
    buf_printf(&c->script,
               " at screen %.5f,%.5f left noenhanced font '" CHART_FONT "%s,%.1f' textcolor rgb %s\n",
               x / c->width, 1 - y / c->height, *look == 'm' ? chart_bold(c) : "", list->font, look);
    c->script.failed = text->failed ? text->failed : c->script.failed;
}

/* After chart_layout. */
static void put_list(struct chart *c, const struct bubbles *b, struct list *list)
{
    int slide = c->style->size == CHART_SLIDE;
    size_t place = 0;
    list->y = slide ? c->top : c->height - c->foot - c->bottom + axis_pixels(c);
    if (slide)
        list->line = fmin(list->line, c->plot_height / (double)list_lines(b, 1));
    for (size_t i = 0; i < b->count; i++) {
        struct buf text = BUF_INIT;
        find_place(b, i, list->columns, &place);
        if (has_heading(b, i)) {
            buf_puts(&text, b->items[i].heading);
            put_list_text(c, list, &text, place - list->columns, "muted");
            buf_clear(&text);
        }
        put_name(&text, i, b);
        put_list_text(c, list, &text, place, "text");
        buf_release(&text);
    }
}

static void put_engines(struct chart *c, const struct bubbles *b)
{
    struct chart_rows shown = {.count = b->count};
    for (size_t i = 0; i < b->count; i++)
        shown.rows[i].row = b->items[i].row;
    rows_engine_legend(c, &shown);
}

static void put_left_out(struct chart *c, size_t shown, size_t rows)
{
    if (shown < rows)
        buf_printf(&c->summary, "%zu of %zu shown%s", shown, rows,
                   shown < BUBBLES_MAX ? ": the rest has no rate or no energy" : "");
}

static void put_title(struct chart *c, const struct bubbles *b)
{
    size_t best = 0;
    for (size_t i = 1; i < b->count; i++)
        best = b->items[i].y > b->items[best].y ? i : best;
    const struct bubble *o = &b->items[best];
    if (b->count > 1) {
        buf_printf(&c->title, "%s gives most tokens for its energy: %.2f t/s/W", o->row->label, o->y);
        return;
    }
    buf_printf(&c->title, "%s: %.2f tokens per joule at ", o->row->label, o->y);
    decimal_fixed(&c->title, o->x, 1);
    buf_puts(&c->title, " tok/s");
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
    put_left_out(c, b.count, rows.cells);
    chart_provenance(c, input);
    put_engines(c, &b);
    chart_legend_add(c, "size: peak memory, where known", palette_ink(c->style->theme, INK_MUTED), 6);
    if (c->style->size == CHART_SLIDE)
        c->right = c->width * 0.36;
    struct list list = plan_list(c, &b);
    if (c->style->size == CHART_COLUMN)
        c->bottom = axis_pixels(c) + 0.9 * c->font + (double)list_lines(&b, list.columns) * list.line;
    chart_layout(c);
    place(c, &b);
    put_data(c, &b);
    put_list(c, &b, &list);
    buf_printf(
        &c->script,
        "set xrange [0:%.9g]\nset yrange [0:%.9g]\nset xlabel 'decode, tok/s' textcolor rgb muted\n"
        "set ylabel 'tokens per joule (t/s/W)' textcolor rgb muted\n"
        "plot data using 1:2:3:4 with xyerrorbars pointtype -1 linecolor rgb muted, \\\n"
        "     '' using 1:2:($10*%.3f):(ink($6) + 0x50000000) with points pointtype 7 pointsize variable "
        "linecolor rgb variable, \\\n"
        "     '' using 1:2:($7-$1):($8-$2) with vectors nohead linewidth 0.6 linecolor rgb muted, \\\n"
        "     '' using 7:8:(sprintf(' %%d ', $9)) with labels font ',%.1f' textcolor rgb text\n",
        b.x_max, b.y_max, c->mark / 50, c->font * 0.85);
    return TT_OK;
}
