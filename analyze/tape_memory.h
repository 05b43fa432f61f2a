/* SPDX-License-Identifier: MIT */
/* The engine's memory over time. An engine may be several processes, each with a series of its own, and a
 * restart begins new ones: the figure is the largest sum of what was current at one moment. */
#ifndef TOKTAPE_TAPE_MEMORY_H
#define TOKTAPE_TAPE_MEMORY_H

#include "analyze/tape.h"

/* A sample, whose series has it as its last one already; what is no memory of the engine is passed over.
 * TT_OK or TT_NOMEM. */
int tape_memory_add(struct tape *tape, const struct tape_series *s);

/* No run that begins before `horizon` (seconds) is unknown: the sums before it are put into the
 * peak_rss_bytes of the runs that they lie in, and given up. A run has all of its peak after the last call,
 * whose horizon is INFINITY. Imported runs keep their own. */
void tape_memory_settle(struct tape *tape, double horizon);

/* Highest resident memory from `from` to `to` (native ticks), of what was not given up; ABSENT when there are
 * no samples. */
uint64_t tape_peak_rss(const struct tape *tape, uint64_t from, uint64_t to);

/* Over the whole trace, whenever that was. */
uint64_t tape_whole_peak_rss(const struct tape *tape);

/* Highest footprint (what macOS charges a process for, compressed and graphics memory included) over the
 * whole trace, samples and the kernel's own peaks; ABSENT likewise. */
uint64_t tape_peak_footprint(const struct tape *tape);

#endif
