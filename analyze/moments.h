/* SPDX-License-Identifier: MIT */
/* Times at which windows begin or end, in order: what was recorded between them need not be kept one by one.
 */
#ifndef TOKTAPE_MOMENTS_H
#define TOKTAPE_MOMENTS_H

#include <stddef.h>

struct moments {
    double *at; /* seconds, ascending */
    size_t count, capacity;
};

/* In any order, though cheapest in that of time; NAN is none. TT_OK or TT_NOMEM. */
int moments_add(struct moments *moments, double t);
void moments_release(struct moments *moments);

/* Whether one lies in [from, to]. */
int moments_any(const struct moments *moments, double from, double to);

#endif
