/* SPDX-License-Identifier: MIT */
/* Error values that library functions return, and the sentence that goes with them. */
#ifndef TOKTAPE_ERROR_H
#define TOKTAPE_ERROR_H

#include <stdarg.h>

/* 0 is success; every failure is negative. Library functions return these and never print or exit. */
enum tt_err {
    TT_OK = 0,
    TT_NOMEM = -1,        /* an allocation failed; the object is unchanged unless its header says otherwise */
    TT_IO = -2,           /* read, write, open, sync or rename failed */
    TT_USAGE = -3,        /* the caller's words: unknown option, bad number, missing argument */
    TT_DAMAGED = -4,      /* bytes that cannot be what a writer wrote */
    TT_TRUNCATED = -5,    /* the input ends early, and is whole up to there */
    TT_UNSUPPORTED = -6,  /* well-formed, but of a newer version or a critical unknown kind */
    TT_LIMIT = -7,        /* over a hard cap */
    TT_SYNTAX = -8,       /* text input (JSON, a URL, a header) that does not parse */
    TT_NETWORK = -9,      /* resolve, connect, send, receive, time-out */
    TT_NOTFOUND = -10,    /* asked for something that is not there */
    TT_EXISTS = -11,      /* would overwrite */
    TT_INTERRUPTED = -12, /* a signal ended it; what was done so far is safe */
    TT_CLOSED = -13       /* whoever read our output has left */
};

/* What went wrong, as one sentence without a full stop: the thing in single quotes, the place, the way out.
 * Optional everywhere: passing NULL loses only the sentence. */
struct error {
    enum tt_err code;
    char text[400];
};

/* Fills *e (if not NULL) and returns code, so that `return error_set(...)` reads naturally. The text is cut,
 * never overrun, and control characters from untrusted strings are replaced by '?'. */
int error_set(struct error *e, enum tt_err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and strerror(errno) appended. */
int error_errno(struct error *e, enum tt_err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the sentence already in *e and returns its code. */
int error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The process exit code that the documentation promises for this kind of failure. */
int error_exit_code(int code);

#endif
