/* SPDX-License-Identifier: MIT */
#include "analyze/tape_stamps.h"

#include <string.h>

#define FUTURE_S 1.0

double tape_seconds(const struct tape *tape, uint64_t ticks)
{
    double forward = ticks >= tape->t_base ? tape_ns(tape, ticks - tape->t_base) : 0;
    double back = ticks < tape->t_base ? tape_ns(tape, tape->t_base - ticks) : 0;
    return (forward - back) / 1e9;
}

void stamped_rail_init(struct stamped_rail *rail, const struct tape_series *s)
{
    memset(rail, 0, sizeof *rail);
    rail->has_stamps = *s->stamp != '\0';
    rail->stamp = ABSENT;
    energy_rail_init(&rail->by_reading, s->row.kind == SERIES_POWER, energy_unit(s->unit), s->row.wrap);
    energy_rail_init(&rail->by_stamp, s->row.kind == SERIES_POWER, energy_unit(s->unit), s->row.wrap);
}

static void release_stamps(struct stamped_rail *rail)
{
    rail->has_stamps = 0;
    energy_rail_release(&rail->by_stamp);
}

void stamped_rail_release(struct stamped_rail *rail)
{
    release_stamps(rail);
    energy_rail_release(&rail->by_reading);
}

/* Seconds from the tape's first clock reading, by the sample's own stamp where it has one. */
static double published(const struct tape *tape, const struct tape_series *s, const struct sample_row *sample)
{
    uint64_t unit = strcmp(s->stamp, "realtime-us") == 0   ? 1000
                    : strcmp(s->stamp, "realtime-ns") == 0 ? 1
                                                           : 0;
    if (sample->source_t != ABSENT && strcmp(s->stamp, "native") == 0)
        return tape_seconds(tape, sample->source_t);
    if (sample->source_t == ABSENT || !unit || tape->t_origin != tape->t_base)
        return tape_seconds(tape, sample->t);
    return (double)(int64_t)(sample->source_t * unit - tape->realtime_origin_ns) / 1e9;
}

static int stamp_holds(const struct stamped_rail *rail, const struct tape *tape, const struct tape_series *s,
                       const struct sample_row *sample)
{
    double read = tape_seconds(tape, sample->t) + tape_ns(tape, sample->duration) / 1e9;
    if (sample->source_t == ABSENT || s->row.kind != SERIES_ENERGY)
        return 1;
    if (published(tape, s, sample) > read + FUTURE_S)
        return 0;
    return rail->stamp == ABSENT || sample->source_t > rail->stamp ||
           (sample->source_t == rail->stamp && sample->value == rail->stamped);
}

int stamped_rail_add(struct stamped_rail *rail, const struct tape *tape, const struct tape_series *s,
                     const struct sample_row *sample)
{
    double t = tape_seconds(tape, sample->t);
    int status = TT_OK;
    if (sample->value == ABSENT)
        return TT_OK;
    if (rail->has_stamps && !stamp_holds(rail, tape, s, sample))
        release_stamps(rail);
    if (rail->has_stamps) {
        energy_rail_seen(&rail->by_stamp, t);
        status = energy_rail_add(&rail->by_stamp, published(tape, s, sample), sample->value);
    }
    if (rail->has_stamps && sample->source_t != ABSENT) {
        rail->stamp = sample->source_t;
        rail->stamped = sample->value;
    }
    energy_rail_seen(&rail->by_reading, t);
    if (!status)
        status = energy_rail_add(&rail->by_reading, t, sample->value);
    rail->has_moved = rail->by_reading.count > 1;
    return status;
}

struct energy_rail *stamped_rail_best(struct stamped_rail *rail)
{
    return rail->has_stamps ? &rail->by_stamp : &rail->by_reading;
}
