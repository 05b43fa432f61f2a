/* SPDX-License-Identifier: MIT */
/* Energy and power of a tape's runs, from the rails that belong to the engine's machine. */
#ifndef TOKTAPE_TAPE_ENERGY_H
#define TOKTAPE_TAPE_ENERGY_H

#include "analyze/energy.h"
#include "analyze/tape.h"

/* Reasons for having no energy at all; energy_reason has those of single windows. */
#define ENERGY_UNRECORDED "no source of power was recorded"
#define ENERGY_SHARED     "other runs were under way at the same time"
#define ENERGY_ELSEWHERE  "the sources of power are not of the engine's machine"

/* Fills the energy figures of every run, those of bursts, tape->idle_w and tape->power_rails. Of runs that
 * went on beside others there is none: what they took together cannot be told apart. A rail without a figure
 * for a window leaves that window without one, unless the machine may switch what it feeds off altogether (a
 * neural engine). TT_OK or TT_NOMEM. */
int tape_energy(struct tape *tape, struct error *e);

/* The rails that add up to the whole: counters before gauges, the source declared first before later ones, a
 * package instead of its parts, the whole machine only for want of anything else. Writes at most `max`
 * indices of series; returns their number. */
size_t tape_choose_rails(const struct tape *tape, size_t *chosen, size_t max);

/* Whether a series says how much energy or power something of a known kind took. */
int tape_is_rail(const struct tape_series *s);

#endif
