/* SPDX-License-Identifier: MIT */
/* How often a source may be read: on a grid of absolute deadlines, and no oftener than CADENCE_COST_FACTOR
 * times what a read costs. All sources together may take one CADENCE_SHARED_FACTOR-th of a core's time for
 * their reads, so that with the storing of what they say measuring stays below 0.5 %: what the cheap ones
 * leave is shared among the dear ones. */
#ifndef TOKTAPE_CADENCE_H
#define TOKTAPE_CADENCE_H

#include <stddef.h>
#include <stdint.h>

#define CADENCE_COST_FACTOR   200
#define CADENCE_SHARED_FACTOR 250
#define CADENCE_SHARED_MAX    64 /* sources that share */
#define CADENCE_COSTS         9
#define CADENCE_BACKOFF_MAX   6 /* doublings of the period for a source that fails */

/* Grid steps are numbered from 0, the start. */
struct cadence {
    uint64_t step_ns;       /* of the grid */
    uint64_t min_period_ns; /* of the source */
    uint64_t factor;        /* times its cost, the period at least; cadence_init: CADENCE_COST_FACTOR */
    uint64_t costs_ns[CADENCE_COSTS];
    unsigned cost_count; /* seen so far */
    unsigned failures;   /* in a row */
    uint64_t next_step;  /* due then */
};

void cadence_init(struct cadence *c, uint64_t step_ns, uint64_t min_period_ns, uint64_t first_cost_ns);

/* The factor with which the sources keep to their time together: CADENCE_COST_FACTOR, or more where they
 * would not. Those that take less than an equal share are not slowed down by it. At most CADENCE_SHARED_MAX
 * count. */
uint64_t cadence_shared_factor(const struct cadence *const cadences[], size_t count);

/* Tells of a read that began in grid step `step`, cost that much and succeeded or not, when `now_step` is the
 * step it is now. The next one is at least a step later, also when this one took longer than its period. */
void cadence_done(struct cadence *c, uint64_t step, uint64_t now_step, uint64_t cost_ns, int succeeded);

/* Median of the last costs: one that was preempted does not slow the source down. */
uint64_t cadence_cost_ns(const struct cadence *c);
uint64_t cadence_period_ns(const struct cadence *c); /* a multiple of the grid's step */

#endif
