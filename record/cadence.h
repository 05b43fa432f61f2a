/* SPDX-License-Identifier: MIT */
/* How often a source may be read: on a grid of absolute deadlines, and no oftener than CADENCE_COST_FACTOR
 * times what a read costs, so that measuring takes at most 0.5 % of one core's time. */
#ifndef TOKTAPE_CADENCE_H
#define TOKTAPE_CADENCE_H

#include <stdint.h>

#define CADENCE_COST_FACTOR 200
#define CADENCE_COSTS       9
#define CADENCE_BACKOFF_MAX 6 /* doublings of the period for a source that fails */

/* Grid steps are numbered from 0, the start. */
struct cadence {
    uint64_t step_ns;       /* of the grid */
    uint64_t min_period_ns; /* of the source */
    uint64_t costs_ns[CADENCE_COSTS];
    unsigned cost_count; /* seen so far */
    unsigned failures;   /* in a row */
    uint64_t next_step;  /* due then */
};

void cadence_init(struct cadence *c, uint64_t step_ns, uint64_t min_period_ns, uint64_t first_cost_ns);

/* Tells of a read that began in grid step `step`, cost that much and succeeded or not, when `now_step` is the
 * step it is now. The next one is at least a step later, also when this one took longer than its period. */
void cadence_done(struct cadence *c, uint64_t step, uint64_t now_step, uint64_t cost_ns, int succeeded);

/* Median of the last costs: one that was preempted does not slow the source down. */
uint64_t cadence_cost_ns(const struct cadence *c);
uint64_t cadence_period_ns(const struct cadence *c); /* a multiple of the grid's step */

#endif
