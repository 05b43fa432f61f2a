/* SPDX-License-Identifier: MIT */
/* Caches that held more than they should, and what the times say where the server is silent. */
#include <math.h>
#include <string.h>

#include "analyze/cell_cache.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"

#define NAMED_AT_MOST   3
#define LENGTH_WITHIN   0.10 /* prompts that may be compared by their times */
#define PREFILL_SHOWS   1024 /* prompt tokens from which reading them shows in the time to the first token */
#define COLD_FACTOR     1.5  /* … so that a cold run takes at least this much longer than a warm one */
#define COLLAPSE_FACTOR 0.5  /* a cold run this much faster than the others of its phase was not cold */

typedef unsigned long long llu;

/* Mean of a phase's times to the first token, with half of its 95 % interval. */
struct interval {
    double mean, half, prompt; /* prompt: median tokens */
};

static struct interval measure(const struct cell *cell, size_t phase, double *scratch)
{
    struct interval found = {NAN, NAN, NAN};
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (run->phase == phase && cell_run_is_base(run))
            scratch[count++] = run_prompt(run);
    }
    found.prompt = stats_median(scratch, count);
    count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (run->phase == phase && cell_run_is_base(run) && !isnan(run_ttft(run)))
            scratch[count++] = run_ttft(run);
    }
    found.mean = stats_mean(scratch, count);
    if (count >= 2)
        found.half = stats_t975(count - 1) * stats_sd(scratch, count) / sqrt((double)count);
    return found;
}

static int is_alike(double prompt, double other)
{
    return fabs(prompt - other) <= LENGTH_WITHIN * other;
}

double cell_reuse_by_ttft(const struct cell *cell, size_t phase, double *scratch)
{
    long cold_phase = text_list_find(&cell->phases, "cold");
    long warm_phase = text_list_find(&cell->phases, HEADLINE_PHASE);
    if (cold_phase < 0 || warm_phase < 0 || phase == (size_t)cold_phase || phase == (size_t)warm_phase)
        return NAN;
    struct interval cold = measure(cell, (size_t)cold_phase, scratch);
    struct interval warm = measure(cell, (size_t)warm_phase, scratch);
    struct interval own = measure(cell, phase, scratch);
    int are_apart = warm.mean + warm.half < cold.mean - cold.half;
    if (!are_apart || !is_alike(own.prompt, cold.prompt) || !is_alike(warm.prompt, cold.prompt))
        return NAN;
    return 1 - (own.mean - warm.mean) / (cold.mean - warm.mean);
}

/* A cold run that was not cold is named as that already. */
static int is_to_be_named(const struct cell_run *run)
{
    uint64_t cold = run->figures->cold;
    return run_is_carried_over(run) && (cold == ABSENT || cold == COLD_NOT_ASKED);
}

static int note_carried_over(const struct cell *cell, struct text_list *notes)
{
    uint64_t more = 0;
    int status = TT_OK, named = 0;
    for (size_t i = 0; !status && i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (!is_to_be_named(run))
            continue;
        if (++named > NAMED_AT_MOST) {
            more++;
            continue;
        }
        status = text_list_addf(
            notes,
            "carry-over: '%s' of repeat %llu had %llu prompt tokens cached where the policy allows %llu",
            cell_phase_name(cell, run), (llu)run->figures->repeat + 1, (llu)run->figures->cached_tokens,
            (llu)run->cacheable);
    }
    if (!status && more)
        status = text_list_addf(notes, "carry-over in %llu more runs", (llu)more);
    return status;
}

static int was_to_be_cold(const struct cell_run *run)
{
    uint64_t cold = run->figures->cold;
    return cold != ABSENT && cold != COLD_NOT_ASKED && cold != COLD_KEEP && cell_run_is_base(run);
}

/* A run that was to be cold, without its figures, which many others are compared with. */
struct cold_run {
    const struct cell_run *run;
    double ttft;
    int is_silent; /* the server does not tell what was cached */
};

static size_t collect_cold(const struct cell *cell, struct cold_run *colds)
{
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (was_to_be_cold(run))
            colds[count++] =
                (struct cold_run){run, run_ttft(run), run->figures->cached_state != CACHED_NUMBER};
    }
    return count;
}

/* The typical time of the other runs of the phase that were to be cold too. */
static double usual_ttft(const struct cold_run *colds, size_t count, size_t index, double *scratch)
{
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        if (i != index && colds[i].run->phase == colds[index].run->phase)
            scratch[others++] = colds[i].ttft;
    }
    return stats_median(scratch, others);
}

/* Only where the server is silent: its own number is named elsewhere. */
static int note_collapses(const struct cell *cell, struct text_list *notes, double *scratch)
{
    struct cold_run *colds = mem_alloc((cell->run_count + 1) * sizeof *colds);
    size_t count = colds ? collect_cold(cell, colds) : 0;
    int status = colds ? TT_OK : TT_NOMEM;
    for (size_t i = 0; !status && i < count; i++) {
        const struct cell_run *run = colds[i].run;
        double usual = colds[i].is_silent ? usual_ttft(colds, count, i, scratch) : NAN;
        if (colds[i].ttft < COLLAPSE_FACTOR * usual)
            status =
                text_list_addf(notes,
                               "'%s' of repeat %llu was hardly cold: %.0f ms to the first token, %.0f ms "
                               "in the other repeats",
                               cell_phase_name(cell, run), (llu)run->repeat + 1, colds[i].ttft, usual);
    }
    mem_free(colds);
    return status;
}

static int tells_of_cold_phase(const struct cell *cell, size_t phase, int *was_cold)
{
    int tells = 0;
    *was_cold = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (run->phase != phase)
            continue;
        *was_cold |= was_to_be_cold(run);
        tells |= run->figures->cached_state == CACHED_NUMBER;
    }
    return tells;
}

/* A silent server whose cold runs are all as fast as its warm ones was never cold at all. */
static int note_cold_as_fast(const struct cell *cell, struct text_list *notes, double *scratch)
{
    long cold_phase = text_list_find(&cell->phases, "cold");
    long warm_phase = text_list_find(&cell->phases, HEADLINE_PHASE);
    int was_cold;
    if (cold_phase < 0 || warm_phase < 0 || tells_of_cold_phase(cell, (size_t)cold_phase, &was_cold) ||
        !was_cold)
        return TT_OK;
    struct interval cold = measure(cell, (size_t)cold_phase, scratch);
    struct interval warm = measure(cell, (size_t)warm_phase, scratch);
    if (!is_alike(warm.prompt, cold.prompt) || !(cold.prompt >= PREFILL_SHOWS) ||
        !(cold.mean < COLD_FACTOR * warm.mean))
        return TT_OK;
    return text_list_addf(notes,
                          "'cold' took %.0f ms to the first token and 'warm' %.0f ms: nothing shows that the "
                          "cache was empty",
                          cold.mean, warm.mean);
}

int cell_cache_notes(const struct cell *cell, struct text_list *notes, double *scratch)
{
    int status = note_carried_over(cell, notes);
    if (!status)
        status = note_cold_as_fast(cell, notes, scratch);
    return status ? status : note_collapses(cell, notes, scratch);
}
