/* SPDX-License-Identifier: MIT */
#include "analyze/cell_itl.h"

#include "formats/alloc.h"
#include "formats/error.h"

static void count_run(const struct cell_run *run, struct itl_phase *out)
{
    out->total++;
    out->valid += (uint64_t)cell_run_is_valid(run);
    out->early += (uint64_t)(cell_run_is_valid(run) && run->figures->early_stop);
}

static struct figure median_of(const struct cell_run *const *runs, size_t count, enum itl_policy policy,
                               int place, double *scratch)
{
    for (size_t i = 0; i < count; i++) {
        scratch[i] = runs[i]->figures->itl_ms[policy][place];
        shelf_walk(sizeof *runs[i]->figures);
    }
    return figure_of(scratch, count, GRADE_NONE);
}

static void fill(const struct cell *cell, const struct cell_run *const *runs, size_t count, double *scratch,
                 struct itl_phase *out)
{
    for (int i = 0; i < ITL_PERCENTILES; i++) {
        out->itl[i] = median_of(runs, count, cell->itl, i, scratch);
        out->step[i] = median_of(runs, count, ITL_STEP, i, scratch);
    }
    for (size_t i = 0; i < count; i++) {
        scratch[i] = run_tokens_per_step(runs[i]);
        out->sources[runs[i]->figures->token_source]++;
        shelf_walk(sizeof *runs[i]->figures);
    }
    out->tokens_per_step = figure_of(scratch, count, GRADE_NONE);
}

int cell_itl(const struct cell *cell, size_t phase, struct itl_phase *out)
{
    const struct cell_run **runs = mem_alloc((cell->run_count + 1) * sizeof *runs);
    double *scratch = mem_alloc((cell->run_count + 1) * sizeof *scratch);
    size_t count = 0;
    *out = (struct itl_phase){.name = cell->phases.items[phase]};
    for (size_t i = 0; i < cell->run_count; i++) {
        if (cell_run_at(cell, i)->phase == phase)
            count_run(cell_run_at(cell, i), out);
    }
    int only_early = out->valid > 0 && out->early == out->valid;
    for (size_t i = 0; runs && i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (run->phase == phase && (only_early ? cell_run_is_valid(run) : cell_run_is_base(run)))
            runs[count++] = run;
    }
    if (runs && scratch)
        fill(cell, runs, count, scratch, out);
    int status = runs && scratch ? TT_OK : TT_NOMEM;
    mem_free(runs);
    mem_free(scratch);
    return status;
}
