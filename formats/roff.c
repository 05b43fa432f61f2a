/* SPDX-License-Identifier: MIT */
#include "formats/roff.h"

#include <string.h>

#include "formats/utf8.h"

#define LINE_WIDTH 72

static const char *escape_of(char c)
{
    switch (c) {
    case '\\':
        return "\\e";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '"':
        return "\\(dq";
    }
    return NULL;
}

static int is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static size_t write_character(struct buf *out, const char *text, size_t len)
{
    size_t size = 1;
    const char *escape = escape_of(*text);
    if (escape)
        buf_puts(out, escape);
    else if ((unsigned char)*text < 0x80)
        buf_putc(out, *text);
    else
        buf_printf(out, "\\[u%04X]", (unsigned)utf8_decode((const unsigned char *)text, len, &size));
    return size;
}

/* A dash behind a letter is a hyphen, but where text is literal; any other is one to be typed. */
static void write_characters(struct buf *out, const char *text, size_t len, int literal)
{
    if (len && *text == '.')
        buf_puts(out, "\\&");
    for (size_t i = 0; i < len;) {
        int hyphen = !literal && i && is_alphanumeric(text[i - 1]);
        if (text[i] == '-' && !hyphen) {
            buf_puts(out, "\\-");
            i++;
        } else {
            i += write_character(out, text + i, len - i);
        }
    }
}

void roff_word(struct buf *out, const char *word, size_t len)
{
    buf_puts(out, "\\&");
    write_characters(out, word, len, 1);
}

static int ends_sentence(const char *word, size_t len)
{
    char last = len ? word[len - 1] : ' ';
    return last == '.' || last == '?' || last == '!';
}

void roff_text(struct buf *out, const char *text, size_t len)
{
    size_t column = 0;
    for (size_t i = 0; i < len;) {
        size_t start = i;
        while (i < len && text[i] != ' ' && text[i] != '\n')
            i++;
        if (i > start) {
            if (column)
                buf_putc(out, column + i - start > LINE_WIDTH ? '\n' : ' ');
            column = column + i - start > LINE_WIDTH ? 0 : column;
            write_characters(out, text + start, i - start, 0);
            column += i - start + 1;
        }
        i++;
        if (column && (i >= len || ends_sentence(text + start, i - 1 - start))) {
            buf_putc(out, '\n');
            column = 0;
        }
    }
    if (column)
        buf_putc(out, '\n');
}

void roff_lines(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t start = i;
        while (i < len && text[i] != '\n')
            i++;
        write_characters(out, text + start, i - start, 1);
        buf_putc(out, '\n');
        i++;
    }
}
