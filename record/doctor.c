/* SPDX-License-Identifier: MIT */
#include "record/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/jsonout.h"
#include "formats/textsafe.h"

#define INDENT  22
#define COLUMNS 80

static const char *const state_names[] = {"ok", "missing", "warning", "failed"};
static const char *const state_signs[] = {"ok  ", "—   ", "warn", "FAIL"};

void doctor_add(struct doctor *d, enum doctor_state state, const char *name, const char *fix,
                const char *format, ...)
{
    va_list args;
    if (d->count == DOCTOR_ITEMS_MAX)
        return;
    struct doctor_item *item = &d->items[d->count++];
    item->state = state;
    snprintf(item->name, sizeof item->name, "%s", name);
    snprintf(item->fix, sizeof item->fix, "%s", fix ? fix : "");
    va_start(args, format);
    vsnprintf(item->text, sizeof item->text, format, args);
    va_end(args);
}

int doctor_has_failed(const struct doctor *d)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->items[i].state == DOCTOR_FAILED)
            return 1;
    }
    return 0;
}

/* Words, broken where a line is full; `first` is where the line stands already. A word longer than a line
 * stays whole: a command must be copied as it is. */
static void put_wrapped(struct buf *out, const char *text, size_t first)
{
    size_t column = first;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column > INDENT && column + len + 1 > COLUMNS) {
            buf_printf(out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            buf_putc(out, ' ');
            column++;
        }
        buf_append(out, text, len);
        column += len;
        text += len + (text[len] == ' ');
    }
    buf_putc(out, '\n');
}

static void put_safe(struct buf *out, const char *text)
{
    struct buf safe = BUF_INIT;
    if (text_plain(&safe, text) == TT_OK)
        put_wrapped(out, buf_text(&safe), INDENT);
    buf_release(&safe);
}

void doctor_text(const struct doctor *d, struct buf *out)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct doctor_item *item = &d->items[i];
        buf_printf(out, "%s  %-16s", state_signs[item->state], item->name);
        put_safe(out, item->text);
        if (item->fix[0]) {
            buf_printf(out, "%*s", INDENT, "");
            buf_puts(out, "-> ");
            put_wrapped(out, item->fix, INDENT);
        }
    }
}

void doctor_json(const struct doctor *d, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_key(&j, "ok");
    jsonout_bool(&j, !doctor_has_failed(d));
    jsonout_key(&j, "items");
    jsonout_array(&j);
    for (size_t i = 0; i < d->count; i++) {
        jsonout_object(&j);
        jsonout_field_string(&j, "state", state_names[d->items[i].state]);
        jsonout_field_string(&j, "name", d->items[i].name);
        jsonout_field_string(&j, "text", d->items[i].text);
        jsonout_key(&j, "fix");
        if (d->items[i].fix[0])
            jsonout_string(&j, d->items[i].fix);
        else
            jsonout_null(&j);
        jsonout_end(&j, '}');
    }
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    buf_putc(out, '\n');
}
