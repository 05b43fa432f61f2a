/* SPDX-License-Identifier: MIT */
/* The runs of a trace in another order than the one in which they began. What they are ordered by is taken
 * from their figures first, which may rest in a file meanwhile. */
#ifndef TOKTAPE_RUN_ORDER_H
#define TOKTAPE_RUN_ORDER_H

#include "analyze/tape.h"

#define RUN_ORDER_KEYS 4

struct run_place {
    uint64_t keys[RUN_ORDER_KEYS];
    size_t index; /* in the tape's runs; the order of equal keys */
};

/* Fills keys that are 0. */
typedef void run_order_keys(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS]);

/* A place for each of the tape's runs, rising by the keys (without `keys_of` as they began); release with
 * mem_free. NULL: no memory. */
struct run_place *run_order(const struct tape *tape, run_order_keys *keys_of);

#endif
