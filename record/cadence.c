/* SPDX-License-Identifier: MIT */
#include "record/cadence.h"

#include <string.h>

void cadence_init(struct cadence *c, uint64_t step_ns, uint64_t min_period_ns, uint64_t first_cost_ns)
{
    memset(c, 0, sizeof *c);
    c->step_ns = step_ns;
    c->min_period_ns = min_period_ns;
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
    uint64_t period = cost > UINT64_MAX / CADENCE_COST_FACTOR ? UINT64_MAX : cost * CADENCE_COST_FACTOR;
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
