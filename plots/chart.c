/* SPDX-License-Identifier: MIT */
#include "plots/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/io.h"
#include "formats/textsafe.h"
#include "plots/chart_wrap.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"

#define COLUMN_WIDTH 600
#define SLIDE_WIDTH  1280
#define SLIDE_HEIGHT 720
#define TEMPLATE_MAX ((size_t)256 << 10)
#define LINES_MAX    12
#define LEGEND_SIZE  0.92 /* of ordinary text */
#define SVG_MARKS    0.65 /* so that they look as in a PNG */
#define PLOT_LEAST   40   /* pixels of axes that are left at least */

void chart_init(struct chart *c, const char *kind, const char *name, const struct chart_style *style)
{
    int slide = style->size == CHART_SLIDE;
    memset(c, 0, sizeof *c);
    c->kind = kind;
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    c->style = style;
    c->width = slide ? SLIDE_WIDTH : COLUMN_WIDTH;
    c->height = slide ? SLIDE_HEIGHT : 0;
    c->font = slide ? 20 : 13;
    c->mark = style->format == CHART_SVG ? SVG_MARKS * c->font : c->font;
    c->left = 5.8 * c->font;
    c->right = 1.6 * c->font;
    c->bottom = (style->format == CHART_SVG ? 4.4 : 3.6) * c->font;
    c->plot_height = 20 * c->font;
}

void chart_release(struct chart *c)
{
    buf_release(&c->title);
    buf_release(&c->summary);
    buf_release(&c->sources);
    buf_release(&c->data);
    buf_release(&c->script);
}

const char *chart_bold(const struct chart *c)
{
    return c->style->format == CHART_PNG ? ":Bold" : "";
}

/* --- where things stand --- */

static double pad(const struct chart *c)
{
    return c->font * 0.9;
}

static double title_font(const struct chart *c)
{
    return c->font * 1.28;
}

static double small_font(const struct chart *c)
{
    return c->font * 0.78;
}

static double inner_width(const struct chart *c)
{
    return c->width - 2 * pad(c);
}

void chart_legend_add(struct chart *c, const char *text, unsigned long colour, int shape)
{
    if (c->legend_count >= CHART_LEGEND_MAX)
        return;
    struct chart_legend *entry = &c->legend[c->legend_count++];
    struct buf fitting = BUF_INIT;
    chart_fit_middle(&fitting, text, c->font * LEGEND_SIZE, inner_width(c) - 2.4 * c->font);
    c->script.failed = fitting.failed ? fitting.failed : c->script.failed;
    (void)snprintf(entry->text, sizeof entry->text, "%s", buf_text(&fitting));
    buf_release(&fitting);
    entry->colour = colour;
    entry->shape = shape;
}

void chart_legend_heading(struct chart *c, const char *text)
{
    chart_legend_add(c, text, palette_ink(c->style->theme, INK_MUTED), CHART_HEADING);
}

static double text_height(const struct chart *c, const struct buf *text, double font)
{
    struct chart_line lines[LINES_MAX];
    if (c->is_bare)
        return 0;
    return (double)chart_wrap(buf_text(text), font, inner_width(c), lines, LINES_MAX) * font * 1.25;
}

static int is_heading(const struct chart *c, size_t entry)
{
    return c->legend[entry].shape == CHART_HEADING;
}

/* How wide the entry is drawn, with the room behind it. */
static double entry_width(const struct chart *c, size_t entry)
{
    const char *text = c->legend[entry].text;
    return fmin(chart_text_pixels(text, c->font * LEGEND_SIZE) + 2.4 * c->font, inner_width(c));
}

/* Where the entry stands: headings on lines of their own. Moves *x and *line to there. */
static void find_entry(const struct chart *c, size_t entry, double *x, double *line)
{
    int alone = entry && (is_heading(c, entry) || is_heading(c, entry - 1));
    if (alone || (*x > 0 && *x + entry_width(c, entry) > inner_width(c))) {
        *x = 0;
        *line += 1;
    }
}

static double legend_height(const struct chart *c)
{
    double x = 0, line = 0;
    if (c->legend_beside)
        return 0;
    for (size_t i = 0; i < c->legend_count; i++) {
        find_entry(c, i, &x, &line);
        x += entry_width(c, i);
    }
    return (c->legend_count ? line + 1 : 0) * c->font * 1.4;
}

