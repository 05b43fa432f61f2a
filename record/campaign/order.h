/* SPDX-License-Identifier: MIT */
/* What is recorded one after another. The same plan gives the same order, always. */
#ifndef TOKTAPE_CAMPAIGN_ORDER_H
#define TOKTAPE_CAMPAIGN_ORDER_H

#include "record/campaign/plan.h"

/* One recording: of all repeats of a cell, or of one. */
struct recording {
    const struct campaign_cell *cell;
    uint64_t repeat, repeats; /* number and count of the cell's (or the sentinel's) recordings */
    uint64_t runs;            /* repeats of the workload in it */
    int is_sentinel;
};

struct order {
    struct recording *items;
    size_t count, capacity;
};

/* Borrows the plan. TT_OK or TT_NOMEM; release in either case. The sentinel stands first, after every so many
 * recordings of cells, and last. */
int order_make(struct order *order, const struct campaign_plan *plan);
void order_release(struct order *order);

/* "a", "a.r1" (repeat 1 of several), "sentinel.r3": names its files. Returns out->failed. */
int recording_put_name(const struct recording *r, struct buf *out);

#endif
