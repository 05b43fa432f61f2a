/* SPDX-License-Identifier: MIT */
/* Figures of single runs, and their medians over a cell's base runs. */
#include <math.h>

#include "analyze/cells.h"
#include "analyze/statistics.h"

static double count_or_nan(uint64_t count)
{
    return count == ABSENT ? NAN : (double)count;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return part == ABSENT || whole == ABSENT || whole == 0 ? NAN : (double)part / (double)whole;
}

double run_decode(const struct cell_run *run)
{
    return run->figures->decode_tok_s;
}

double run_ttft(const struct cell_run *run)
{
    return run->figures->ttft_ms;
}

double run_prefill(const struct cell_run *run)
{
    return run->figures->prefill_tok_s;
}

double run_turn(const struct cell_run *run)
{
    return run->figures->ttft_ms + run->figures->decode_window_ms;
}

double run_step(const struct cell_run *run)
{
    return run->figures->step_ms;
}

double run_tokens_per_step(const struct cell_run *run)
{
    return ratio(run->figures->step_tokens, run->figures->steps);
}

double run_acceptance(const struct cell_run *run)
{
    return ratio(run->figures->draft_accepted, run->figures->draft_tokens);
}

double run_rss(const struct cell_run *run)
{
    return count_or_nan(run->figures->peak_rss_bytes);
}

double run_reuse(const struct cell_run *run)
{
    if (run->figures->cached_state != CACHED_NUMBER)
        return NAN;
    return ratio(run->figures->cached_tokens, run->figures->prompt_tokens);
}

double run_hit_rate(const struct cell_run *run)
{
    if (run->figures->cached_state != CACHED_NUMBER || run->cacheable == ABSENT ||
        run->cacheable < CACHE_HIT_MIN)
        return NAN;
    return ratio(run->figures->cached_tokens, run->cacheable);
}

/* A template's tokens do not count, nor, without token ids, what the estimate may be wrong by. */
int run_is_carried_over(const struct cell_run *run)
{
    const struct run_figures *f = run->figures;
    if (f->cached_state != CACHED_NUMBER || run->cacheable == ABSENT || f->prompt_tokens == ABSENT)
        return 0;
    uint64_t slack = CACHE_HIT_MIN + (run->by_ids ? 0 : f->prompt_tokens / 20);
    return f->cached_tokens > run->cacheable && f->cached_tokens - run->cacheable > slack;
}

double run_soc_w(const struct cell_run *run)
{
    return run->figures->energy.soc_w;
}

double run_soc_w_net(const struct cell_run *run)
{
    return run->figures->energy.soc_w_net;
}

double run_j_per_token(const struct cell_run *run)
{
    return run->figures->energy.j_per_token;
}

double run_tok_s_per_w(const struct cell_run *run)
{
    return 1 / run->figures->energy.j_per_token;
}

double run_prompt(const struct cell_run *run)
{
    return count_or_nan(run->figures->prompt_tokens);
}

double run_cached_tokens(const struct cell_run *run)
{
    return run->figures->cached_state == CACHED_NUMBER ? count_or_nan(run->figures->cached_tokens) : NAN;
}

double run_cacheable_tokens(const struct cell_run *run)
{
    return count_or_nan(run->cacheable);
}

double run_wasted_tokens(const struct cell_run *run)
{
    double missed = run_cacheable_tokens(run) - run_cached_tokens(run);
    return missed < 0 ? 0 : missed;
}

double run_answer(const struct cell_run *run)
{
    return count_or_nan(run->figures->completion_tokens);
}

struct figure figure_of(double *values, size_t count, enum grade grade)
{
    struct figure figure = FIGURE_ABSENT;
    figure.n = stats_sort(values, count);
    if (!figure.n)
        return FIGURE_ABSENT;
    figure.value = stats_percentile(values, figure.n, 0.5);
    figure.spread = 100 * stats_spread(values, figure.n);
    figure.grade = grade;
    return figure;
}

struct figure cell_median(const struct cell *cell, cell_filter *filter, const void *context,
                          cell_value *value, cell_grade *grade, double *scratch)
{
    enum grade worst = GRADE_NONE;
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (!filter(cell, run, context) || isnan(value(run)))
            continue;
        scratch[count++] = value(run);
        if (grade(run) > worst)
            worst = grade(run);
    }
    return figure_of(scratch, count, worst);
}
