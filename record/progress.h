/* SPDX-License-Identifier: MIT */
/* The line that a person watches while a recording runs: text only, the caller prints it. */
#ifndef TOKTAPE_PROGRESS_H
#define TOKTAPE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"

/* How things stand. NAN and ABSENT are left out of the line. */
struct progress {
    const char *phase;
    uint64_t repeat, repeats;    /* repeat counts from 0 */
    uint64_t index, total;       /* runs done before this one, runs in all */
    uint64_t tokens, max_tokens; /* of the run under way, or just over */
    double tok_s, ttft_ms;
    double elapsed_s, remaining_s; /* of the whole recording; remaining NAN while unknown */
};

/* One line of at most `width` columns, without a line end:
 * "[ 3/16] prefix-test-1 1/2  212/400 tok   801 tok/s  TTFT 337 ms  0:12 / ~1:05".
 * What does not fit is left out from the right. Returns out->failed. */
int progress_line(const struct progress *p, size_t width, struct buf *out);

/* "0:07", "12:34", "1:02:03". */
int progress_duration(double seconds, struct buf *out);

#endif
