/* SPDX-License-Identifier: MIT */
#include "analyze/energy.h"

#include <math.h>
#include <string.h>

#include "formats/error.h"
#include "formats/shelf.h"

#define CODES_OF_A_STEP (ENERGY_WAS_RESET | ENERGY_IMPLAUSIBLE)

void energy_rail_init(struct energy_rail *rail, int is_gauge, double scale, uint64_t wrap)
{
    memset(rail, 0, sizeof *rail);
    rail->is_gauge = is_gauge;
    rail->scale = scale;
    rail->wrap = wrap;
    rail->seen = rail->power_min = rail->power_max = NAN;
}

void energy_rail_release(struct energy_rail *rail)
{
    shelf_free(rail->points);
    memset(rail, 0, sizeof *rail);
}

/* Raw units from the last value to this one, around the counter's end where it has one. */
static double step_of(const struct energy_rail *rail, uint64_t raw, unsigned *broken)
{
    if (raw >= rail->last)
        return (double)(raw - rail->last);
    if (rail->wrap != UINT64_MAX && rail->last <= rail->wrap)
        return (double)(rail->wrap - rail->last) + 1.0 + (double)raw;
    *broken = ENERGY_WAS_RESET;
    return 0;
}

/* Joules of the publication that ends now, and whether they can be believed. */
static double joules_of(const struct energy_rail *rail, const struct energy_point *last, double t,
                        uint64_t raw, unsigned *broken)
{
    double length = t - last->t;
    double joules = rail->is_gauge ? length * (last->watts + rail->scale * (double)(int64_t)raw) / 2
                                   : rail->scale * step_of(rail, raw, broken);
    if (fabs(joules) / length <= ENERGY_POWER_MAX)
        return joules;
    *broken = !rail->is_gauge && raw < rail->last ? ENERGY_WAS_RESET : ENERGY_IMPLAUSIBLE;
    return 0;
}

/* What all of the rail's publications have in common. */
static void survey(struct energy_rail *rail, double length, double power)
{
    rail->unbroken++;
    rail->unbroken_s += length;
    rail->longest = fmax(rail->longest, length);
    rail->power_min = fmin(rail->power_min, power);
    rail->power_max = fmax(rail->power_max, power);
}

static struct energy_point next_point(struct energy_rail *rail, double t, uint64_t raw)
{
    struct energy_point point = {.t = t, .watts = rail->is_gauge ? rail->scale * (double)(int64_t)raw : NAN};
    const struct energy_point *last = rail->count ? &rail->points[rail->count - 1] : NULL;
    if (!last)
        return point;
    double length = t - last->t;
    point.longest = (float)length;
    point.joules = last->joules + joules_of(rail, last, t, raw, &point.broken);
    if (!point.broken)
        survey(rail, length, (point.joules - last->joules) / length);
    return point;
}

int energy_rail_add(struct energy_rail *rail, double t, uint64_t raw)
{
    int is_later = !rail->count || t > rail->points[rail->count - 1].t;
    int is_new = !rail->count || rail->is_gauge || raw != rail->last;
    if (!is_later || !is_new || isnan(t))
        return TT_OK;
    if (shelf_grow(&rail->points, &rail->capacity, rail->count + 1, sizeof *rail->points))
        return TT_NOMEM;
    rail->points[rail->count] = next_point(rail, t, raw);
    rail->codes |= rail->points[rail->count].broken;
    rail->count++;
    rail->last = raw;
    return TT_OK;
}

void energy_rail_seen(struct energy_rail *rail, double t)
{
    rail->seen = fmax(rail->seen, t);
}

/* The median would need an array; intervals differ little, so the mean of the unbroken ones will do. */
void energy_rail_finish(struct energy_rail *rail)
{
    rail->usual_s = rail->unbroken ? rail->unbroken_s / (double)rail->unbroken : NAN;
    if (rail->count < 2)
        rail->codes |= ENERGY_FROZEN;
    if (rail->longest > ENERGY_GAP * rail->usual_s)
        rail->codes |= ENERGY_HAS_GAP;
}

/* The publication before `point` becomes part of the one that ends there. */
static void absorb(struct energy_point *point, const struct energy_point *before)
{
    point->longest = fmaxf(point->longest, before->longest);
    point->broken |= before->broken;
}

/* The first point begins all, and the last one is not behind us. */
void energy_rail_thin(struct energy_rail *rail, const struct moments *moments, double horizon)
{
    struct energy_point *points = rail->points;
    size_t kept = rail->settled, i = kept + 1;
    for (; i + 1 < rail->count && points[i + 1].t < horizon; i++) {
        if (moments_any(moments, points[kept].t, points[i + 1].t))
            points[++kept] = points[i];
        else
            absorb(&points[i + 1], &points[i]);
    }
    if (i >= rail->count)
        return;
    rail->settled = kept;
    memmove(&points[kept + 1], &points[i], (rail->count - i) * sizeof *points);
    rail->count -= i - kept - 1;
}

