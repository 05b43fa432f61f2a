/* SPDX-License-Identifier: MIT */
/* Which channels of IOReport's group "Energy Model" add up to what an Apple chip takes. Their names differ
 * between chips: a base chip has "ANE", a Pro or Max "ANE0", an Ultra "ANE0_0" and "ANE0_1"; most channels
 * are parts of others. A pure function on names and units. */
#ifndef TOKTAPE_ENERGY_MODEL_H
#define TOKTAPE_ENERGY_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define ENERGY_MODEL_MAX      1024 /* channels of a chip that are looked at; an M5 Max has 364 */
#define ENERGY_MODEL_NAME_MAX 64
#define ENERGY_MODEL_UNIT_MAX 16

struct energy_channel {
    char name[ENERGY_MODEL_NAME_MAX]; /* "" when it cannot be read */
    char unit[ENERGY_MODEL_UNIT_MAX]; /* as labelled, without spaces around it */
    uint64_t rail; /* enum series_rail, RAIL_OTHER: recorded, in no sum (its unit is unknown); ABSENT: not
                      wanted */
};

/* Sets the rail of every channel. Of several ways to name one rail only the best that is there is taken:
 * "GPU Energy" (nanojoules, published at every reading) before "GPU0" (millijoules, in batches), never both.
 * Of channels of the same name the first one is. */
void energy_model_choose(struct energy_channel *channels, size_t count);

/* "mJ" … as a constant for a label that is known; NULL. */
const char *energy_model_unit(const char *label);

#endif
