/* SPDX-License-Identifier: MIT */
#include "record/campaign/order.h"

#include "formats/alloc.h"
#include "formats/prng.h"

static int add(struct order *order, const struct recording *r)
{
    if (mem_grow(&order->items, &order->capacity, order->count + 1, sizeof *order->items))
        return TT_NOMEM;
    order->items[order->count++] = *r;
    return TT_OK;
}

/* ---- cells ---- */

static void arrange(const struct campaign_plan *plan, size_t *cells, struct prng *random)
{
    size_t n = plan->cell_count;
    for (size_t i = 0; i < n; i++)
        cells[i] = plan->order == ORDER_REVERSED ? n - 1 - i : i;
    for (size_t i = n; plan->order == ORDER_SHUFFLED && i > 1; i--) {
        size_t other = (size_t)prng_below(random, i), kept = cells[i - 1];
        cells[i - 1] = cells[other];
        cells[other] = kept;
    }
}

/* One recording of each cell that has one of that number. */
static int add_round(struct order *order, const struct campaign_plan *plan, const size_t *cells,
                     uint64_t repeat)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < plan->cell_count; i++) {
        const struct campaign_cell *cell = &plan->cells[cells[i]];
        uint64_t repeats = plan_recordings(plan, cell);
        struct recording r = {cell, repeat, repeats, repeats > 1 ? 1 : cell->runs, 0};
        if (repeat < repeats)
            status = add(order, &r);
    }
    return status;
}

static int add_all_of(struct order *order, const struct campaign_plan *plan, const struct campaign_cell *cell)
{
    uint64_t repeats = plan_recordings(plan, cell);
    int status = TT_OK;
    for (uint64_t i = 0; !status && i < repeats; i++)
        status = add(order, &(struct recording){cell, i, repeats, repeats > 1 ? 1 : cell->runs, 0});
    return status;
}

static uint64_t rounds_of(const struct campaign_plan *plan)
{
    uint64_t most = 0;
    for (size_t i = 0; i < plan->cell_count; i++) {
        uint64_t repeats = plan_recordings(plan, &plan->cells[i]);
        most = repeats > most ? repeats : most;
    }
    return most;
}

static int add_cells(struct order *order, const struct campaign_plan *plan, size_t *cells)
{
    struct prng random;
    uint64_t rounds = plan->interleaves ? rounds_of(plan) : 0;
    int status = TT_OK;
    prng_seed(&random, plan->seed);
    for (uint64_t round = 0; !status && round < rounds; round++) {
        arrange(plan, cells, &random);
        status = add_round(order, plan, cells, round);
    }
    if (!plan->interleaves)
        arrange(plan, cells, &random);
    for (size_t i = 0; !plan->interleaves && !status && i < plan->cell_count; i++)
        status = add_all_of(order, plan, &plan->cells[cells[i]]);
    return status;
}

/* ---- the sentinel between them ---- */

static int add_sentinel(struct order *all, const struct campaign_plan *plan)
{
    struct recording r = {plan->sentinel, 0, 0, plan->sentinel->runs, 1};
    for (size_t i = 0; i < all->count; i++)
        r.repeat += (uint64_t)all->items[i].is_sentinel;
    return add(all, &r);
}

/* Recordings for other machines do not count. */
static size_t count_here(const struct order *order)
{
    size_t here = 0;
    for (size_t i = 0; i < order->count; i++)
        here += order->items[i].cell->is_elsewhere ? 0 : 1;
    return here;
}

static int merge(struct order *all, const struct order *order, const struct campaign_plan *plan)
{
    size_t here = count_here(order), passed = 0;
    int status = here ? add_sentinel(all, plan) : TT_OK;
    for (size_t i = 0; !status && i < order->count; i++) {
        status = add(all, &order->items[i]);
        if (status || order->items[i].cell->is_elsewhere)
            continue;
        passed++;
        if (passed % plan->sentinel_every == 0 || passed == here)
            status = add_sentinel(all, plan);
    }
    return status;
}

static int place_sentinel(struct order *order, const struct campaign_plan *plan)
{
    struct order all = {NULL, 0, 0};
    int status = merge(&all, order, plan);
    uint64_t count = 0;
    for (size_t i = 0; i < all.count; i++)
        count += (uint64_t)all.items[i].is_sentinel;
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].is_sentinel)
            all.items[i].repeats = count;
    }
    order_release(order);
    *order = all;
    return status;
}

int order_make(struct order *order, const struct campaign_plan *plan)
{
    *order = (struct order){NULL, 0, 0};
    size_t *cells = mem_zalloc(plan->cell_count, sizeof *cells);
    int status = cells ? add_cells(order, plan, cells) : TT_NOMEM;
    mem_free(cells);
    return !status && plan->sentinel ? place_sentinel(order, plan) : status;
}

void order_release(struct order *order)
{
    mem_free(order->items);
    *order = (struct order){NULL, 0, 0};
}

int recording_put_name(const struct recording *r, struct buf *out)
{
    buf_puts(out, r->cell->name);
    if (r->repeats > 1)
        buf_printf(out, ".r%llu", (unsigned long long)r->repeat);
    return out->failed;
}
