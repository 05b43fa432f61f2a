/* SPDX-License-Identifier: MIT */
#include "formats/jsonout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/error.h"
#include "formats/utf8.h"

void jsonout_init(struct jsonout *j, struct buf *out, int indent)
{
    memset(j, 0, sizeof *j);
    j->out = out;
    j->indent = indent;
}

static void new_line(struct jsonout *j)
{
    if (!j->indent)
        return;
    buf_putc(j->out, '\n');
    for (int i = 0; i < j->indent * j->depth; i++)
        buf_putc(j->out, ' ');
}

/* Whatever is due between the previous item and this one. */
static void before_value(struct jsonout *j)
{
    if (j->after_key) {
        j->after_key = 0;
        return;
    }
    if (j->depth == 0)
        return;
    if (j->has_items[j->depth - 1])
        buf_putc(j->out, ',');
    j->has_items[j->depth - 1] = 1;
    new_line(j);
}

static void open_container(struct jsonout *j, int bracket)
{
    before_value(j);
    buf_putc(j->out, bracket);
    if (j->depth >= JSONOUT_DEPTH - 1) {
        j->out->failed = TT_LIMIT; /* deeper than any document of ours: a programming error, made loud */
        return;
    }
    j->has_items[j->depth++] = 0;
}

void jsonout_object(struct jsonout *j)
{
    open_container(j, '{');
}

void jsonout_array(struct jsonout *j)
{
    open_container(j, '[');
}

void jsonout_end(struct jsonout *j, int bracket)
{
    int had_items = j->depth > 0 && j->has_items[j->depth - 1];
    if (j->depth > 0)
        j->depth--;
    if (had_items)
        new_line(j);
    buf_putc(j->out, bracket);
}

void jsonout_key(struct jsonout *j, const char *name)
{
    jsonout_string(j, name);
    buf_puts(j->out, j->indent ? ": " : ":");
    j->after_key = 1;
}

static void escape_code_point(struct buf *out, uint32_t c, const unsigned char *p, size_t size)
{
    static const char named[] = "btnvfr"; /* 8..13; \v has no short form */
    if (c == UTF8_INVALID)
        buf_puts(out, "\xEF\xBF\xBD");
    else if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", (int)c);
    else if (c >= 8 && c <= 13 && c != 11)
        buf_printf(out, "\\%c", named[c - 8]);
    else if (c < 0x20 || c == 0x7f)
        buf_printf(out, "\\u%04x", (unsigned)c);
    else
        buf_append(out, p, size);
}

void json_escape(struct buf *out, const void *text, size_t len)
{
    const unsigned char *p = text;
    while (len) {
        size_t size;
        uint32_t c = utf8_decode(p, len, &size);
        escape_code_point(out, c, p, size);
        p += size;
        len -= size;
    }
}

void jsonout_string_n(struct jsonout *j, const void *text, size_t len)
{
    before_value(j);
    buf_putc(j->out, '"');
    json_escape(j->out, text, len);
    buf_putc(j->out, '"');
}

void jsonout_string(struct jsonout *j, const char *text)
{
    if (text)
        jsonout_string_n(j, text, strlen(text));
    else
        jsonout_null(j);
}

void jsonout_bool(struct jsonout *j, int value)
{
    before_value(j);
    buf_puts(j->out, value ? "true" : "false");
}

void jsonout_null(struct jsonout *j)
{
    before_value(j);
    buf_puts(j->out, "null");
}

void jsonout_u64(struct jsonout *j, uint64_t value)
{
    before_value(j);
    buf_printf(j->out, "%llu", (unsigned long long)value);
}

void jsonout_u64_text(struct jsonout *j, uint64_t value)
{
    before_value(j);
    buf_printf(j->out, "\"%llu\"", (unsigned long long)value);
}

void jsonout_number(struct jsonout *j, double value)
{
    char text[40];
    if (!isfinite(value)) {
        jsonout_null(j);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    before_value(j);
    buf_puts(j->out, text);
}

void jsonout_raw(struct jsonout *j, const char *json, size_t len)
{
    before_value(j);
    buf_append(j->out, json, len);
}

void jsonout_field_string(struct jsonout *j, const char *name, const char *text)
{
    jsonout_key(j, name);
    jsonout_string(j, text);
}

void jsonout_field_u64(struct jsonout *j, const char *name, uint64_t value)
{
    jsonout_key(j, name);
    if (value == UINT64_MAX)
        jsonout_null(j);
    else
        jsonout_u64(j, value);
}

void jsonout_field_number(struct jsonout *j, const char *name, double value)
{
    jsonout_key(j, name);
    jsonout_number(j, value);
}

void jsonout_field_bool(struct jsonout *j, const char *name, int value)
{
    jsonout_key(j, name);
    jsonout_bool(j, value);
}
