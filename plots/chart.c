/* SPDX-License-Identifier: MIT */
#include "plots/chart.h"

#include <math.h>
#include <string.h>

#include "formats/io.h"
#include "formats/textsafe.h"
#include "plots/gnuplot.h"

void chart_init(struct chart *c, const char *name, unsigned width, unsigned height)
{
    memset(c, 0, sizeof *c);
    c->name = name;
    c->width = width;
    c->height = height;
}

void chart_release(struct chart *c)
{
    buf_release(&c->data);
    buf_release(&c->script);
}

/* Okabe and Ito's palette, its yellow left out because it is too light for lines on white. */
const char *chart_colour(size_t i)
{
    static const char *const colours[CHART_COLOURS] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                       "#56B4E9", "#E69F00", "#332288", "#666666"};
    return colours[i % CHART_COLOURS];
}

/* Backquotes run commands and '@' expands macros, in some contexts even inside quotes: neither ever reaches
 * gnuplot. */
void chart_quote(struct buf *out, const char *text)
{
    struct buf plain = BUF_INIT;
    text_plain(&plain, text);
    buf_putc(out, '\'');
    for (const char *p = buf_text(&plain); *p; p++) {
        if (*p == '`' || *p == '\'')
            buf_puts(out, "\xE2\x80\x99"); /* a typographic apostrophe */
        else if (*p == '@')
            buf_puts(out, "(at)");
        else
            buf_putc(out, *p);
    }
    buf_putc(out, '\'');
    if (plain.failed)
        out->failed = plain.failed;
    buf_release(&plain);
}

void chart_number(struct buf *out, double value)
{
    if (isnan(value))
        buf_puts(out, "NaN");
    else
        buf_printf(out, "%.9g", value);
}

void chart_title(struct chart *c, const char *title, const char *small_print)
{
    buf_puts(&c->script, "set title ");
    chart_quote(&c->script, title);
    buf_puts(&c->script, " font ',15' offset 0,0.3 noenhanced\n");
    if (small_print && *small_print) {
        buf_puts(&c->script, "set label 9 ");
        chart_quote(&c->script, small_print);
        buf_puts(&c->script, " at screen 0.992,0.982 right font ',9' textcolor rgb '#888888' noenhanced\n");
    }
}

static void write_head(struct buf *out, const struct chart *c, enum chart_format format)
{
    int scale = format == CHART_PNG ? 2 : 1; /* pixels for dense screens */
    buf_printf(out, "# Draw again with: gnuplot --default-settings %s.gp\n", c->name);
    if (format == CHART_SVG)
        buf_printf(out, "set terminal svg size %u,%u noenhanced font 'Helvetica,13' background rgb 'white'\n",
                   c->width, c->height);
    else
        buf_printf(
            out,
            "set terminal pngcairo size %u,%u noenhanced font 'Helvetica,13' fontscale %d linewidth %d "
            "pointscale %d background rgb 'white'\n",
            c->width * (unsigned)scale, c->height * (unsigned)scale, scale, scale, scale);
    buf_printf(out, "set output '%s.%s'\n", c->name, format == CHART_SVG ? "svg" : "png");
    buf_printf(out, "data = '%s.dat'\n", c->name);
    buf_puts(out,
             "set encoding utf8\n"
             "set datafile missing 'NaN'\n"
             "set border 3 linecolor rgb '#555555'\n"
             "set tics nomirror scale 0.5 textcolor rgb '#333333'\n"
             "set grid ytics linetype 1 linecolor rgb '#e4e4e4' linewidth 0.6\n"
             "set key bmargin left horizontal Left reverse samplen 1.2 textcolor rgb '#333333' noenhanced\n"
             "set bmargin 6\nset rmargin 3\n");
}

static int write_file(const char *dir, const char *name, const char *suffix, const struct buf *text,
                      struct error *e)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s/%s%s", dir, name, suffix);
    int status = path.failed || text->failed ? error_set(e, TT_NOMEM, "out of memory for chart '%s'", name)
                                             : io_write_file(buf_text(&path), text->data, text->len, e);
    buf_release(&path);
    return status;
}

int chart_draw(const struct chart *c, const char *dir, enum chart_format format, struct error *e)
{
    struct buf script = BUF_INIT, file = BUF_INIT;
    write_head(&script, c, format);
    buf_append(&script, c->script.data, c->script.len);
    buf_printf(&file, "%s.gp", c->name);
    int status = c->script.failed || file.failed
                     ? error_set(e, TT_NOMEM, "out of memory for chart '%s'", c->name)
                     : write_file(dir, c->name, ".dat", &c->data, e);
    if (!status)
        status = write_file(dir, c->name, ".gp", &script, e);
    if (!status)
        status = gnuplot_run(dir, buf_text(&file), e);
    buf_release(&script);
    buf_release(&file);
    return status;
}
