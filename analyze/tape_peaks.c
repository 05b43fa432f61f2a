/* SPDX-License-Identifier: MIT */
/* The kernel's own peak of the engine's memory in single runs, where it was recorded. It misses nothing, as
 * samples may: it is preferred to theirs. */
#include "analyze/tape_peaks.h"

#include "formats/alloc.h"

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

/* Peaks come in the order in which runs end, nearly that in which they began. */
static struct run_figures *find_run(struct tape *tape, uint64_t run, size_t *cursor)
{
    for (size_t n = 0; n < tape->run_count; n++) {
        size_t i = (*cursor + n) % tape->run_count;
        if (tape_run_at(tape, i)->run != run)
            continue;
        *cursor = i;
        return tape_run_at(tape, i);
    }
    return NULL;
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

void tape_take_peaks(struct tape *tape)
{
    size_t cursor = 0;
    for (size_t i = 0; i < tape->peak_count; i++) {
        struct run_figures *run = find_run(tape, tape->peaks[i].run, &cursor);
        if (run)
            take(run, &tape->peaks[i]);
    }
}
