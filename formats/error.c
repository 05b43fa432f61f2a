/* SPDX-License-Identifier: MIT */
#include "formats/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "formats/utf8.h"

/* Sentences quote names that came from files and engines: nothing in them may steer a terminal. */
static int is_steering(uint32_t c)
{
    int is_control = c < 0x20 || (c >= 0x7f && c < 0xA0) || c == UTF8_INVALID;
    int is_bidi = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                  (c >= 0x2066 && c <= 0x2069);
    return is_control || is_bidi;
}

static void neutralise_controls(char *text)
{
    unsigned char *p = (unsigned char *)text;
    size_t left = strlen(text), size;
    for (; left; p += size, left -= size) {
        if (is_steering(utf8_decode(p, left, &size)))
            memset(p, '?', size);
    }
}

__attribute__((format(printf, 3, 0))) static void error_vset(struct error *e, enum tt_err code,
                                                             const char *format, va_list args)
{
    e->code = code;
    if (vsnprintf(e->text, sizeof e->text, format, args) < 0)
        e->text[0] = '\0';
    neutralise_controls(e->text);
}

int error_set(struct error *e, enum tt_err code, const char *format, ...)
{
    if (e) {
        va_list args;
        va_start(args, format);
        error_vset(e, code, format, args);
        va_end(args);
    }
    return code;
}

int error_errno(struct error *e, enum tt_err code, const char *format, ...)
{
    int saved = errno;
    if (e) {
        va_list args;
        va_start(args, format);
        error_vset(e, code, format, args);
        va_end(args);
        size_t used = strlen(e->text);
        snprintf(e->text + used, sizeof e->text - used, ": %s", strerror(saved));
    }
    errno = saved;
    return code;
}

int error_prefix(struct error *e, const char *format, ...)
{
    if (!e)
        return TT_OK;
    char old[sizeof e->text];
    memcpy(old, e->text, sizeof old);
    va_list args;
    va_start(args, format);
    error_vset(e, e->code, format, args);
    va_end(args);
    size_t used = strlen(e->text);
    snprintf(e->text + used, sizeof e->text - used, ": %s", old);
    return e->code;
}

int error_exit_code(int code)
{
    switch (code) {
    case TT_OK:
        return 0;
    case TT_USAGE:
    case TT_EXISTS:
        return 2;
    case TT_TRUNCATED:
    case TT_DAMAGED:
    case TT_UNSUPPORTED:
    case TT_SYNTAX:
    case TT_LIMIT:
        return 4;
    case TT_INTERRUPTED:
        return 6;
    case TT_NOTFOUND:
        return 2;
    default:
        return 5;
    }
}
