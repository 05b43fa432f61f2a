/* SPDX-License-Identifier: MIT */
/* When the values of a series stood for what they say. */
#ifndef TOKTAPE_TAPE_STAMPS_H
#define TOKTAPE_TAPE_STAMPS_H

#include "analyze/tape.h"

/* Whether a series' own stamps can be believed. Those of a counter cannot when one stands still while the
 * value moves, goes backwards, or is more than a second later than the reading: then none of the series is
 * used. A sample without a stamp is none of these. */
int tape_stamps_hold(const struct tape *tape, const struct tape_series *s);

/* Seconds from the tape's origin: by the sample's own stamp, where it has one of a known clock and `hold` is
 * true, else when it was read. */
double tape_published(const struct tape *tape, const struct tape_series *s, const struct sample_row *sample,
                      int hold);

/* Of a native time of the tape. */
double tape_seconds(const struct tape *tape, uint64_t ticks);

#endif
