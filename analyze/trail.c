/* SPDX-License-Identifier: MIT */
#include "analyze/trail.h"

#include <math.h>
#include <string.h>

#include "formats/error.h"
#include "formats/shelf.h"

int trail_add(struct trail *trail, double t, uint64_t value)
{
    double last = trail->count ? trail->points[trail->count - 1].t : t;
    if (shelf_grow(&trail->points, &trail->capacity, trail->count + 1, sizeof *trail->points))
        return TT_NOMEM;
    trail->points[trail->count++] = (struct trail_point){fmax(t, last), value};
    return TT_OK;
}

void trail_release(struct trail *trail)
{
    shelf_free(trail->points);
    *trail = (struct trail){NULL, 0, 0, 0};
}

size_t trail_from(const struct trail *trail, double t)
{
    size_t low = 0, high = trail->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trail->points[middle].t < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t trail_highest(const struct trail *trail, size_t first, double to)
{
    uint64_t highest = UINT64_MAX;
    for (size_t i = first; i < trail->count && trail->points[i].t <= to; i++) {
        uint64_t value = trail->points[i].value;
        if (highest == UINT64_MAX || value > highest)
            highest = value;
    }
    return highest;
}

/* The last point of the stretch from `first` on that has no moment in it. */
static size_t end_of_stretch(const struct trail *trail, const struct moments *moments, size_t first,
                             double horizon)
{
    const struct trail_point *points = trail->points;
    size_t last = first;
    while (last + 1 < trail->count && points[last + 1].t < horizon &&
           !moments_any(moments, points[first].t, points[last + 1].t))
        last++;
    return last;
}

/* Writes what is left of a stretch behind point number `kept`; how many that are. */
static size_t condense(struct trail_point *points, size_t kept, size_t first, size_t last)
{
    size_t highest = first, n = 0;
    for (size_t i = first; i <= last; i++)
        highest = points[i].value > points[highest].value ? i : highest;
    const struct trail_point left[] = {points[first], points[highest], points[last]};
    points[kept + n++] = left[0];
    if (highest != first && highest != last)
        points[kept + n++] = left[1];
    if (last != first)
        points[kept + n++] = left[2];
    return n;
}

/* The last stretch may go on: it is looked at again. */
void trail_thin(struct trail *trail, const struct moments *moments, double horizon)
{
    size_t kept = trail->settled, next = kept;
    while (next < trail->count && trail->points[next].t < horizon) {
        size_t last = end_of_stretch(trail, moments, next, horizon);
        trail->settled = kept;
        kept += condense(trail->points, kept, next, last);
        next = last + 1;
    }
    if (next == kept)
        return;
    memmove(&trail->points[kept], &trail->points[next], (trail->count - next) * sizeof *trail->points);
    trail->count -= next - kept;
}

void trail_drop(struct trail *trail, double t)
{
    size_t first = trail_from(trail, t);
    first -= first && first == trail->count;
    if (!first)
        return;
    memmove(trail->points, &trail->points[first], (trail->count - first) * sizeof *trail->points);
    trail->count -= first;
    trail->settled -= trail->settled < first ? trail->settled : first;
}

void trail_coarsen(struct trail *trail, double spacing)
{
    struct trail_point *points = trail->points;
    size_t kept = 0;
    for (size_t i = 1; i < trail->count; i++) {
        if (points[i].t - points[kept].t > spacing)
            points[++kept] = points[i];
        else if (points[i].value > points[kept].value)
            points[kept].value = points[i].value;
    }
    trail->count = trail->count ? kept + 1 : 0;
}
