/* SPDX-License-Identifier: MIT */
#include "analyze/tape_memory.h"

#include <math.h>

#include "analyze/tape_stamps.h"
#include "formats/error.h"

#define HOLD_MISSED   3   /* missed samples end a process, so that a restarted one is not added to it */
#define HOLD_LEAST_NS 5e8 /* whatever the period */

static struct tape_memory *memory_of(struct tape *tape, const struct series_row *row)
{
    if (row->scope != SCOPE_ENGINE)
        return NULL;
    return row->kind == SERIES_RSS ? &tape->rss : row->kind == SERIES_FOOTPRINT ? &tape->footprint : NULL;
}

static int is_current(const struct tape *tape, const struct tape_series *s, uint64_t t)
{
    double period_ns = s->row.period_ns == ABSENT ? 0 : (double)s->row.period_ns;
    double age_ns = t > s->last_t ? tape_ns(tape, t - s->last_t) : 0;
    return s->last != ABSENT && age_ns <= fmax(HOLD_MISSED * period_ns, HOLD_LEAST_NS);
}

static uint64_t sum_at(const struct tape *tape, const struct tape_memory *memory, uint64_t t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < memory->count; i++) {
        const struct tape_series *s = &tape->series[memory->series[i]];
        if (is_current(tape, s, t) && s->last < ABSENT - sum)
            sum += s->last;
    }
    return sum;
}

/* Where there are too many it takes the place of one that has ended, which adds to nothing any more. */
static void add_process(const struct tape *tape, struct tape_memory *memory, const struct tape_series *s)
{
    size_t place = 0;
    while (place < memory->count && (memory->count < TAPE_PROCESSES_MAX ||
                                     is_current(tape, &tape->series[memory->series[place]], s->last_t)))
        place++;
    if (place >= TAPE_PROCESSES_MAX)
        return;
    memory->series[place] = (size_t)s->row.series;
    memory->count += place == memory->count;
}

int tape_memory_add(struct tape *tape, const struct tape_series *s)
{
    struct tape_memory *memory = memory_of(tape, &s->row);
    if (memory && s->count == 1)
        add_process(tape, memory, s);
    uint64_t sum = memory && s->last != ABSENT ? sum_at(tape, memory, s->last_t) : 0;
    if (memory && sum > memory->highest)
        memory->highest = sum;
    if (!sum || memory != &tape->rss)
        return TT_OK; /* no figure of a run is made of footprints */
    return trail_add(&tape->rss_sums, tape_seconds(tape, s->last_t), sum);
}

uint64_t tape_peak_rss(const struct tape *tape, uint64_t from, uint64_t to)
{
    const struct trail *sums = &tape->rss_sums;
    if (from == ABSENT || to == ABSENT)
        return ABSENT;
    return trail_highest(sums, trail_from(sums, tape_seconds(tape, from)), tape_seconds(tape, to));
}

static void raise_peak(const struct tape *tape, struct run_figures *run)
{
    uint64_t peak = run->is_given ? ABSENT : tape_peak_rss(tape, run->t_zero, run->t_close);
    if (peak != ABSENT && (run->peak_rss_bytes == ABSENT || peak > run->peak_rss_bytes))
        run->peak_rss_bytes = peak;
}

/* Whether no sum that is held, or comes later, lies in it. A run under way has no end yet. */
static int is_behind(const struct tape *tape, const struct run_figures *run)
{
    return run->t_close != ABSENT && tape_seconds(tape, run->t_close) < tape->rss_sums.points[0].t;
}

void tape_memory_settle(struct tape *tape, double horizon)
{
    if (!tape->rss_sums.count)
        return;
    for (size_t i = tape->rss_settled; i < tape->run_count; i++)
        raise_peak(tape, tape_run_at(tape, i));
    trail_drop(&tape->rss_sums, horizon);
    while (tape->rss_settled < tape->run_count && is_behind(tape, tape_run_at(tape, tape->rss_settled)))
        tape->rss_settled++;
}

static uint64_t highest_of(const struct tape_memory *memory)
{
    return memory->highest ? memory->highest : ABSENT;
}

uint64_t tape_whole_peak_rss(const struct tape *tape)
{
    return highest_of(&tape->rss);
}

uint64_t tape_peak_footprint(const struct tape *tape)
{
    uint64_t peak = highest_of(&tape->footprint);
    for (size_t i = 0; i < tape->peak_count; i++) {
        uint64_t own = tape->peaks[i].footprint;
        if (own != ABSENT && (peak == ABSENT || own > peak))
            peak = own;
    }
    return peak;
}
