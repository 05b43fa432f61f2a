/* SPDX-License-Identifier: MIT */
#include "formats/roff.h"

#include <string.h>

#include "formats/utf8.h"

#define LINE_WIDTH 78

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
    char last = word[len - 1];
    return last == '.' || last == '?' || last == '!';
}

/* At most what write_characters makes of a word. */
static size_t width_of(const char *word, size_t len)
{
    size_t width = 2;
    for (size_t i = 0; i < len; i++) {
        const char *escape = escape_of(word[i]);
        width += escape ? strlen(escape) : (unsigned char)word[i] < 0x80 ? 1 : 4;
        width += word[i] == '-';
    }
    return width;
}

static size_t end_line(struct buf *out)
{
    buf_putc(out, '\n');
    return 0;
}

void roff_text(struct buf *out, const char *text, size_t len)
{
    size_t line = 0; /* how long it is so far */
    for (size_t i = 0, size; i < len; i += size + 1) {
        for (size = 0; i + size < len && text[i + size] != ' ' && text[i + size] != '\n';)
            size++;
        if (!size)
            continue;
        size_t width = width_of(text + i, size);
        if (line && line + width >= LINE_WIDTH)
            line = end_line(out);
        else if (line)
            buf_putc(out, ' ');
        write_characters(out, text + i, size, 0);
        line += width + 1;
        if (ends_sentence(text + i, size))
            line = end_line(out);
    }
    if (line)
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
