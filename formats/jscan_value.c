/* SPDX-License-Identifier: MIT */
/* What scanned text and numbers mean. Their syntax has been checked by jscan.c. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/jscan.h"
#include "formats/utf8.h"

#define REPLACEMENT 0xFFFDu

/* --- numbers --- */

#define EXACT_DIGITS   19 /* decimal digits that fit in 64 bits whatever they are */
#define SPELLING_MAX   128
#define INTEGER_MAX    (UINT64_C(1) << 63)
#define DOUBLE_EXACT   (UINT64_C(1) << 53) /* up to here every integer is a double */
#define TEN_POWERS_MAX 22                  /* up to here every power of ten is one */

/* A number as sign × digits × 10^exponent. */
struct decimal {
    uint64_t digits;
    int exponent;
    int negative;
    int is_whole; /* no fraction and no exponent in the spelling */
    int is_cut;   /* more digits than fit: `digits` holds the first ones */
};

static void add_digit(struct decimal *d, unsigned char c, size_t *count, int after_point)
{
    if (*count < EXACT_DIGITS) {
        d->digits = d->digits * 10 + (uint64_t)(c - '0');
        *count += d->digits != 0;
        d->exponent -= after_point;
    } else {
        d->is_cut = 1;
        d->exponent += !after_point;
    }
}

/* The number after an 'e', kept within what any double can need. */
static int exponent_of(const unsigned char *p, const unsigned char *end)
{
    int negative = *p == '-', value = 0;
    for (p += *p == '-' || *p == '+'; p < end; p++)
        value = value < 100000000 ? value * 10 + (*p - '0') : value;
    return negative ? -value : value;
}

static struct decimal decimal_of(struct bytes spelling)
{
    struct decimal d = {0, 0, 0, 1, 0};
    const unsigned char *p = spelling.data, *end = p + spelling.len;
    size_t count = 0;
    int after_point = 0;
    d.negative = *p == '-';
    for (p += d.negative; p < end && (*p | 0x20) != 'e'; p++) {
        if (*p == '.')
            after_point = 1;
        else
            add_digit(&d, *p, &count, after_point);
    }
    d.is_whole = p == end && !after_point;
    if (p < end)
        d.exponent += exponent_of(p + 1, end);
    return d;
}

/* One multiplication or division of two exact doubles is correctly rounded. */
static double small_value(const struct decimal *d)
{
    static const double ten_to[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double v = (double)d->digits;
    v = d->exponent < 0 ? v / ten_to[-d->exponent] : v * ten_to[d->exponent];
    return d->negative ? -v : v;
}

/* The C library rounds correctly from the whole spelling. Of one too long for the copy (no engine writes
 * such) it gets the first digits, which may be off by the result's last bit. */
static double long_value(struct bytes spelling, const struct decimal *d)
{
    char text[SPELLING_MAX + 1];
    if (spelling.len <= SPELLING_MAX) {
        memcpy(text, spelling.data, spelling.len);
        text[spelling.len] = '\0';
    } else {
        snprintf(text, sizeof text, "%s%" PRIu64 "e%d", d->negative ? "-" : "", d->digits, d->exponent);
    }
    return strtod(text, NULL);
}

static uint64_t integer_of(const struct decimal *d, double value)
{
    if (d->is_whole && !d->is_cut && (!d->negative || !d->digits))
        return d->digits <= INTEGER_MAX ? d->digits : UINT64_MAX;
    if (!d->is_whole && value >= 0 && value < (double)DOUBLE_EXACT && floor(value) == value)
        return (uint64_t)value;
    return UINT64_MAX;
}

void jscan_convert(struct bytes spelling, struct jscan_number *number)
{
    struct decimal d = decimal_of(spelling);
    int is_small = !d.is_cut && d.digits <= DOUBLE_EXACT && abs(d.exponent) <= TEN_POWERS_MAX;
    number->value = is_small ? small_value(&d) : long_value(spelling, &d);
    number->integer = integer_of(&d, number->value);
}

/* --- text --- */

static unsigned hex_value(unsigned char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static uint32_t code_unit(const unsigned char *p)
{
    return hex_value(p[2]) << 12 | hex_value(p[3]) << 8 | hex_value(p[4]) << 4 | hex_value(p[5]);
}

static int is_unicode_escape(const unsigned char *p, const unsigned char *end)
{
    return end - p >= 6 && p[0] == '\\' && p[1] == 'u';
}

/* The code point of the \u escape at p, which may be the first half of a pair. */
static uint32_t unicode_escape(const unsigned char *p, const unsigned char *end, size_t *size)
{
    uint32_t unit = code_unit(p);
    *size = 6;
    if (unit < 0xD800 || unit >= 0xE000)
        return unit;
    if (unit < 0xDC00 && is_unicode_escape(p + 6, end)) {
        uint32_t second = code_unit(p + 6);
        if (second >= 0xDC00 && second < 0xE000) {
            *size = 12;
            return 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
        }
    }
    return REPLACEMENT;
}

static uint32_t escape(const unsigned char *p, const unsigned char *end, size_t *size)
{
    *size = 2;
    switch (p[1]) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        return unicode_escape(p, end, size);
    default:
        return p[1];
    }
}

/* The code point that the spelling at p stands for, and how many bytes spell it. */
static uint32_t decode_one(const unsigned char *p, const unsigned char *end, size_t *size)
{
    if (*p == '\\')
        return escape(p, end, size);
    uint32_t c = utf8_decode(p, (size_t)(end - p), size);
    return c == UTF8_INVALID ? REPLACEMENT : c;
}

static int is_utf8(const unsigned char *p, const unsigned char *end)
{
    size_t size;
    for (; p < end; p += size) {
        if (utf8_decode(p, (size_t)(end - p), &size) == UTF8_INVALID)
            return 0;
    }
    return 1;
}

int jscan_text_is_plain(const struct jscan_text *text)
{
    return !text->has_escapes && (!text->has_high_bytes || is_utf8(text->data, text->data + text->len));
}

size_t jscan_decode(const struct jscan_text *text, unsigned char *out)
{
    const unsigned char *p = text->data, *end = p + text->len;
    unsigned char *start = out;
    while (p < end) {
        size_t size = 1;
        if (*p < 0x80 && *p != '\\')
            *out++ = *p;
        else
            out += utf8_encode(decode_one(p, end, &size), out);
        p += size;
    }
    return (size_t)(out - start);
}

static int spelt_with_escapes_is(const struct jscan_text *text, const char *word)
{
    const unsigned char *p = text->data, *end = p + text->len;
    for (; p < end && *word; word++) {
        size_t size;
        if (decode_one(p, end, &size) != (unsigned char)*word)
            return 0;
        p += size;
    }
    return p == end && !*word;
}

int jscan_text_is(const struct jscan_text *text, const char *word)
{
    if (text->has_escapes)
        return spelt_with_escapes_is(text, word);
    return strlen(word) == text->len && memcmp(text->data, word, text->len) == 0;
}
