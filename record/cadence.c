/* SPDX-License-Identifier: MIT */
#include "record/cadence.h"

#include <math.h>
#include <string.h>

void cadence_init(struct cadence *c, uint64_t step_ns, uint64_t min_period_ns, uint64_t first_cost_ns)
{
    memset(c, 0, sizeof *c);
    c->step_ns = step_ns;
    c->min_period_ns = min_period_ns;
    c->factor = CADENCE_COST_FACTOR;
    c->costs_ns[0] = first_cost_ns;
}

uint64_t cadence_cost_ns(const struct cadence *c)
{
    uint64_t sorted[CADENCE_COSTS];
    unsigned n = c->cost_count < CADENCE_COSTS ? c->cost_count : CADENCE_COSTS;
    if (!n)
        return c->costs_ns[0];
    for (unsigned i = 0; i < n; i++) {
        unsigned at = i;
        for (; at > 0 && sorted[at - 1] > c->costs_ns[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = c->costs_ns[i];
    }
    return sorted[n / 2];
}

static uint64_t steps_of(const struct cadence *c)
{
    uint64_t cost = cadence_cost_ns(c);
    uint64_t period = cost > UINT64_MAX / c->factor ? UINT64_MAX : cost * c->factor;
    if (period < c->min_period_ns)
        period = c->min_period_ns;
    uint64_t steps = period / c->step_ns + (period % c->step_ns ? 1 : 0);
    return steps ? steps : 1;
}

uint64_t cadence_period_ns(const struct cadence *c)
{
    uint64_t steps = steps_of(c);
    return steps > UINT64_MAX / c->step_ns ? UINT64_MAX : steps * c->step_ns;
}

/* The share of a core that it takes at its own pace. */
static double wish_of(const struct cadence *c)
{
    uint64_t pace = c->min_period_ns > c->step_ns ? c->min_period_ns : c->step_ns;
    return (double)cadence_cost_ns(c) / (double)pace;
}

/* Whoever wishes no more than an equal share of what is left gets it, until the rest share equally. */
uint64_t cadence_shared_factor(const struct cadence *const cadences[], size_t count)
{
    double wishes[CADENCE_SHARED_MAX], left = 1.0 / CADENCE_SHARED_FACTOR, share = 0;
    size_t open = count < CADENCE_SHARED_MAX ? count : CADENCE_SHARED_MAX, before = open + 1;
    for (size_t i = 0; i < open; i++)
        wishes[i] = wish_of(cadences[i]);
    while (open && open < before) {
        size_t kept = 0;
        before = open;
        share = left / (double)open;
        for (size_t i = 0; i < before; i++) {
            if (wishes[i] <= share)
                left -= wishes[i];
            else
                wishes[kept++] = wishes[i];
        }
        open = kept;
    }
    double factor = open ? ceil(1 / share) : 0;
    return factor > CADENCE_COST_FACTOR ? (uint64_t)factor : CADENCE_COST_FACTOR;
}

void cadence_done(struct cadence *c, uint64_t step, uint64_t now_step, uint64_t cost_ns, int succeeded)
{
    c->costs_ns[c->cost_count % CADENCE_COSTS] = cost_ns;
    c->cost_count++;
    if (c->cost_count == 2 * CADENCE_COSTS)
        c->cost_count = CADENCE_COSTS; /* full for ever, without ever wrapping */
    c->failures = succeeded ? 0 : c->failures + (c->failures < CADENCE_BACKOFF_MAX);
    uint64_t steps = steps_of(c), wait = steps << c->failures;
    if (wait >> c->failures != steps || wait > UINT64_MAX - step)
        wait = UINT64_MAX - step; /* never again, rather than at once */
    c->next_step = step + wait > now_step ? step + wait : now_step + 1;
}
