/* SPDX-License-Identifier: MIT */
#ifndef TOKTAPE_TAPE_PEAKS_H
#define TOKTAPE_TAPE_PEAKS_H

#include "analyze/tape.h"
#include "formats/rows.h"

/* Keeps the rows of a block. TT_OK, TT_NOMEM, or TT_LIMIT over TAPE_RUNS_MAX. */
int tape_add_peaks(struct tape *tape, const struct rows *rows, struct error *e);

/* When all runs are known: each run's peak becomes the kernel's where that is at least the sampled one.
 * TT_OK or TT_NOMEM. */
int tape_take_peaks(struct tape *tape);

#endif
