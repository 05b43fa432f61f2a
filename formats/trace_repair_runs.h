/* SPDX-License-Identifier: MIT */
/* Which runs a repair hurts: those under way where blocks are missing, or at the end of a trace without one,
 * and those of which only a part, or nothing but a number left out, is there. */
#ifndef TOKTAPE_TRACE_REPAIR_RUNS_H
#define TOKTAPE_TRACE_REPAIR_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/rows.h"

struct repair_runs {
    unsigned char *states; /* by run */
    size_t count, capacity;
    uint64_t t_first, t_last; /* of all rows seen; ABSENT before the first */
};

void repair_runs_init(struct repair_runs *r);
void repair_runs_release(struct repair_runs *r);

/* The rows of a block, in the order of the trace. TT_OK or TT_NOMEM. */
int repair_runs_block(struct repair_runs *r, const struct payload *payload);
void repair_runs_gap(struct repair_runs *r); /* blocks are missing here */

/* Everything was seen: how many runs were hurt, and the first `max` of them. */
uint64_t repair_runs_hurt(const struct repair_runs *r, uint64_t *runs, size_t max);

/* The first and last time in a block's rows, ABSENT for none. */
void payload_times(const struct payload *payload, uint64_t *first, uint64_t *last);

#endif
