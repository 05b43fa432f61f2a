/* SPDX-License-Identifier: MIT */
/* The figures of one phase of a cell. */
#include <math.h>

#include "analyze/cell_cache.h"
#include "formats/alloc.h"

struct wanted {
    size_t phase;
    int early_too;
};

static int in_phase(const struct cell *cell, const struct cell_run *run, const void *context)
{
    const struct wanted *wanted = context;
    (void)cell;
    return run->phase == wanted->phase &&
           (wanted->early_too ? cell_run_is_valid(run) : cell_run_is_base(run));
}

static enum grade ungraded(const struct cell_run *run)
{
    (void)run;
    return GRADE_NONE;
}

static enum grade grade_decode(const struct cell_run *run)
{
    return run->figures->decode_grade;
}

static enum grade grade_prefill(const struct cell_run *run)
{
    return run->figures->prefill_grade;
}

static void fill_figures(const struct cell *cell, size_t phase, struct phase_figures *out, double *scratch)
{
    const struct {
        struct figure *slot;
        cell_value *value;
        cell_grade *grade;
    } figures[] = {
        {&out->ttft, run_ttft, ungraded},
        {&out->decode, run_decode, grade_decode},
        {&out->prefill, run_prefill, grade_prefill},
        {&out->cached, run_cached_tokens, ungraded},
        {&out->reuse, run_reuse, ungraded},
        {&out->cacheable, run_cacheable_tokens, ungraded},
        {&out->hit_rate, run_hit_rate, ungraded},
        {&out->wasted, run_wasted_tokens, ungraded},
        {&out->prompt, run_prompt, ungraded},
        {&out->answer, run_answer, ungraded},
        {&out->tokens_per_step, run_tokens_per_step, ungraded},
        {&out->step, run_step, ungraded},
        {&out->acceptance, run_acceptance, ungraded},
        {&out->rss, run_rss, ungraded},
    };
    const struct wanted wanted = {phase, out->only_early};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        *figures[i].slot = cell_median(cell, in_phase, &wanted, figures[i].value, figures[i].grade, scratch);
}

int cell_phase(const struct cell *cell, size_t phase, struct phase_figures *out)
{
    double *scratch = mem_alloc((cell->run_count + 1) * sizeof *scratch);
    if (!scratch)
        return TT_NOMEM;
    *out = (struct phase_figures){.name = cell->phases.items[phase]};
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (run->phase != phase)
            continue;
        out->total++;
        out->valid += (uint64_t)cell_run_is_valid(run);
        out->early += (uint64_t)(cell_run_is_valid(run) && run->figures->early_stop);
    }
    out->only_early = out->valid > 0 && out->early == out->valid;
    fill_figures(cell, phase, out, scratch);
    out->reuse_by_ttft = isnan(out->cached.value) ? cell_reuse_by_ttft(cell, phase, scratch) : NAN;
    mem_free(scratch);
    return TT_OK;
}
