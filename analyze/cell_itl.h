/* SPDX-License-Identifier: MIT */
/* Inter-token latency and step time of a cell's phases, and how surely tokens were given to reads. */
#ifndef TOKTAPE_CELL_ITL_H
#define TOKTAPE_CELL_ITL_H

#include "analyze/cells.h"

/* Each figure is the median over the phase's valid runs that were not stopped early, or over all valid ones
 * where every one was. */
struct itl_phase {
    const char *name;
    uint64_t total, valid, early;
    struct figure itl[ITL_PERCENTILES];  /* ms, by the cell's policy */
    struct figure step[ITL_PERCENTILES]; /* ms between token-bearing reads */
    struct figure tokens_per_step;
    uint64_t sources[TOKENS_EVEN_SPLIT + 1]; /* runs behind the figures, by enum token_source */
};

/* TT_OK or TT_NOMEM. */
int cell_itl(const struct cell *cell, size_t phase, struct itl_phase *out);

#endif
