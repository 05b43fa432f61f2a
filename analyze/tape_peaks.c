/* SPDX-License-Identifier: MIT */
/* The kernel's own peak of the engine's memory in single runs, where it was recorded. It misses nothing, as
 * samples may: it is preferred to theirs. */
#include "analyze/tape_peaks.h"

#include <stdlib.h>

#include "analyze/run_order.h"
#include "formats/alloc.h"
#include "formats/order.h"

int tape_add_peaks(struct tape *tape, const struct rows *rows, struct error *e)
{
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (tape->peak_count >= TAPE_RUNS_MAX)
            return error_set(e, TT_LIMIT, "the trace holds memory peaks of more than %zu runs",
                             TAPE_RUNS_MAX);
        if (mem_grow(&tape->peaks, &tape->peak_capacity, tape->peak_count + 1, sizeof *tape->peaks))
            return error_set(e, TT_NOMEM, "out of memory");
        rows_get(rows, i, &tape->peaks[tape->peak_count++]);
    }
    return TT_OK;
}

static void by_id(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS])
{
    keys[0] = run->run;
}

static int compare_id(const void *id, const void *place)
{
    return order_u64(*(const uint64_t *)id, ((const struct run_place *)place)->keys[0]);
}

/* A kernel that says less than a sample inside the same run did not track all of the engine: a process that
 * was not known yet. */
static void take(struct run_figures *run, const struct peak_row *peak)
{
    if (peak->rss == ABSENT || !peak->processes || peak->processes == ABSENT)
        return;
    if (run->peak_rss_bytes != ABSENT && peak->rss < run->peak_rss_bytes)
        return;
    run->peak_rss_bytes = peak->rss;
    run->peak_rss_grade = peak->processes == 1 ? GRADE_A : GRADE_B;
    run->peak_rss_is_tracked = 1;
}

int tape_take_peaks(struct tape *tape)
{
    struct run_place *places = tape->peak_count ? run_order(tape, by_id) : NULL;
    if (tape->peak_count && !places)
        return TT_NOMEM;
    for (size_t i = 0; i < tape->peak_count; i++) {
        const struct run_place *place =
            bsearch(&tape->peaks[i].run, places, tape->run_count, sizeof *places, compare_id);
        if (place)
            take(tape_run_at(tape, place->index), &tape->peaks[i]);
    }
    mem_free(places);
    return TT_OK;
}
