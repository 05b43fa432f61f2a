/* SPDX-License-Identifier: MIT */
/* The figures of a trace's runs: one copy, which belongs to the trace's tape and to the cells that pool it
 * until the last of them lets go. Not for several threads at a time. */
#ifndef TOKTAPE_SHARED_RUNS_H
#define TOKTAPE_SHARED_RUNS_H

#include "analyze/tape.h"

struct shared_runs {
    struct run_figures *items;
    size_t count;
    size_t *holders; /* how many there are, the tape among them */
};

/* For a tape that begins. TT_OK or TT_NOMEM. */
int shared_runs_begin(struct tape *tape);

/* Nothing may be added to the tape's runs any more. */
struct shared_runs shared_runs_hold(const struct tape *tape);
void shared_runs_release(struct shared_runs *runs);

#endif
