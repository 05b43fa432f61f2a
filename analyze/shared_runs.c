/* SPDX-License-Identifier: MIT */
#include "analyze/shared_runs.h"

#include "formats/alloc.h"
#include "formats/error.h"

int shared_runs_begin(struct tape *tape)
{
    tape->run_holders = mem_alloc(sizeof *tape->run_holders);
    if (!tape->run_holders)
        return TT_NOMEM;
    *tape->run_holders = 1;
    return TT_OK;
}

struct shared_runs shared_runs_hold(const struct tape *tape)
{
    ++*tape->run_holders;
    return (struct shared_runs){tape->runs, tape->run_count, tape->run_holders};
}

void shared_runs_release(struct shared_runs *runs)
{
    if (runs->holders && --*runs->holders)
        return;
    for (size_t i = 0; i < runs->count; i++) {
        mem_free(runs->items[i].words);
        shelf_walk(sizeof runs->items[i]);
    }
    shelf_free(runs->items);
    mem_free(runs->holders);
}
