/* SPDX-License-Identifier: MIT */
#include "plots/chart_wrap.h"

#include <stdio.h>
#include <string.h>

#include "plots/chart.h"

#define LINE_BYTES 512
#define DOT        "\xC2\xB7"
#define TRIANGLE   "\xE2\x96\xB2"

static int starts_with(const char *text, const char *what)
{
    return strncmp(text, what, strlen(what)) == 0;
}

static int is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Whether the word that ends at `end` is a number: "5", "7.42K". */
static int is_number_before(const char *text, size_t end)
{
    size_t begin = end;
    while (begin && text[begin - 1] != ' ')
        begin--;
    return begin < end && text[begin] >= '0' && text[begin] <= '9' &&
           strspn(text + begin, "0123456789.KM") >= end - begin;
}

/* At the blank text[at]: not between what is read as one. */
static int may_break(const char *text, size_t at)
{
    const char *next = text + at + 1;
    if (starts_with(next, DOT) || starts_with(next, TRIANGLE) || *next == '=' || *next == '%')
        return 0;
    if (at && text[at - 1] == '=')
        return 0;
    return !(is_number_before(text, at) && is_letter(*next));
}

static size_t character_end(const char *text, size_t at)
{
    if (text[at])
        at++;
    while (((unsigned char)text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static int fits(const char *text, size_t len, double font, double pixels)
{
    char piece[LINE_BYTES];
    (void)snprintf(piece, sizeof piece, "%.*s", (int)len, text);
    return len < sizeof piece && chart_text_pixels(piece, font) <= pixels;
}

/* Bytes of the next line, at least one character. */
static size_t line_end(const char *text, double font, double pixels)
{
    size_t blank = 0, any_blank = 0, hyphen = 0, end = 0;
    while (text[end]) {
        size_t next = character_end(text, end);
        if (text[end] == ' ') {
            any_blank = end;
            blank = may_break(text, end) ? end : blank;
        } else if (end && !fits(text, next, font, pixels)) {
            break;
        } else if (text[end] == '-' || text[end] == '_' || text[end] == '/') {
            hyphen = next;
        }
        end = next;
    }
    if (!text[end])
        return end;
    return blank ? blank : any_blank ? any_blank : hyphen ? hyphen : end;
}

size_t chart_wrap(const char *text, double font, double pixels, struct chart_line *lines, size_t most)
{
    size_t count = 0;
    while (*text && count < most) {
        size_t end = count + 1 < most ? line_end(text, font, pixels) : strlen(text);
        lines[count++] = (struct chart_line){text, end};
        text += end;
        text += strspn(text, " ");
    }
    return count;
}
