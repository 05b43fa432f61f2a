/* SPDX-License-Identifier: MIT */
#include "analyze/tape_bursts.h"

#include "analyze/run_order.h"
#include "formats/alloc.h"
#include "formats/json.h"

#define AT_ONCE_MAX 4096 /* what META may say */

static void by_start(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS])
{
    keys[0] = run->t_zero;
    keys[1] = run->run;
}

static void by_repeat(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS])
{
    keys[0] = run->repeat;
    keys[1] = run->run;
}

/* It is enough to look at the run that ends last of those before: whatever else is under way now overlapped
 * with that one already. A run without an end goes on for ever. */
static void mark_company(const struct tape *tape, const struct run_place *by_time)
{
    struct run_figures *longest = NULL;
    for (size_t i = 0; i < tape->run_count && by_time[i].keys[0] != ABSENT; i++) {
        struct run_figures *run = tape_run_at(tape, by_time[i].index);
        if (longest && run->t_zero < longest->t_close)
            longest->is_beside_others = run->is_beside_others = 1;
        if (!longest || run->t_close > longest->t_close)
            longest = run;
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

static int make_bursts(struct tape *tape, const struct run_place *places)
{
    uint64_t burst = ABSENT;
    int status = TT_OK;
    for (size_t i = 0; i < tape->run_count && !status; i++) {
        const struct run_figures *run = tape_run_at(tape, places[i].index);
        if (!i || run->repeat / tape->concurrency != burst)
            status = begin_burst(tape);
        burst = run->repeat / tape->concurrency;
        if (!status)
            add_run(&tape->bursts[tape->burst_count - 1], run);
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
    tape->concurrency = stated >= 1 && stated <= AT_ONCE_MAX ? stated : 1;
    struct run_place *by_time = run_order(tape, by_start);
    if (by_time)
        mark_company(tape, by_time);
    mem_free(by_time);
    struct run_place *places = by_time && tape->concurrency > 1 ? run_order(tape, by_repeat) : NULL;
    int status = by_time && (places || tape->concurrency == 1) ? TT_OK : TT_NOMEM;
    if (places)
        status = make_bursts(tape, places);
    mem_free(places);
    return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}
