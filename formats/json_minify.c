/* SPDX-License-Identifier: MIT */
#include "formats/json_minify.h"

#include "formats/jscan.h"
#include "formats/utf8.h"

struct minify {
    struct jscan scan;
    const unsigned char *start;
    const unsigned char *at; /* the token at hand: where an error is reported */
    struct buf *out;
    struct error *error;
};

static int refuse(const struct minify *m, enum tt_err code, const char *reason)
{
    unsigned line = 1, column = 1;
    for (const unsigned char *p = m->start; p < m->at; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    return error_set(m->error, code, "JSON %s at line %u, column %u", reason, line, column);
}

/* The type of the next token, which `at` then points to. */
static enum jscan_type look(struct minify *m)
{
    enum jscan_type type = jscan_type(&m->scan);
    m->at = m->scan.p;
    return type;
}

/* The code unit of the escape "\uXXXX" at p, or -1 when something else stands there. */
static long escaped_unit(const unsigned char *p, const unsigned char *end)
{
    long unit = 0;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++)
        unit = unit << 4 | (p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return unit;
}

/* What keeps a string (its syntax checked) from being sent as text, or NULL. */
static const char *flaw_of(const struct jscan_text *text)
{
    const unsigned char *p = text->data, *end = p + text->len;
    while (p < end) {
        size_t size;
        long unit = escaped_unit(p, end);
        if (unit == 0)
            return "has a \\u0000, which cannot be sent as text, in the string";
        if (unit >= 0xD800 && unit < 0xE000) {
            long low = unit < 0xDC00 ? escaped_unit(p + 6, end) : -1;
            if (low < 0xDC00 || low >= 0xE000)
                return "has half of a surrogate pair in the string";
            p += 12;
        } else if (*p == '\\') {
            p += unit >= 0 ? 6 : 2;
        } else if (utf8_decode(p, (size_t)(end - p), &size) == UTF8_INVALID) {
            return "has bytes that are not UTF-8 in the string";
        } else {
            p += size;
        }
    }
    return NULL;
}

static int copy_string(struct minify *m, const struct jscan_text *text)
{
    const char *flaw = m->scan.failed ? NULL : flaw_of(text);
    if (flaw)
        return refuse(m, TT_SYNTAX, flaw);
    buf_putc(m->out, '"');
    buf_append(m->out, text->data, text->len);
    buf_putc(m->out, '"');
    return TT_OK;
}

static int copy_opening(struct minify *m, int bracket)
{
    if (m->scan.depth == JSCAN_DEPTH_MAX)
        return refuse(m, TT_LIMIT, "is nested too deeply");
    jscan_enter(&m->scan);
    buf_putc(m->out, bracket);
    return TT_OK;
}

/* A scalar, or the bracket that opens a container. */
static int copy_value(struct minify *m)
{
    struct jscan_text text;
    struct bytes raw;
    switch (look(m)) {
    case JSCAN_OBJECT:
        return copy_opening(m, '{');
    case JSCAN_ARRAY:
        return copy_opening(m, '[');
    case JSCAN_STRING:
        jscan_string(&m->scan, &text);
        return copy_string(m, &text);
    default:
        raw = jscan_raw(&m->scan);
        buf_append(m->out, raw.data, raw.len);
        return TT_OK;
    }
}

static int copy_key(struct minify *m, const struct jscan_text *key)
{
    int status = copy_string(m, key);
    buf_putc(m->out, ':');
    return status;
}

/* From the end of a value to the beginning of the next, over all brackets that close between them. */
static int copy_separators(struct minify *m)
{
    struct jscan *s = &m->scan;
    struct jscan_text key;
    while (s->depth > 0 && !s->failed) {
        int in_object = (int)(s->objects & 1), has_items = s->separator_due;
        look(m);
        int more = in_object ? jscan_member(s, &key) : jscan_element(s);
        if (more && has_items)
            buf_putc(m->out, ',');
        if (more)
            return in_object ? copy_key(m, &key) : TT_OK;
        buf_putc(m->out, in_object ? '}' : ']');
    }
    return TT_OK;
}

int json_minify(const void *text, size_t len, struct buf *out, struct error *e)
{
    struct minify m = {.out = out, .error = e};
    int status;
    jscan_init(&m.scan, text, len);
    m.start = m.at = m.scan.p;
    do {
        status = copy_value(&m);
        if (!status)
            status = copy_separators(&m);
    } while (!status && m.scan.depth > 0 && !m.scan.failed);
    if (!status && !m.scan.failed)
        look(&m); /* nothing but white space may follow */
    if (!status && !jscan_finish(&m.scan))
        status = refuse(&m, TT_SYNTAX, len ? "is not valid" : "is missing");
    if (!status && out->failed)
        status = error_set(e, (enum tt_err)out->failed, "no room for JSON of %zu bytes", len);
    return status;
}
