/* SPDX-License-Identifier: MIT */
#include "analyze/run_order.h"

#include <stdlib.h>

#include "formats/alloc.h"
#include "formats/order.h"

static int compare(const void *a, const void *b)
{
    const struct run_place *x = a, *y = b;
    int order = 0;
    for (size_t i = 0; !order && i < RUN_ORDER_KEYS; i++)
        order = order_u64(x->keys[i], y->keys[i]);
    return order ? order : order_u64(x->index, y->index);
}

struct run_place *run_order(const struct tape *tape, run_order_keys *keys_of)
{
    struct run_place *places = mem_zalloc(tape->run_count, sizeof *places);
    for (size_t i = 0; places && i < tape->run_count; i++) {
        if (keys_of)
            keys_of(tape_run_at(tape, i), places[i].keys);
        places[i].index = i;
    }
    if (places && tape->run_count)
        qsort(places, tape->run_count, sizeof *places, compare);
    return places;
}
