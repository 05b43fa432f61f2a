/* SPDX-License-Identifier: MIT */
/* Text and numbers of traces on their way into scripts and data files. */
#include <math.h>
#include <string.h>

#include "analyze/statistics.h"
#include "formats/textsafe.h"
#include "plots/chart.h"

#define ELLIPSIS        "\xE2\x80\xA6"
#define MINUS           "\xE2\x88\x92"
#define APOSTROPHE      "\xE2\x80\x99"
#define MARGIN          1.07 /* other sans-serif fonts are wider than Helvetica */
#define OTHER_EMS       0.6  /* for each column of what is not ASCII */
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
    put_harmless(out, buf_text(&plain), plain.failed ? 0 : plain.len);
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

/* Helvetica's widths in thousandths of an em, from the blank to the tilde. */
static const unsigned short widths[] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584,
};

double chart_text_pixels(const char *text, double font)
{
    double ems = 0;
    size_t others = text_width(text);
    for (const char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~')
            continue;
        ems += widths[*p - ' '] / 1000.0;
        others--;
    }
    return (ems + (double)others * OTHER_EMS) * font * MARGIN;
}

void chart_signed(struct buf *out, double value, int decimals)
{
    double rounded = stats_round(value, decimals);
    buf_printf(out, "%s%.*f", rounded < 0 ? MINUS : rounded > 0 ? "+" : "", decimals, fabs(rounded));
}

void chart_duration(struct buf *out, double seconds)
{
    if (seconds < 1)
        buf_printf(out, "%.3g ms", seconds * 1e3);
    else if (seconds < 99.95)
        buf_printf(out, "%.3g s", seconds);
    else if (seconds < 600)
        buf_printf(out, "%.0f s", seconds);
    else if (seconds < 2 * 3600)
        buf_printf(out, "%.0f min", seconds / 60);
    else
        buf_printf(out, "%.1f h", seconds / 3600);
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

/* --- cut in the middle --- */

static int is_inside_character(const struct buf *text, size_t at)
{
    return at < text->len && (text->data[at] & 0xC0) == 0x80;
}

/* What stands before `head` and from `tail` on, with an ellipsis between them. */
static void join(struct buf *out, const struct buf *text, size_t head, size_t tail)
{
    buf_clear(out);
    buf_append(out, text->data, head);
    buf_puts(out, ELLIPSIS);
    buf_append(out, text->data + tail, text->len - tail);
}

void chart_fit_middle(struct buf *out, const char *text, double font, double pixels)
{
    struct buf plain = BUF_INIT, cut = BUF_INIT;
    if (text_plain(&plain, text))
        out->failed = plain.failed;
    size_t head = plain.len * 2 / 5;
    while (is_inside_character(&plain, head))
        head++;
    size_t tail = head;
    if (chart_text_pixels(buf_text(&plain), font) <= pixels)
        buf_append(&cut, plain.data, plain.len);
    else
        join(&cut, &plain, head, tail);
    while (!cut.failed && chart_text_pixels(buf_text(&cut), font) > pixels && (head || tail < plain.len)) {
        if (tail >= plain.len || (head && head * 3 >= (plain.len - tail) * 2)) {
            do
                head--;
            while (is_inside_character(&plain, head));
        } else {
            do
                tail++;
            while (is_inside_character(&plain, tail));
        }
        join(&cut, &plain, head, tail);
    }
    buf_append(out, cut.data, cut.len);
    out->failed = cut.failed ? cut.failed : out->failed;
    buf_release(&plain);
    buf_release(&cut);
}

void chart_quote_middle(struct buf *out, const char *text, double font, double pixels)
{
    struct buf cut = BUF_INIT;
    chart_fit_middle(&cut, text, font, pixels);
    chart_quote(out, buf_text(&cut));
    out->failed = cut.failed ? cut.failed : out->failed;
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

void chart_log_tics(struct buf *out, double low, double high)
{
    static const double factors[] = {1, 2, 5};
    size_t each = high / low < 300 ? 3 : 1;
    buf_putc(out, '(');
    for (double power = pow(10, floor(log10(low))), first = 1; power <= high; power *= 10) {
        for (size_t i = 0; i < each; i++) {
            if (power * factors[i] < low || power * factors[i] > high)
                continue;
            buf_printf(out, "%s%.6g", first > 0 ? "" : ", ", power * factors[i]);
            first = 0;
        }
    }
    buf_putc(out, ')');
}

void chart_count_tics(struct buf *out, double largest, double most)
{
    double step = fmax(chart_step(largest, most), 1);
    buf_putc(out, '(');
    for (size_t i = 0; (double)i * step <= largest; i++) {
        double value = (double)i * step;
        int thousands = value >= 1e6 ? 2 : value >= 1e3 ? 1 : 0;
        buf_printf(out, "%s'%.4g%s' %.9g", i ? ", " : "", value / pow(1000, thousands),
                   thousands == 2   ? "M"
                   : thousands == 1 ? "K"
                                    : "",
                   value);
    }
    buf_putc(out, ')');
}

void chart_log_range(double *low, double *high)
{
    double factor = fmax(1.6, sqrt(10 * *low / *high));
    *low /= factor;
    *high *= factor;
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