void energy_rail_coarsen(struct energy_rail *rail, double spacing)
{
    struct energy_point *points = rail->points;
    size_t kept = 0;
    for (size_t i = 1; i < rail->count; i++) {
        if (points[i].t - points[kept].t > spacing || i + 1 == rail->count)
            points[++kept] = points[i];
        else
            absorb(&points[i + 1], &points[i]);
    }
    rail->count = rail->count ? kept + 1 : 0;
}

static double interval(const struct energy_rail *rail, size_t i)
{
    return rail->points[i].t - rail->points[i - 1].t;
}

/* The publication, by its end, that t lies in; between two, the later one when a window begins there. 0 when
 * none does. */
static size_t publication_at(const struct energy_rail *rail, double t, int begins)
{
    size_t low = 1, high = rail->count - 1;
    if (rail->count < 2 || t < rail->points[0].t || t > rail->points[rail->count - 1].t)
        return 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rail->points[middle].t < t || (begins && rail->points[middle].t <= t))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Energy up to t, which lies in publication i, and how wrong that can be: the energy of the part after t has
 * bounds, because neither part can have had less or more power than any publication. */
static double energy_at(const struct energy_rail *rail, size_t i, double t, double *uncertainty)
{
    double before = t - rail->points[i - 1].t, after = rail->points[i].t - t, length = interval(rail, i);
    double energy = rail->points[i].joules - rail->points[i - 1].joules, part = energy * (after / length);
    double low = fmax(after * rail->power_min, energy - before * rail->power_max);
    double high = fmin(after * rail->power_max, energy - before * rail->power_min);
    *uncertainty += fmax(fmax(part - low, high - part), 0);
    return rail->points[i].joules - part;
}

/* The same of a gauge, whose power is taken to change evenly between two readings. */
static double gauge_energy_at(const struct energy_rail *rail, size_t i, double t)
{
    const struct energy_point *last = &rail->points[i - 1], *next = &rail->points[i];
    double share = (t - last->t) / interval(rail, i);
    double watts = last->watts + share * (next->watts - last->watts);
    return next->joules - (next->t - t) * (watts + next->watts) / 2;
}

static unsigned codes_between(const struct energy_rail *rail, size_t first, size_t last)
{
    unsigned codes = 0;
    for (size_t i = first; i <= last; i++) {
        codes |= rail->points[i].broken;
        if (rail->points[i].longest > ENERGY_GAP * rail->usual_s)
            codes |= ENERGY_HAS_GAP;
    }
    return codes;
}

static void integrate(const struct energy_rail *rail, size_t first, size_t last, double from, double to,
                      struct energy_window *window)
{
    window->codes = codes_between(rail, first, last);
    if (window->codes & CODES_OF_A_STEP)
        return;
    if (to - from < fmax(interval(rail, first), interval(rail, last))) {
        window->codes |= ENERGY_TOO_SHORT;
        return;
    }
    if (rail->is_gauge) {
        window->joules = gauge_energy_at(rail, last, to) - gauge_energy_at(rail, first, from);
        return;
    }
    window->uncertainty = 0;
    window->joules =
        energy_at(rail, last, to, &window->uncertainty) - energy_at(rail, first, from, &window->uncertainty);
}

/* Whether a counter that is still read had long stopped to publish by then. */
static int has_stopped(const struct energy_rail *rail, double t)
{
    double last = rail->count ? rail->points[rail->count - 1].t : INFINITY;
    return !rail->is_gauge && t > last && t <= rail->seen && rail->seen - last > ENERGY_GAP * rail->usual_s;
}

void energy_rail_window(const struct energy_rail *rail, double from, double to, struct energy_window *window)
{
    *window = (struct energy_window){NAN, NAN, 0};
    size_t first = publication_at(rail, from, 1), last = publication_at(rail, to, 0);
    if (rail->codes & ENERGY_FROZEN || has_stopped(rail, to))
        window->codes = ENERGY_FROZEN;
    else if (!first || !last || !(from < to))
        window->codes = ENERGY_NOT_COVERED;
    else
        integrate(rail, first, last, from, to, window);
}

const char *energy_reason(unsigned codes)
{
    static const struct {
        unsigned code;
        const char *reason;
    } reasons[] = {
        {ENERGY_FROZEN, "the rail is frozen"},
        {ENERGY_NOT_COVERED, "nothing was published around the window"},
        {ENERGY_WAS_RESET, "the counter was reset"},
        {ENERGY_IMPLAUSIBLE, "the counter made an implausible step"},
        {ENERGY_TOO_SHORT, "window shorter than publication"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (codes & reasons[i].code)
            return reasons[i].reason;
    }
    return NULL;
}

double energy_unit(const char *unit)
{
    static const struct {
        const char *name;
        double scale;
    } units[] = {{"pJ", 1e-12}, {"nJ", 1e-9}, {"uJ", 1e-6}, {"mJ", 1e-3}, {"J", 1},
                 {"pW", 1e-12}, {"nW", 1e-9}, {"uW", 1e-6}, {"mW", 1e-3}, {"W", 1}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(units[i].name, unit) == 0)
            return units[i].scale;
    }
    return NAN;
}
