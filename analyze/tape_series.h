/* SPDX-License-Identifier: MIT */
/* Sensors while their trace is read: samples become rails, sums and levels, which are kept as finely as the
 * windows of runs ask for. */
#ifndef TOKTAPE_TAPE_SERIES_H
#define TOKTAPE_TAPE_SERIES_H

#include "analyze/tape.h"

/* TT_DAMAGED for one out of order, TT_LIMIT over TAPE_SERIES_MAX, TT_NOMEM. */
int tape_series_declare(struct tape *tape, const struct series_row *row, struct error *e);

/* A sample of a series that was declared. TT_LIMIT over TAPE_SAMPLES_MAX, TT_NOMEM. */
int tape_series_add(struct tape *tape, const struct sample_row *row, struct error *e);

/* A window begins or ends then (native ticks; ABSENT is passed over). TT_OK or TT_NOMEM. */
int tape_series_moment(struct tape *tape, uint64_t t);

/* Every window that begins before then is known: what it does not need is given up. Takes time for all that
 * was not given up or settled before: worth it when tape_series_is_full, which is when that has grown by a
 * quarter. */
void tape_series_thin(struct tape *tape, uint64_t t);
int tape_series_is_full(const struct tape *tape);

/* No window is asked for any more: the points of all rails, sums and levels are given up. */
void tape_series_forget(struct tape *tape);

void tape_series_release(struct tape *tape);

/* Second 0 of the tape, unless there is one. */
void tape_series_begin_at(struct tape *tape, uint64_t t);

#endif
