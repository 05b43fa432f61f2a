/* SPDX-License-Identifier: MIT */
/* One value over time, and the highest one of a window.
 *
 * A trail may be long: between two moments the first, the highest and the last value are all that windows
 * which begin and end at moments can ask for. */
#ifndef TOKTAPE_TRAIL_H
#define TOKTAPE_TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/moments.h"

struct trail_point {
    double t; /* seconds */
    uint64_t value;
};

struct trail {
    struct trail_point *points;
    size_t count, capacity;
    size_t settled; /* points before this one are thinned for good */
};

/* A value that is dated before the last one counts as of the same time. TT_OK or TT_NOMEM. */
int trail_add(struct trail *trail, double t, uint64_t value);
void trail_release(struct trail *trail);

/* The first at or after t; count when there is none. */
size_t trail_from(const struct trail *trail, double t);

/* Of the points from number `first` on up to `to`; UINT64_MAX without any. */
uint64_t trail_highest(const struct trail *trail, size_t first, double to);

/* Leaves out what no window can ask for before `horizon`, where every moment has to be known by now. */
void trail_thin(struct trail *trail, const struct moments *moments, double horizon);

/* Leaves out all before t, but never the last one. */
void trail_drop(struct trail *trail, double t);

/* Leaves the highest of those within `spacing` seconds after each that is left. */
void trail_coarsen(struct trail *trail, double spacing);

#endif
