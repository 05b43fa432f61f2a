/* SPDX-License-Identifier: MIT */
/* What several conversations at once amount to. */
#ifndef TOKTAPE_TAPE_BURSTS_H
#define TOKTAPE_TAPE_BURSTS_H

#include "analyze/tape.h"

/* Marks the runs that others went on beside, whoever recorded them, and fills tape->concurrency and
 * tape->bursts, all but their energy. A burst is made of as many repeats as there are conversations at once.
 * TT_OK or TT_NOMEM. */
int tape_find_bursts(struct tape *tape, struct error *e);

#endif
