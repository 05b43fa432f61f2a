/* SPDX-License-Identifier: MIT */
/* The exact bytes of one run: what was sent, or what came back. */
#ifndef TOKTAPE_EXTRACT_H
#define TOKTAPE_EXTRACT_H

#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"

enum extract_part {
    EXTRACT_REQUEST,  /* the request body, checked against its SHA-256 unless it is masked */
    EXTRACT_RESPONSE, /* the response body without HTTP's framing */
    EXTRACT_WIRE,     /* everything received, as stored */
    EXTRACT_HEAD      /* status line and header lines, up to and including the blank line */
};

struct extract_choice {
    uint64_t repeat;
    const char *phase; /* a name, or a number when the workload names no such phase */
    uint64_t attempt;  /* ABSENT: the last one */
    enum extract_part part;
    int allow_incomplete;
};

struct extract_state {
    int is_incomplete; /* the trace's end is missing or was made up by a repair */
    int is_masked;     /* the words are gone: lengths and structure are those of the original */
};

/* Replaces *out by the bytes, at most its limit (TT_LIMIT). "-" reads standard input. TT_NOTFOUND names what
 * is not there; else as the reader says. */
int extract_run(const char *path, const struct extract_choice *choice, struct buf *out,
                struct extract_state *state, struct error *e);

#endif
