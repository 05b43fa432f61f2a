/* SPDX-License-Identifier: MIT */
#include "analyze/itl.h"

#include <math.h>
#include <string.h>

#include "analyze/figures.h"

const double itl_percentiles[ITL_PERCENTILES] = {0.50, 0.90, 0.95, 0.99};

static const char *const names[ITL_POLICIES] = {
    [ITL_EVEN] = "even", [ITL_ZERO] = "zero", [ITL_STEP] = "step"};

const char *itl_policy_name(enum itl_policy policy)
{
    return names[policy];
}

enum itl_policy itl_policy_find(const char *name)
{
    int i = 0;
    while (i < ITL_POLICIES && strcmp(names[i], name) != 0)
        i++;
    return (enum itl_policy)i;
}

static double gap_ms(const struct itl_reads *reads, uint64_t from, uint64_t to)
{
    if (to < from)
        return NAN;
    return (double)(to - from) * (double)reads->ticks_numer / (double)reads->ticks_denom / 1e6;
}

static size_t collect_steps(const struct itl_reads *reads, struct counted_value *samples)
{
    for (size_t i = 1; i < reads->count; i++)
        samples[i - 1] = (struct counted_value){gap_ms(reads, reads->times[i - 1].t, reads->times[i].t), 1};
    return reads->count ? reads->count - 1 : 0;
}

static size_t collect_tokens(enum itl_policy policy, const struct itl_reads *reads,
                             struct counted_value *samples)
{
    size_t n = 0;
    uint64_t last = reads->count ? reads->times[0].t : 0, at_once = 0;
    for (size_t i = 1; i < reads->count; i++) {
        uint64_t tokens = (uint64_t)reads->times[i].tokens;
        if (!tokens)
            continue;
        double gap = gap_ms(reads, last, reads->times[i].t);
        last = reads->times[i].t;
        at_once += tokens - 1;
        samples[n++] = policy == ITL_EVEN ? (struct counted_value){gap / (double)tokens, tokens}
                                          : (struct counted_value){gap, 1};
    }
    if (policy == ITL_ZERO && at_once)
        samples[n++] = (struct counted_value){0, at_once};
    return n;
}

size_t itl_collect(enum itl_policy policy, const struct itl_reads *reads, struct counted_value *samples)
{
    return policy == ITL_STEP ? collect_steps(reads, samples) : collect_tokens(policy, reads, samples);
}
