/* SPDX-License-Identifier: MIT */
#include "formats/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Sentences quote names that came from files and engines: nothing in them may steer a terminal. */
static void neutralise_controls(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
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
