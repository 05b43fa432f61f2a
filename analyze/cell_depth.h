/* SPDX-License-Identifier: MIT */
/* The decode rate of a cell against context depth, over its valid runs: short answers count too, since a rate
 * at a depth does not depend on how long the answer became. */
#ifndef TOKTAPE_CELL_DEPTH_H
#define TOKTAPE_CELL_DEPTH_H

#include "analyze/cells.h"

/* All runs' points of one depth. */
struct depth_bin {
    uint64_t depth;     /* tokens in the context, a multiple of DEPTH_BIN */
    struct figure rate; /* tok/s: median over runs, n and spread */
    double tokens;      /* of all runs together */
};

/* The bins that have points, by depth; *bins is the caller's (mem_free). Traces must have been loaded with
 * tape_options.with_depth. TT_OK or TT_NOMEM. */
int cell_depth(const struct cell *cell, struct depth_bin **bins, size_t *count);

/* Pools the points of the tape's valid runs; `places` are the cell's phases by the tape's. For cell_add. */
int cell_depth_add(struct cell *cell, const struct tape *tape, const size_t *places);

#endif
