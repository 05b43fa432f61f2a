/* SPDX-License-Identifier: MIT */
#include "analyze/cell_depth.h"

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/workload.h"

int cell_depth_add(struct cell *cell, const struct tape *tape, const size_t *places)
{
    for (size_t i = 0; i < tape->depth.count; i++) {
        const struct depth_point *point = &tape->depth.items[i];
        shelf_walk(sizeof *point);
        const struct run_figures *run = tape_run_at(tape, point->run);
        if (!run->is_last_attempt || run->invalid)
            continue;
        if (shelf_grow(&cell->depths, &cell->depth_capacity, cell->depth_count + 1, sizeof *cell->depths))
            return TT_NOMEM;
        size_t phase = run->phase < WORKLOAD_PHASES_MAX ? (size_t)run->phase : WORKLOAD_PHASES_MAX;
        cell->depths[cell->depth_count++] = (struct cell_depth_point){
            *point, (uint32_t)(cell->trace_count - 1), (uint32_t)places[phase], run->repeat};
    }
    return TT_OK;
}

/* What is known of the points of one depth. */
struct level {
    uint32_t count, gathered;
    double tokens;
};

static size_t level_of(const struct depth_point *point)
{
    return point->depth / DEPTH_BIN;
}

static int survey(const struct cell *cell, struct level **levels, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < cell->depth_count; i++) {
        size_t level = level_of(&cell_depth_at(cell, i)->point);
        *count = level >= *count ? level + 1 : *count;
    }
    *levels = mem_zalloc(*count, sizeof **levels);
    for (size_t i = 0; *levels && i < cell->depth_count; i++) {
        const struct depth_point *point = &cell_depth_at(cell, i)->point;
        struct level *level = &(*levels)[level_of(point)];
        level->count++;
        level->tokens += point->tokens;
    }
    return *levels ? TT_OK : TT_NOMEM;
}

#define GROUP_POINTS ((size_t)1 << 16) /* gathered in one walk through all points, or */
#define WALKS_MAX    16                /* as many as make no more walks than this */

/* Levels whose points are gathered together: as many as have room, but one at least. */
static size_t end_of_group(const struct level *levels, size_t count, size_t first, size_t room,
                           size_t *points)
{
    size_t end = first;
    *points = 0;
    while (end < count && (end == first || *points + levels[end].count <= room))
        *points += levels[end++].count;
    return end;
}

/* Rates of the levels from `first` to `end`, those of each together. */
static void gather(const struct cell *cell, struct level *levels, size_t first, size_t end, double *rates)
{
    uint32_t place = 0;
    for (size_t i = first; i < end; place += levels[i++].count)
        levels[i].gathered = place;
    for (size_t i = 0; i < cell->depth_count; i++) {
        const struct depth_point *point = &cell_depth_at(cell, i)->point;
        size_t level = level_of(point);
        if (level >= first && level < end)
            rates[levels[level].gathered++] = depth_rate(point);
    }
}

static size_t make_bins(const struct level *levels, size_t first, size_t end, double *rates,
                        struct depth_bin *bins)
{
    size_t made = 0;
    for (size_t i = first; i < end; rates += levels[i++].count) {
        if (levels[i].count)
            bins[made++] = (struct depth_bin){(uint64_t)i * DEPTH_BIN,
                                              figure_of(rates, levels[i].count, GRADE_B), levels[i].tokens};
    }
    return made;
}

static int bins_of_levels(const struct cell *cell, struct level *levels, size_t level_count,
                          struct depth_bin *bins, size_t *count)
{
    size_t share = cell->depth_count / WALKS_MAX, room = share > GROUP_POINTS ? share : GROUP_POINTS;
    for (size_t first = 0, end, points; first < level_count; first = end) {
        end = end_of_group(levels, level_count, first, room, &points);
        double *rates = mem_alloc(points * sizeof *rates);
        if (!rates)
            return TT_NOMEM;
        gather(cell, levels, first, end, rates);
        *count += make_bins(levels, first, end, rates, bins + *count);
        mem_free(rates);
    }
    return TT_OK;
}

int cell_depth(const struct cell *cell, struct depth_bin **bins, size_t *count)
{
    struct level *levels;
    size_t level_count, filled = 0;
    int status = survey(cell, &levels, &level_count);
    for (size_t i = 0; !status && i < level_count; i++)
        filled += levels[i].count > 0;
    *count = 0;
    *bins = status ? NULL : mem_alloc(filled * sizeof **bins);
    if (!status)
        status = *bins ? bins_of_levels(cell, levels, level_count, *bins, count) : TT_NOMEM;
    mem_free(levels);
    if (status) {
        mem_free(*bins);
        *bins = NULL;
        *count = 0;
    }
    return status;
}