void chart_layout(struct chart *c)
{
    c->top = pad(c) + text_height(c, &c->title, title_font(c)) + text_height(c, &c->summary, c->font) +
             c->font * 0.5 + legend_height(c) + c->font * 0.9 + c->gap;
    c->foot = text_height(c, &c->sources, small_font(c)) + pad(c) * 0.6;
    c->plot_height = fmax(c->plot_height, PLOT_LEAST);
    if (c->style->size == CHART_COLUMN)
        c->height =
            ceil(c->top + c->plot_height + c->bottom + c->foot - 1e-6); /* the same when asked again */
    c->plot_height = fmax(c->height - c->top - c->bottom - c->foot, PLOT_LEAST);
}

/* --- the head of a script --- */

static void put_screen(struct buf *out, const struct chart *c, double x, double y)
{
    buf_printf(out, "at screen %.5f,%.5f", x / c->width, 1 - y / c->height);
}

/* Lines of text from `y` on; returns where the next stand. */
static double put_text(struct buf *out, const struct chart *c, const struct buf *text, double y, double font,
                       enum ink ink, const char *weight)
{
    struct chart_line lines[LINES_MAX];
    if (c->is_bare)
        return y;
    size_t count = chart_wrap(buf_text(text), font, inner_width(c), lines, LINES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct buf line = BUF_INIT;
        if (buf_append(&line, lines[i].text, lines[i].len))
            out->failed = line.failed;
        buf_puts(out, "set label ");
        chart_quote_fitting(out, buf_text(&line), font, inner_width(c));
        buf_putc(out, ' ');
        put_screen(out, c, pad(c), y + font * 0.62);
        buf_printf(out, " left noenhanced font '" CHART_FONT "%s,%.1f' textcolor rgb '#%06lX'\n", weight,
                   font, palette_ink(c->style->theme, ink));
        y += font * 1.25;
        buf_release(&line);
    }
    return y;
}

static void put_entry(struct buf *out, const struct chart *c, size_t i, double x, double y, double room)
{
    const struct chart_legend *entry = &c->legend[i];
    double font = c->font * LEGEND_SIZE, indent = 0;
    if (!is_heading(c, i)) {
        buf_puts(out, "set label '' ");
        put_screen(out, c, x + c->font * 0.5, y);
        buf_printf(out, " point pointtype %d pointsize %.2f linecolor rgb '#%06lX'\n", entry->shape,
                   c->mark / 15, entry->colour);
        indent = c->font * 1.25;
    }
    buf_puts(out, "set label ");
    chart_quote_middle(out, entry->text, font, room - indent);
    buf_putc(out, ' ');
    put_screen(out, c, x + indent, y);
    buf_printf(out, " left noenhanced font '" CHART_FONT "%s,%.1f' textcolor rgb '#%06lX'\n",
               is_heading(c, i) ? chart_bold(c) : "", font,
               palette_ink(c->style->theme, is_heading(c, i) ? INK_MUTED : INK_TEXT));
}

static void put_legend(struct buf *out, const struct chart *c, double top)
{
    double x = 0, line = 0;
    for (size_t i = 0; i < c->legend_count; i++) {
        find_entry(c, i, &x, &line);
        put_entry(out, c, i, pad(c) + x, top + line * c->font * 1.4, inner_width(c));
        x += entry_width(c, i);
    }
}

static void put_legend_beside(struct buf *out, const struct chart *c)
{
    double line = fmin(c->font * 1.4, c->plot_height / (double)c->legend_count);
    double left = c->width - c->right + c->font * 1.5;
    for (size_t i = 0; i < c->legend_count; i++)
        put_entry(out, c, i, left, c->top + line * ((double)i + 0.5), c->width - left - pad(c));
}

static void put_terminal(struct buf *out, const struct chart *c)
{
    unsigned long back = palette_ink(c->style->theme, INK_BACKGROUND);
    if (c->style->format == CHART_SVG)
        buf_printf(out,
                   "set terminal svg size %.0f,%.0f noenhanced font '" CHART_FONT
                   ",%.1f' background rgb '#%06lX'\n",
                   c->width, c->height, c->font, back);
    else /* twice the pixels, for dense screens and for print */
        buf_printf(out,
                   "set terminal pngcairo size %.0f,%.0f noenhanced font '" CHART_FONT
                   ",%.1f' fontscale 1.5 linewidth 2 "
                   "pointscale 2 background rgb '#%06lX'\n",
                   c->width * 2, c->height * 2, c->font, back);
    buf_printf(out, "set output '%s.%s'\ndata = '%s.dat'\n", c->name,
               c->style->format == CHART_SVG ? "svg" : "png", c->name);
}

