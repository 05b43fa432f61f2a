/* SPDX-License-Identifier: MIT */
#include "analyze/tape_bursts.h"

#include <stdlib.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/order.h"

#define AT_ONCE_MAX 4096 /* what META may say */

static int by_start(const void *a, const void *b)
{
    const struct run_figures *x = *(struct run_figures *const *)a, *y = *(struct run_figures *const *)b;
    int order = order_u64(x->t_zero, y->t_zero);
    return order ? order : order_u64(x->run, y->run);
}

static int by_repeat(const void *a, const void *b)
{
    const struct run_figures *x = *(struct run_figures *const *)a, *y = *(struct run_figures *const *)b;
    int order = order_u64(x->repeat, y->repeat);
    return order ? order : order_u64(x->run, y->run);
}

/* It is enough to look at the run that ends last of those before: whatever else is under way now overlapped
 * with that one already. A run without an end goes on for ever. */
static void mark_company(struct run_figures **sorted, size_t count)
{
    struct run_figures *longest = NULL;
    for (size_t i = 0; i < count && sorted[i]->t_zero != ABSENT; i++) {
        if (longest && sorted[i]->t_zero < longest->t_close)
            longest->is_beside_others = sorted[i]->is_beside_others = 1;
        if (!longest || sorted[i]->t_close > longest->t_close)
            longest = sorted[i];
    }
}

static int begin_burst(struct tape *tape)
{
    if (mem_grow(&tape->bursts, &tape->burst_capacity, tape->burst_count + 1, sizeof *tape->bursts))
        return TT_NOMEM;
    tape->bursts[tape->burst_count++] =
        (struct tape_burst){.from = ABSENT, .seconds = NAN, .joules = NAN, .uncertainty = NAN};
    return TT_OK;
}

static void add_run(struct tape_burst *b, const struct run_figures *run)
{
    b->from = run->t_intended < b->from ? run->t_intended : b->from;
    if (run->t_close != ABSENT && run->t_close > b->to)
        b->to = run->t_close;
    if (!run->is_last_attempt)
        return;
    b->runs++;
    b->valid += (uint64_t)(run->invalid == 0);
    b->tokens += run->invalid == 0 ? run->completion_tokens : 0;
}

static int make_bursts(struct tape *tape, struct run_figures **sorted)
{
    uint64_t burst = ABSENT;
    int status = TT_OK;
    for (size_t i = 0; i < tape->run_count && !status; i++) {
        if (!i || sorted[i]->repeat / tape->concurrency != burst)
            status = begin_burst(tape);
        burst = sorted[i]->repeat / tape->concurrency;
        if (!status)
            add_run(&tape->bursts[tape->burst_count - 1], sorted[i]);
    }
    for (size_t i = 0; i < tape->burst_count; i++) {
        struct tape_burst *b = &tape->bursts[i];
        if (b->from != ABSENT && b->to > b->from)
            b->seconds = tape_ns(tape, b->to - b->from) / 1e9;
    }
    return status;
}

int tape_find_bursts(struct tape *tape, struct error *e)
{
    uint64_t stated = json_count(json_path(tape->meta, "options"), "concurrency");
    struct run_figures **sorted = mem_alloc((tape->run_count + 1) * sizeof *sorted);
    int status = sorted ? TT_OK : TT_NOMEM;
    tape->concurrency = stated >= 1 && stated <= AT_ONCE_MAX ? stated : 1;
    for (size_t i = 0; !status && i < tape->run_count; i++)
        sorted[i] = &tape->runs[i];
    if (!status && tape->run_count) {
        qsort(sorted, tape->run_count, sizeof *sorted, by_start);
        mark_company(sorted, tape->run_count);
        qsort(sorted, tape->run_count, sizeof *sorted, by_repeat);
    }
    if (!status && tape->concurrency > 1)
        status = make_bursts(tape, sorted);
    mem_free(sorted);
    return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}
