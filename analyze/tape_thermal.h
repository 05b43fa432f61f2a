/* SPDX-License-Identifier: MIT */
/* How hot the engine's machine was in each run: macOS tells a level of pressure, Linux counts how often its
 * processors were slowed down. */
#ifndef TOKTAPE_TAPE_THERMAL_H
#define TOKTAPE_TAPE_THERMAL_H

#include "analyze/tape.h"

/* A reading of a series of the kind SERIES_THERMAL. TT_OK or TT_NOMEM. */
int tape_thermal_add(struct tape_series *s, double t, uint64_t value);

/* When all have passed: fills thermal_max and thermal_is_level of every run, over the readings around it: the
 * highest level from the last reading before the run to the last one in it, or the events counted from the
 * last reading before it to the first one after it (of several counters, the one that counted most). Absent
 * without readings. */
void tape_thermal(struct tape *tape);

/* "nominal", "moderate", "heavy", "trapping", "sleeping" for a level of macOS; "unknown" for others. */
const char *thermal_level_name(uint64_t level);

#endif
