/* SPDX-License-Identifier: MIT */
#include "analyze/cell_depth.h"

#include <stdlib.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/order.h"
#include "formats/workload.h"

int cell_depth_add(struct cell *cell, const struct tape *tape, const size_t *places)
{
    for (size_t i = 0; i < tape->depth.count; i++) {
        const struct depth_point *point = &tape->depth.items[i];
        const struct run_figures *run = &tape->runs[point->run];
        if (!run->is_last_attempt || run->invalid)
            continue;
        if (mem_grow(&cell->depths, &cell->depth_capacity, cell->depth_count + 1, sizeof *cell->depths))
            return TT_NOMEM;
        size_t phase = run->phase < WORKLOAD_PHASES_MAX ? (size_t)run->phase : WORKLOAD_PHASES_MAX;
        cell->depths[cell->depth_count++] = (struct cell_depth_point){
            *point, (uint32_t)(cell->trace_count - 1), (uint32_t)places[phase], run->repeat};
    }
    return TT_OK;
}

static int compare_depths(const void *a, const void *b)
{
    const struct cell_depth_point *x = *(const struct cell_depth_point *const *)a,
                                  *y = *(const struct cell_depth_point *const *)b;
    return order_u64(x->point.depth, y->point.depth);
}

static struct depth_bin make_bin(const struct cell_depth_point *const *points, size_t count, double *scratch)
{
    struct depth_bin bin = {points[0]->point.depth, FIGURE_ABSENT, 0};
    for (size_t i = 0; i < count; i++) {
        scratch[i] = depth_rate(&points[i]->point);
        bin.tokens += points[i]->point.tokens;
    }
    bin.rate = figure_of(scratch, count, GRADE_B);
    return bin;
}

static size_t make_bins(const struct cell_depth_point *const *sorted, size_t count, double *scratch,
                        struct depth_bin *bins)
{
    size_t made = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && sorted[end]->point.depth == sorted[i]->point.depth;)
            end++;
        bins[made++] = make_bin(sorted + i, end - i, scratch);
    }
    return made;
}

int cell_depth(const struct cell *cell, struct depth_bin **bins, size_t *count)
{
    size_t n = cell->depth_count;
    const struct cell_depth_point **sorted = mem_alloc((n + 1) * sizeof *sorted);
    double *scratch = mem_alloc((n + 1) * sizeof *scratch);
    *bins = mem_alloc((n + 1) * sizeof **bins);
    int status = sorted && scratch && *bins ? TT_OK : TT_NOMEM;
    *count = 0;
    if (!status) {
        for (size_t i = 0; i < n; i++)
            sorted[i] = &cell->depths[i];
        if (n)
            qsort(sorted, n, sizeof *sorted, compare_depths);
        *count = make_bins(sorted, n, scratch, *bins);
    } else {
        mem_free(*bins);
        *bins = NULL;
    }
    mem_free(sorted);
    mem_free(scratch);
    return status;
}
