/* SPDX-License-Identifier: MIT */
/* A trace of a few blocks, one for each run, for tests that cut and flip it in every place. */
#ifndef TOKTAPE_TESTS_SMALL_TRACE_H
#define TOKTAPE_TESTS_SMALL_TRACE_H

#include <stddef.h>

#include "formats/buf.h"

#define SMALL_TRACE_RUNS   4
#define SMALL_TRACE_BLOCKS 6 /* description, runs, END */

struct small_trace {
    char path[64], out[80]; /* it lies in `path`; `out` is a name for what is made of it */
    struct buf bytes;
    size_t ends[SMALL_TRACE_BLOCKS]; /* where each block ends */
    size_t blocks;
};

int small_trace_make(struct small_trace *f, const char *name);
void small_trace_release(struct small_trace *f);

#endif