static void put_colours(struct buf *out, const struct chart *c)
{
    enum chart_theme theme = c->style->theme;
    buf_puts(out, "# ink(n): the colour of the engine with that number in the data\ninks = '");
    for (size_t i = 0; i < ENGINE_CODES; i++)
        buf_printf(out, "%s%lu", i ? " " : "", palette_engine_colour(theme, i));
    buf_puts(out, "'\nink(n) = int(real(word(inks, int(n) + 1)))\n");
    buf_printf(out, "text = '#%06lX'; muted = '#%06lX'; grid = '#%06lX'\n", palette_ink(theme, INK_TEXT),
               palette_ink(theme, INK_MUTED), palette_ink(theme, INK_GRID));
}

static void put_axes(struct buf *out, const struct chart *c)
{
    buf_printf(out,
               "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
               "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
               c->left / c->width, 1 - c->right / c->width, 1 - c->top / c->height,
               (c->bottom + c->foot) / c->height);
    buf_puts(out, "set encoding utf8\nset border 3 linecolor rgb muted\n"
                  "set tics nomirror scale 0.5 textcolor rgb text\n"
                  "set grid linetype 1 linecolor rgb grid linewidth 0.7\nset key noautotitle\nunset key\n");
}

static void put_head(struct buf *out, struct chart *c)
{
    chart_layout(c);
    buf_printf(out, "# Draw again with: gnuplot --default-settings %s.gp\n", c->name);
    put_terminal(out, c);
    put_colours(out, c);
    put_axes(out, c);
    double y = put_text(out, c, &c->title, pad(c), title_font(c), INK_TEXT, chart_bold(c));
    y = put_text(out, c, &c->summary, y, c->font, INK_MUTED, "");
    if (c->legend_beside)
        put_legend_beside(out, c);
    else
        put_legend(out, c, y + c->font * 1.1);
    put_text(out, c, &c->sources, c->height - c->foot, small_font(c), INK_MUTED, "");
}

/* --- files --- */

/* A template's plot commands stand in for the chart's own. */
static int put_commands(const struct chart *c, struct buf *out, struct error *e)
{
    struct buf path = BUF_INIT, own = BUF_INIT;
    int status = TT_OK;
    if (c->style->templates)
        buf_printf(&path, "%s/%s.gp", c->style->templates, c->kind);
    if (path.failed)
        status = error_set(e, TT_NOMEM, "out of memory for chart '%s'", c->name);
    else if (path.len && io_exists(buf_text(&path)))
        status = io_read_file(buf_text(&path), TEMPLATE_MAX, &own, e);
    else
        buf_append(out, c->script.data, c->script.len);
    buf_append(out, own.data, own.len);
    buf_release(&own);
    buf_release(&path);
    return status;
}

int chart_script(struct chart *c, struct buf *out, struct error *e)
{
    put_head(out, c);
    int status = put_commands(c, out, e);
    int failed = out->failed | c->script.failed | c->data.failed | c->title.failed | c->sources.failed |
                 c->summary.failed;
    return !status && failed ? error_set(e, TT_NOMEM, "out of memory for chart '%s'", c->name) : status;
}

static int write_file(const char *dir, const char *name, const char *suffix, const struct buf *text,
                      struct error *e)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s/%s%s", dir, name, suffix);
    int status = path.failed ? error_set(e, TT_NOMEM, "out of memory for chart '%s'", name)
                             : io_write_file(buf_text(&path), text->data, text->len, e);
    buf_release(&path);
    return status;
}

int chart_draw(struct chart *c, const char *dir, struct error *e)
{
    struct buf script = BUF_INIT;
    char file[CHART_NAME_MAX + 4];
    (void)snprintf(file, sizeof file, "%s.gp", c->name);
    int status = chart_script(c, &script, e);
    if (!status)
        status = write_file(dir, c->name, ".dat", &c->data, e);
    if (!status)
        status = write_file(dir, c->name, ".gp", &script, e);
    if (!status)
        status = gnuplot_run(dir, file, e);
    buf_release(&script);
    return status;
}
