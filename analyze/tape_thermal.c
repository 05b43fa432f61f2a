/* SPDX-License-Identifier: MIT */
#include "analyze/tape_thermal.h"

static int is_thermal(const struct tape_series *s)
{
    return s->row.kind == SERIES_THERMAL && s->row.scope == SCOPE_ENGINE && s->count > 0;
}

/* The last reading before t, else the first of all. */
static size_t reading_before(const struct tape_series *s, uint64_t t)
{
    size_t next = tape_sample_from(s, t);
    return next ? next - 1 : 0;
}

static uint64_t highest_level(const struct tape_series *s, uint64_t from, uint64_t to)
{
    uint64_t highest = ABSENT;
    for (size_t i = reading_before(s, from); i < s->count && s->samples[i].t <= to; i++) {
        uint64_t level = s->samples[i].value;
        if (level != ABSENT && (highest == ABSENT || level > highest))
            highest = level;
    }
    return highest;
}

/* A counter that fell began anew: what it lost is not known, and not an event. */
static uint64_t counted_events(const struct tape_series *s, uint64_t from, uint64_t to)
{
    size_t first = reading_before(s, from), last = tape_sample_from(s, to);
    uint64_t events = 0, before = ABSENT, steps = 0;
    for (size_t i = first; i < s->count && i <= last; i++) {
        uint64_t value = s->samples[i].value;
        if (value == ABSENT)
            continue;
        if (before != ABSENT) {
            steps++;
            events += value > before ? value - before : 0;
        }
        before = value;
    }
    return steps ? events : ABSENT;
}

static void add_series(const struct tape_series *s, struct run_figures *run)
{
    int is_level = !s->row.is_counter;
    uint64_t found =
        is_level ? highest_level(s, run->t_zero, run->t_close) : counted_events(s, run->t_zero, run->t_close);
    if (found == ABSENT || (run->thermal_max != ABSENT && found <= run->thermal_max))
        return;
    run->thermal_max = found;
    run->thermal_is_level = is_level;
}

void tape_thermal(struct tape *tape)
{
    for (size_t i = 0; i < tape->run_count; i++)
        tape->runs[i].thermal_max = ABSENT;
    for (size_t i = 0; i < tape->series_count; i++) {
        for (size_t k = 0; is_thermal(&tape->series[i]) && k < tape->run_count; k++) {
            struct run_figures *run = &tape->runs[k];
            if (run->t_zero != ABSENT && run->t_close != ABSENT)
                add_series(&tape->series[i], run);
        }
    }
}

const char *thermal_level_name(uint64_t level)
{
    static const char *const names[] = {"nominal", "moderate", "heavy", "trapping", "sleeping"};
    return level < sizeof names / sizeof names[0] ? names[level] : "unknown";
}
