/* SPDX-License-Identifier: MIT */
#include "record/campaign/findings.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/jscan.h"
#include "formats/textsafe.h"

/* ---- where ---- */

static int enter_member(struct jscan *s, const char *key, const unsigned char **at)
{
    struct jscan_text name;
    if (jscan_type(s) != JSCAN_OBJECT)
        return 0;
    jscan_enter(s);
    while (jscan_member(s, &name)) {
        if (jscan_text_is(&name, key)) {
            *at = name.data;
            return 1;
        }
        jscan_skip(s);
    }
    return 0;
}

static int enter_element(struct jscan *s, size_t index, const unsigned char **at)
{
    if (jscan_type(s) != JSCAN_ARRAY)
        return 0;
    jscan_enter(s);
    for (size_t i = 0; jscan_element(s); i++) {
        if (i == index) {
            jscan_type(s); /* steps over white space */
            *at = s->p;
            return 1;
        }
        jscan_skip(s);
    }
    return 0;
}

/* Leaves the cursor on the value; *at is how far it came. */
static int descend(struct jscan *s, const struct place *to, const unsigned char **at)
{
    if (!to->up)
        return 1;
    if (!descend(s, to->up, at))
        return 0;
    return to->key ? enter_member(s, to->key, at) : enter_element(s, to->index, at);
}

/* The line on which that key, or element, begins; that of the nearest one above it that can be found. */
static size_t place_line(struct bytes document, const struct place *at)
{
    struct jscan s;
    const unsigned char *end = document.data;
    size_t line = 1;
    jscan_init(&s, document.data, document.len);
    descend(&s, at, &end);
    for (const unsigned char *p = document.data; p < end; p++)
        line += *p == '\n';
    return line;
}

int place_is_there(struct bytes document, const struct place *at)
{
    struct jscan s;
    const unsigned char *end;
    jscan_init(&s, document.data, document.len);
    return descend(&s, at, &end);
}

/* "cells[2].engine.url"; nothing for the root. */
static int place_put(const struct place *at, struct buf *out)
{
    if (!at->up)
        return out->failed;
    place_put(at->up, out);
    if (!at->key)
        return buf_printf(out, "[%zu]", at->index);
    buf_puts(out, at->up->up ? "." : "");
    return text_plain(out, at->key);
}

/* ---- what ---- */

void findings_release(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        mem_free(f->items[i].text);
    mem_free(f->items);
    f->items = NULL;
    f->count = f->capacity = 0;
}

static int is_known(const struct findings *f, size_t line, const char *text)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].line == line && strcmp(f->items[i].text, text) == 0)
            return 1;
    }
    return 0;
}

/* Takes over `text`. */
static void insert(struct findings *f, size_t line, char *text)
{
    size_t i = f->count;
    if (!text || mem_grow(&f->items, &f->capacity, f->count + 1, sizeof *f->items)) {
        f->failed = TT_NOMEM;
        mem_free(text);
        return;
    }
    for (; i > 0 && f->items[i - 1].line > line; i--)
        f->items[i] = f->items[i - 1];
    f->items[i] = (struct finding){line, text};
    f->count++;
}

__attribute__((format(printf, 3, 0))) static void add(struct findings *f, const struct place *at,
                                                      const char *format, va_list args)
{
    struct buf raw = BUF_INIT, text = BUF_INIT;
    size_t line = place_line(f->document, at);
    if (at->up && !place_put(at, &text))
        buf_puts(&text, ": ");
    buf_vprintf(&raw, format, args);
    text_plain(&text, buf_text(&raw));
    if (raw.failed || text.failed)
        f->failed = TT_NOMEM;
    else if (!is_known(f, line, buf_text(&text)))
        insert(f, line, buf_detach(&text));
    buf_release(&raw);
    buf_release(&text);
}

/* To find a line the document is read: not for findings that nobody is shown, of which there may be as many
 * as the document has members. */
void findings_add(struct findings *f, const struct place *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (f->count < FINDINGS_MAX)
        add(f, at, format, args);
    else
        f->unlisted++;
    va_end(args);
}

int findings_put(const struct findings *f, const char *name, struct buf *out)
{
    for (size_t i = 0; i < f->count; i++) {
        text_plain(out, name);
        buf_printf(out, ":%zu: %s\n", f->items[i].line, f->items[i].text);
    }
    if (f->unlisted) {
        text_plain(out, name);
        buf_printf(out, ": … and %zu more\n", f->unlisted);
    }
    return out->failed;
}
