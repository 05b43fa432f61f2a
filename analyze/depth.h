/* SPDX-License-Identifier: MIT */
/* The decode rate of one run against its context depth: how many tokens were in the context, prompt included,
 * when a token was made. */
#ifndef TOKTAPE_DEPTH_H
#define TOKTAPE_DEPTH_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/figures.h"

#define DEPTH_BIN        512 /* tokens: depths are taken together up to the next multiple of it */
#define DEPTH_MIN_TOKENS 32  /* fewer in a piece are no rate */
#define DEPTH_TOKENS_MAX ((uint32_t)1 << 26) /* deeper contexts have no points */

/* The part of a run's answer that was made at depths from `depth` to `depth` + DEPTH_BIN. */
struct depth_point {
    uint32_t run;     /* index in the tape's runs */
    uint32_t depth;   /* a multiple of DEPTH_BIN */
    double tokens;    /* that arrived, at least DEPTH_MIN_TOKENS */
    double window_ms; /* in which they did: from the read before the first of them to that of the last */
};

struct depth_points {
    struct depth_point *items; /* by run, then depth */
    size_t count, capacity;
};

/* Appends the points of a run from its token times (as figures_compute gives them). The first read begins the
 * clock and counts for none; every later one belongs whole to the depth of its first token; what came after
 * the decode window's end is left out. A run without a decode rate or a known prompt has no points. TT_OK or
 * TT_NOMEM. */
int depth_add(struct depth_points *points, uint32_t run, const struct run_figures *figures,
              const struct token_time *times, size_t count, double ms_per_tick);

double depth_rate(const struct depth_point *point); /* tok/s */

#endif
