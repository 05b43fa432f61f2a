/* SPDX-License-Identifier: MIT */
/* When the values of a series stood for what they say, and the rail that they make. */
#ifndef TOKTAPE_TAPE_STAMPS_H
#define TOKTAPE_TAPE_STAMPS_H

#include "analyze/tape.h"

/* Of a native time of the tape, from its first clock reading on. */
double tape_seconds(const struct tape *tape, uint64_t ticks);

/* Adds a sample of a series of energy or power to its rail. Whether a series' own stamps can be believed is
 * known when all of it has passed: those of a counter cannot when one stands still while the value moves,
 * goes backwards, or is more than a second later than the reading. Until then the rail is kept both by its
 * own stamps and by the times of reading. TT_OK or TT_NOMEM. */
int stamped_rail_add(struct stamped_rail *rail, const struct tape *tape, const struct tape_series *s,
                     const struct sample_row *sample);

/* By the series' own stamps where it has some of a known clock that hold; else by the times of reading. */
struct energy_rail *stamped_rail_best(struct stamped_rail *rail);

void stamped_rail_init(struct stamped_rail *rail, const struct tape_series *s);
void stamped_rail_release(struct stamped_rail *rail);

#endif
