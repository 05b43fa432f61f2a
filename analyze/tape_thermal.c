/* SPDX-License-Identifier: MIT */
#include "analyze/tape_thermal.h"

#include "analyze/tape_stamps.h"

/* A counter that fell began anew: what it lost is not known, and not an event. */
static uint64_t events_until(const struct tape_series *s, uint64_t value)
{
    uint64_t events = s->heat.count ? s->heat.points[s->heat.count - 1].value : 0;
    return s->last != ABSENT && value > s->last ? events + (value - s->last) : events;
}

/* s->last is the reading before this one still. */
int tape_thermal_add(struct tape_series *s, double t, uint64_t value)
{
    if (s->row.scope != SCOPE_ENGINE || value == ABSENT)
        return TT_OK;
    return trail_add(&s->heat, t, s->row.is_counter ? events_until(s, value) : value);
}

/* The last reading before t, else the first of all. */
static size_t reading_before(const struct trail *heat, double t)
{
    size_t next = trail_from(heat, t);
    return next ? next - 1 : 0;
}

static uint64_t highest_level(const struct trail *heat, double from, double to)
{
    return trail_highest(heat, reading_before(heat, from), to);
}

/* ABSENT without a second reading. */
static uint64_t counted_events(const struct trail *heat, double from, double to)
{
    size_t first = reading_before(heat, from), last = trail_from(heat, to);
    last = last < heat->count ? last : heat->count - 1;
    return first < last ? heat->points[last].value - heat->points[first].value : ABSENT;
}

static void raise_heat(const struct tape *tape, const struct tape_series *s, struct run_figures *run)
{
    double from = tape_seconds(tape, run->t_zero), to = tape_seconds(tape, run->t_close);
    int is_level = !s->row.is_counter;
    uint64_t found = is_level ? highest_level(&s->heat, from, to) : counted_events(&s->heat, from, to);
    if (found == ABSENT || (run->thermal_max != ABSENT && found <= run->thermal_max))
        return;
    run->thermal_max = found;
    run->thermal_is_level = is_level;
}

void tape_thermal(struct tape *tape)
{
    for (size_t i = 0; i < tape->run_count; i++)
        tape_run_at(tape, i)->thermal_max = ABSENT;
    for (size_t i = 0; i < tape->series_count; i++) {
        for (size_t k = 0; tape->series[i].heat.count && k < tape->run_count; k++) {
            struct run_figures *run = tape_run_at(tape, k);
            if (run->t_zero != ABSENT && run->t_close != ABSENT)
                raise_heat(tape, &tape->series[i], run);
        }
    }
}

const char *thermal_level_name(uint64_t level)
{
    static const char *const names[] = {"nominal", "moderate", "heavy", "trapping", "sleeping"};
    return level < sizeof names / sizeof names[0] ? names[level] : "unknown";
}
