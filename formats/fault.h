/* SPDX-License-Identifier: MIT */
/* Fault points: test builds (TOKTAPE_FAULTS) make the n-th call of a kind fail, as the environment says. */
#ifndef TOKTAPE_FAULT_H
#define TOKTAPE_FAULT_H

enum fault_point { FAULT_ALLOC, FAULT_WRITE, FAULT_SYNC, FAULT_POINTS };

#ifdef TOKTAPE_FAULTS
/* True when this call is the one that TOKTAPE_FAULT names. For FAULT_WRITE, errno is set to the error to
 * report. TOKTAPE_FAULT is `point:n:action`, e.g. `alloc:17:fail`, `write:3:enospc`, `write:2:short`,
 * `sync:1:eio`. */
int fault_hits(enum fault_point point);
#else
static inline int fault_hits(enum fault_point point)
{
    (void)point;
    return 0;
}
#endif

#endif
