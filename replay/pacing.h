/* SPDX-License-Identifier: MIT */
/* How punctual the hand-overs were: a histogram of the time between a slice's due time and its hand-over to
 * the kernel, in bounded memory, good to 3 %. */
#ifndef TOKTAPE_PACING_H
#define TOKTAPE_PACING_H

#include <stdint.h>

#define PACING_BUCKETS 1280 /* 32 for each doubling; the last one begins beyond nine hours */

struct pacing {
    uint64_t counts[PACING_BUCKETS];
    uint64_t total, worst_ns;
};

void pacing_note(struct pacing *p, uint64_t late_ns);
void pacing_merge(struct pacing *into, const struct pacing *from);

/* The smallest lateness that `share` (0 to 1) of the hand-overs did not exceed; 0 when there were none. */
uint64_t pacing_quantile_ns(const struct pacing *p, double share);

#endif
