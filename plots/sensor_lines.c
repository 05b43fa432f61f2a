/* SPDX-License-Identifier: MIT */
#include "plots/sensor_lines.h"

#include <string.h>

#include "analyze/tape_energy.h"
#include "analyze/tape_stamps.h"
#include "formats/alloc.h"

static int make_room(struct sensor_lines *lines, const struct tape *tape, size_t series)
{
    if (mem_grow(&lines->items, &lines->capacity, series + 1, sizeof *lines->items))
        return TT_NOMEM;
    for (; lines->count <= series; lines->count++) {
        struct sensor_line *line = &lines->items[lines->count];
        memset(line, 0, sizeof *line);
        stamped_rail_init(&line->rail, &tape->series[lines->count]);
    }
    return TT_OK;
}

/* Of one line, so that all of them together stay small. */
static size_t points_max(const struct sensor_lines *lines)
{
    size_t share = SENSOR_POINTS_MAX / lines->used;
    return share > SENSOR_LINE_MOST    ? SENSOR_LINE_MOST
           : share < SENSOR_LINE_LEAST ? SENSOR_LINE_LEAST
                                       : share;
}

/* As fine at its beginning as at its end, by half of the points that there may be. */
static void bound(struct sensor_line *line, size_t max)
{
    struct energy_rail *const rails[] = {&line->rail.by_reading, &line->rail.by_stamp};
    const struct trail *values = &line->values;
    double parts = (double)(max / 2);
    for (int i = 0; i < 2; i++) {
        const struct energy_rail *rail = rails[i];
        if (rail->count >= max)
            energy_rail_coarsen(rails[i], (rail->points[rail->count - 1].t - rail->points[0].t) / parts);
    }
    if (values->count >= max)
        trail_coarsen(&line->values, (values->points[values->count - 1].t - values->points[0].t) / parts);
}

int sensor_lines_add(struct sensor_lines *lines, const struct tape *tape, const struct tape_series *series,
                     const struct sample_row *sample)
{
    size_t number = (size_t)series->row.series;
    if (series->row.scope != SCOPE_ENGINE || sample->value == ABSENT)
        return TT_OK;
    int status = make_room(lines, tape, number);
    if (status)
        return status;
    struct sensor_line *line = &lines->items[number];
    lines->used += !line->is_used;
    line->is_used = 1;
    if (tape_is_rail(series))
        status = stamped_rail_add(&line->rail, tape, series, sample);
    else
        status = trail_add(&line->values, tape_seconds(tape, sample->t), sample->value);
    bound(line, points_max(lines));
    return status;
}

struct sensor_line *sensor_lines_find(const struct sensor_lines *lines, size_t series)
{
    return lines && series < lines->count && lines->items[series].is_used ? &lines->items[series] : NULL;
}

void sensor_lines_release(struct sensor_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        stamped_rail_release(&lines->items[i].rail);
        trail_release(&lines->items[i].values);
    }
    mem_free(lines->items);
    memset(lines, 0, sizeof *lines);
}
