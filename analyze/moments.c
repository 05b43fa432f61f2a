/* SPDX-License-Identifier: MIT */
#include "analyze/moments.h"

#include <math.h>
#include <string.h>

#include "formats/error.h"
#include "formats/shelf.h"

/* The first at or after t; count when there is none. */
static size_t first_from(const struct moments *m, double t)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->at[middle] < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int moments_add(struct moments *m, double t)
{
    size_t i = first_from(m, t);
    if (isnan(t) || (i < m->count && m->at[i] == t))
        return TT_OK;
    if (shelf_grow(&m->at, &m->capacity, m->count + 1, sizeof *m->at))
        return TT_NOMEM;
    memmove(&m->at[i + 1], &m->at[i], (m->count - i) * sizeof *m->at);
    m->at[i] = t;
    m->count++;
    return TT_OK;
}

void moments_release(struct moments *m)
{
    shelf_free(m->at);
    *m = (struct moments){NULL, 0, 0};
}

int moments_any(const struct moments *m, double from, double to)
{
    size_t i = first_from(m, from);
    return i < m->count && m->at[i] <= to;
}
