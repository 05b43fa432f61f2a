/* SPDX-License-Identifier: MIT */
#include "analyze/tape_memory.h"

#include <math.h>

#include "analyze/tape_stamps.h"
#include "formats/error.h"

#define HOLD_MISSED  3   /* missed samples end a process, so that a restarted one is not added to it */
#define HOLD_LEAST_S 0.5 /* whatever the period */

static struct tape_memory *memory_of(struct tape *tape, const struct series_row *row)
{
    if (row->scope != SCOPE_ENGINE)
        return NULL;
    return row->kind == SERIES_RSS ? &tape->rss : row->kind == SERIES_FOOTPRINT ? &tape->footprint : NULL;
}

void tape_memory_declare(struct tape *tape, const struct series_row *row)
{
    struct tape_memory *memory = memory_of(tape, row);
    if (memory && memory->count < TAPE_PROCESSES_MAX)
        memory->series[memory->count++] = (size_t)row->series;
}

static int is_current(const struct tape_series *s, double t)
{
    double period_s = s->row.period_ns == ABSENT ? 0 : (double)s->row.period_ns / 1e9;
    return s->last != ABSENT && t - s->last_s <= fmax(HOLD_MISSED * period_s, HOLD_LEAST_S);
}

static uint64_t sum_at(const struct tape *tape, const struct tape_memory *memory, double t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < memory->count; i++) {
        const struct tape_series *s = &tape->series[memory->series[i]];
        if (is_current(s, t) && s->last < ABSENT - sum)
            sum += s->last;
    }
    return sum;
}

int tape_memory_add(struct tape *tape, const struct tape_series *s)
{
    struct tape_memory *memory = memory_of(tape, &s->row);
    uint64_t sum = memory && s->last != ABSENT ? sum_at(tape, memory, s->last_s) : 0;
    return sum ? trail_add(&memory->sums, s->last_s, sum) : TT_OK;
}

uint64_t tape_peak_rss(const struct tape *tape, uint64_t from, uint64_t to)
{
    const struct trail *sums = &tape->rss.sums;
    if (from == ABSENT || to == ABSENT)
        return ABSENT;
    return trail_highest(sums, trail_from(sums, tape_seconds(tape, from)), tape_seconds(tape, to));
}

uint64_t tape_whole_peak_rss(const struct tape *tape)
{
    return trail_highest(&tape->rss.sums, 0, INFINITY);
}

uint64_t tape_peak_footprint(const struct tape *tape)
{
    uint64_t peak = trail_highest(&tape->footprint.sums, 0, INFINITY);
    for (size_t i = 0; i < tape->peak_count; i++) {
        uint64_t own = tape->peaks[i].footprint;
        if (own != ABSENT && (peak == ABSENT || own > peak))
            peak = own;
    }
    return peak;
}
