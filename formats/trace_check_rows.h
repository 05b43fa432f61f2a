/* SPDX-License-Identifier: MIT */
/* What the rows of a trace say of each other: whether what they name exists, and whether their times can be.
 */
#ifndef TOKTAPE_TRACE_CHECK_ROWS_H
#define TOKTAPE_TRACE_CHECK_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/rows.h"
#include "formats/trace_check.h"

#define CHECK_RUNS_MAX ((size_t)1 << 18) /* later runs are not looked at */

struct check_run {
    uint64_t t_start, t_last; /* beginning and last read, ticks */
    int is_over, has_pieces;
};

struct check_rows {
    void (*found)(void *context, enum check_severity severity, const char *text);
    void *context;
    struct check_run *runs;
    size_t run_count, run_capacity;
    uint64_t bodies, segments, series;
    uint64_t numer, denom; /* of the trace's clock */
    int has_clock, has_gap;
    double slept_s, stepped_s; /* of the clocks against the native one, as last said */
    double sleep_zero, wall_zero;
};

/* `found` is told what is wrong, one sentence at a time. */
void check_rows_init(struct check_rows *r,
                     void (*found)(void *context, enum check_severity, const char *text), void *context);
void check_rows_clock(struct check_rows *r, uint64_t numer, uint64_t denom);
void check_rows_gap(struct check_rows *r); /* blocks are missing here: what rows name may have been in them */

/* The rows of the next block. TT_OK or TT_NOMEM. */
int check_rows_block(struct check_rows *r, const struct payload *payload);
void check_rows_release(struct check_rows *r);

#endif
