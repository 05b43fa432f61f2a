/* SPDX-License-Identifier: MIT */
/* Text and numbers of traces on their way into scripts and data files. */
#include <math.h>
#include <string.h>

#include "formats/textsafe.h"
#include "plots/chart.h"

#define ELLIPSIS        "\xE2\x80\xA6"
#define APOSTROPHE      "\xE2\x80\x99"
#define EMS_PER_COLUMN  0.54 /* of the usual sans-serif fonts, on the safe side */
#define LABEL_BYTES_MAX 400

/* Backquotes run commands and '@' expands macros, in some contexts even inside quotes: neither ever reaches
 * gnuplot, and quotes and backslashes have nothing to end or to escape. */
static void put_harmless(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '`' || text[i] == '\'')
            buf_puts(out, APOSTROPHE);
        else if (text[i] == '"')
            buf_puts(out, "\xE2\x80\x9D");
        else if (text[i] == '\\')
            buf_puts(out, "\xE2\x88\x96");
        else if (text[i] == '@')
            buf_puts(out, "(at)");
        else
            buf_putc(out, text[i]);
    }
}

static void put_quoted(struct buf *out, const char *text, char quote)
{
    struct buf plain = BUF_INIT;
    text_plain(&plain, text);
    buf_putc(out, quote);
    put_harmless(out, buf_text(&plain), plain.len);
    buf_putc(out, quote);
    if (plain.failed)
        out->failed = plain.failed;
    buf_release(&plain);
}

void chart_quote(struct buf *out, const char *text)
{
    put_quoted(out, text, '\'');
}

void chart_data_text(struct buf *out, const char *text)
{
    put_quoted(out, text, '"');
}

void chart_capitalise(struct buf *text)
{
    if (text->len && text->data[0] >= 'a' && text->data[0] <= 'z')
        text->data[0] = (unsigned char)(text->data[0] - 'a' + 'A');
}

double chart_text_pixels(const char *text, double font)
{
    return (double)text_width(text) * font * EMS_PER_COLUMN;
}

/* Bytes at the end that are one character. */
static size_t last_character(const struct buf *text)
{
    size_t n = 1;
    while (n < text->len && (text->data[text->len - n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void drop_last(struct buf *text)
{
    text->len -= last_character(text);
    text->data[text->len] = '\0';
}

void chart_quote_fitting(struct buf *out, const char *text, double font, double pixels)
{
    struct buf cut = BUF_INIT;
    int is_cut = 0;
    text_plain(&cut, text);
    while (!cut.failed && cut.len &&
           (cut.len > LABEL_BYTES_MAX ||
            chart_text_pixels(buf_text(&cut), font) + (is_cut ? font : 0) > pixels)) {
        drop_last(&cut);
        is_cut = 1;
    }
    if (is_cut)
        buf_puts(&cut, ELLIPSIS);
    chart_quote(out, buf_text(&cut));
    if (cut.failed)
        out->failed = cut.failed;
    buf_release(&cut);
}

void chart_quote_tic(struct buf *out, const char *text, double font, double pixels)
{
    struct buf quoted = BUF_INIT;
    chart_quote_fitting(&quoted, text, font, pixels);
    for (size_t i = 0; i < quoted.len; i++) {
        if (quoted.data[i] == '%')
            buf_putc(out, '%');
        buf_putc(out, (char)quoted.data[i]);
    }
    if (quoted.failed)
        out->failed = quoted.failed;
    buf_release(&quoted);
}

void chart_number(struct buf *out, double value)
{
    if (isfinite(value))
        buf_printf(out, "%.9g ", value);
    else
        buf_puts(out, "NaN ");
}

void chart_numbers(struct buf *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        chart_number(out, values[i]);
}

double chart_step(double largest, double most)
{
    if (!(largest > 0) || !isfinite(largest))
        return 1;
    double step = pow(10, floor(log10(largest / most)));
    static const double factors[] = {1, 2, 5, 10};
    for (size_t i = 0; i < 4; i++) {
        if (largest / (step * factors[i]) <= most)
            return step * factors[i];
    }
    return step * 10;
}
