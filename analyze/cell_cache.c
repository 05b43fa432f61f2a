/* SPDX-License-Identifier: MIT */
/* The prefix cache over a cell's repeats: what was reused, what could have been, and what that cost. */
#include "analyze/cell_cache.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"

#define PAIR 2

static const char *const pair_names[PAIR] = {"prefix-test-1", "prefix-test-3"};

/* One repeat: what its pair of prefix tests says, each half NAN unless it is there and whole, and what all
 * its runs computed again. */
struct repeat {
    double reuse[PAIR], cached[PAIR], cacheable[PAIR];
    double wasted;
};

static void forget(struct repeat *r)
{
    for (int half = 0; half < PAIR; half++)
        r->reuse[half] = r->cached[half] = r->cacheable[half] = NAN;
    r->wasted = NAN;
}

static int tells_cached(const struct cell_run *run)
{
    return run->figures->cached_state == CACHED_NUMBER && run->figures->cached_tokens != ABSENT;
}

static void add_to_pair(const struct cell *cell, const struct cell_run *run, struct repeat *r)
{
    for (int half = 0; half < PAIR; half++) {
        if (!cell_run_is_base(run) || strcmp(cell_phase_name(cell, run), pair_names[half]) != 0)
            continue;
        r->reuse[half] = run_reuse(run);
        if (!tells_cached(run) || run->cacheable_in_repeat == ABSENT ||
            run->cacheable_in_repeat < CACHE_HIT_MIN)
            continue;
        r->cached[half] = (double)run->figures->cached_tokens;
        r->cacheable[half] = (double)run->cacheable_in_repeat;
    }
}

static void add_waste(const struct cell_run *run, struct repeat *r)
{
    if (!cell_run_is_valid(run) || !tells_cached(run) || run->cacheable_in_repeat == ABSENT)
        return;
    double missed = (double)run->cacheable_in_repeat - (double)run->figures->cached_tokens;
    r->wasted = (isnan(r->wasted) ? 0 : r->wasted) + (missed > 0 ? missed : 0);
}

static double pair_reuse(const struct repeat *r)
{
    return (r->reuse[0] + r->reuse[1]) / PAIR;
}

static double pair_hit_rate(const struct repeat *r)
{
    return (r->cached[0] + r->cached[1]) / (r->cacheable[0] + r->cacheable[1]);
}

static double waste(const struct repeat *r)
{
    return r->wasted;
}

static struct figure over_repeats(const struct cell *cell, double (*value)(const struct repeat *),
                                  enum grade grade, double *scratch)
{
    struct repeat repeat;
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        if (cell_run_begins_repeat(cell, i))
            forget(&repeat);
        add_to_pair(cell, cell_run_at(cell, i), &repeat);
        add_waste(cell_run_at(cell, i), &repeat);
        int ends = i + 1 == cell->run_count || cell_run_begins_repeat(cell, i + 1);
        if (ends && !isnan(value(&repeat)))
            scratch[count++] = value(&repeat);
    }
    return figure_of(scratch, count, grade);
}

/* The server's own number, unless one of the pair was inferred. */
static enum grade grade_of_reuse(const struct cell *cell)
{
    enum grade grade = GRADE_A;
    for (size_t i = 0; i < cell->run_count; i++) {
        const char *phase = cell_phase_name(cell, cell_run_at(cell, i));
        int in_pair = strcmp(phase, pair_names[0]) == 0 || strcmp(phase, pair_names[1]) == 0;
        if (in_pair && cell_run_at(cell, i)->figures->cached_inferred)
            grade = GRADE_B;
    }
    return grade;
}

static enum grade grade_of_cacheable(const struct cell *cell)
{
    for (size_t i = 0; i < cell->run_count; i++) {
        if (cell_run_at(cell, i)->cacheable_in_repeat != ABSENT && !cell_run_at(cell, i)->by_ids)
            return GRADE_C;
    }
    return grade_of_reuse(cell);
}

void cell_fill_cache(const struct cell *cell, struct report_row *row, double *scratch)
{
    enum grade cacheable = grade_of_cacheable(cell);
    row->figures[METRIC_REUSE] = over_repeats(cell, pair_reuse, grade_of_reuse(cell), scratch);
    row->figures[METRIC_TRUE_HIT_RATE] = over_repeats(cell, pair_hit_rate, cacheable, scratch);
    row->figures[METRIC_WASTED_TOKENS] = over_repeats(cell, waste, cacheable, scratch);
}
