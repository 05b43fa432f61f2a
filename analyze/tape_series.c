/* SPDX-License-Identifier: MIT */
#include "analyze/tape_series.h"

#include <string.h>

#include "analyze/tape_energy.h"
#include "analyze/tape_memory.h"
#include "analyze/tape_stamps.h"
#include "analyze/tape_thermal.h"
#include "formats/alloc.h"

#define DISORDER_S 5.0 /* rows of several threads may be that much out of order, and less is no memory */
#define FULL_LEAST ((size_t)1 << 12) /* points: less is no memory, either */

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

void tape_series_begin_at(struct tape *tape, uint64_t t)
{
    if (tape->t_base == ABSENT)
        tape->t_base = t;
}

static char *copy_bytes(struct bytes text)
{
    return mem_strndup(text.len ? (const char *)text.data : "", text.len);
}

static int append_series(struct tape *tape, const struct series_row *row, struct error *e)
{
    if (tape->series_count >= TAPE_SERIES_MAX)
        return error_set(e, TT_LIMIT, "the trace declares more than %zu sensor series", TAPE_SERIES_MAX);
    if (mem_grow(&tape->series, &tape->series_capacity, tape->series_count + 1, sizeof *tape->series))
        return no_memory(e);
    struct tape_series *s = &tape->series[tape->series_count++];
    memset(s, 0, sizeof *s);
    s->row = *row;
    s->last = ABSENT;
    s->row.source = s->row.name = s->row.unit = s->row.origin = s->row.stamp = (struct bytes){NULL, 0};
    s->source = copy_bytes(row->source);
    s->name = copy_bytes(row->name);
    s->unit = copy_bytes(row->unit);
    s->origin = copy_bytes(row->origin);
    s->stamp = copy_bytes(row->stamp);
    if (!s->source || !s->name || !s->unit || !s->origin || !s->stamp)
        return no_memory(e);
    stamped_rail_init(&s->rail, s);
    return TT_OK;
}

/* Declarations that were lost leave nameless series behind, so that later ones keep their places. */
static int add_lost_series(struct tape *tape, uint64_t before, struct error *e)
{
    int status = TT_OK;
    while (!status && tape->gaps && tape->series_count < before) {
        struct series_row row = {.series = tape->series_count,
                                 .kind = ABSENT,
                                 .generation = ABSENT,
                                 .period_ns = ABSENT,
                                 .scope = SCOPE_HOST,
                                 .rail = ABSENT,
                                 .wrap = ABSENT};
        status = append_series(tape, &row, e);
    }
    return status;
}

int tape_series_declare(struct tape *tape, const struct series_row *row, struct error *e)
{
    int status = add_lost_series(tape, row->series, e);
    if (status)
        return status;
    if (row->series != tape->series_count)
        return error_set(e, TT_DAMAGED, "sensor series %llu is declared out of order",
                         (unsigned long long)row->series);
    int is_engine_memory = row->kind == SERIES_RSS && row->scope == SCOPE_ENGINE && row->generation != ABSENT;
    if (is_engine_memory &&
        (tape->last_rss_generation == ABSENT || row->generation > tape->last_rss_generation))
        tape->last_rss_generation = row->generation;
    return append_series(tape, row, e);
}

/* No figure is made of other series, nor of another machine than the engine's. */
static int is_of_use(const struct tape_series *s)
{
    int is_memory = s->row.kind == SERIES_RSS || s->row.kind == SERIES_FOOTPRINT;
    return s->row.scope == SCOPE_ENGINE && (is_memory || s->row.kind == SERIES_THERMAL || tape_is_rail(s));
}

static int digest(struct tape *tape, struct tape_series *s, const struct sample_row *row)
{
    double t = tape_seconds(tape, row->t);
    int status = TT_OK;
    if (tape_is_rail(s))
        status = stamped_rail_add(&s->rail, tape, s, row);
    if (s->row.kind == SERIES_THERMAL)
        status = tape_thermal_add(s, t, row->value);
    if (row->value != ABSENT || s->row.kind != SERIES_THERMAL)
        s->last = row->value;
    s->last_t = row->t;
    return status ? status : tape_memory_add(tape, s);
}

int tape_series_add(struct tape *tape, const struct sample_row *row, struct error *e)
{
    struct tape_series *s = &tape->series[row->series];
    s->count++;
    if (!is_of_use(s))
        return TT_OK;
    if (tape->held >= TAPE_SAMPLES_MAX)
        return error_set(e, TT_LIMIT, "more than %zu sensor samples were taken within one run",
                         TAPE_SAMPLES_MAX);
    tape->held++;
    return digest(tape, s, row) ? no_memory(e) : TT_OK;
}

int tape_series_moment(struct tape *tape, uint64_t t)
{
    if (t == ABSENT)
        return TT_OK;
    tape_series_begin_at(tape, t);
    return moments_add(&tape->moments, tape_seconds(tape, t));
}

/* Returns how many points the next thinning has to look at again. */
static size_t thin_trail(struct tape *tape, struct trail *trail, double horizon)
{
    trail_thin(trail, &tape->moments, horizon);
    tape->held += trail->count;
    return trail->count - trail->settled;
}

static size_t thin_rail(struct tape *tape, struct stamped_rail *rail, double horizon)
{
    const struct energy_rail *read = &rail->by_reading, *stamped = &rail->by_stamp;
    energy_rail_thin(&rail->by_reading, &tape->moments, horizon);
    energy_rail_thin(&rail->by_stamp, &tape->moments, horizon);
    tape->held += read->count > stamped->count ? read->count : stamped->count;
    return read->count - read->settled + stamped->count - stamped->settled;
}

int tape_series_is_full(const struct tape *tape)
{
    return tape->held > tape->thin_at;
}

/* A quarter more than what is looked at again, so that all tries together take time for what passes only;
 * with a last one on the way to the limit. */
static size_t next_thinning(size_t held, size_t unsettled)
{
    size_t room = held < TAPE_SAMPLES_MAX ? TAPE_SAMPLES_MAX - held : 0;
    size_t more = unsettled / 4 + FULL_LEAST;
    return held + (more < room / 2 ? more : room / 2);
}

void tape_series_thin(struct tape *tape, uint64_t t)
{
    if (t == ABSENT || tape->t_base == ABSENT)
        return;
    double horizon = tape_seconds(tape, t) - DISORDER_S;
    size_t unsettled = 0;
    tape->held = 0;
    for (size_t i = 0; i < tape->series_count; i++) {
        unsettled += thin_rail(tape, &tape->series[i].rail, horizon);
        unsettled += thin_trail(tape, &tape->series[i].heat, horizon);
    }
    tape_memory_settle(tape, horizon);
    tape->held += tape->rss_sums.count;
    unsettled += tape->rss_sums.count;
    tape->thin_at = next_thinning(tape->held, unsettled);
}

void tape_series_forget(struct tape *tape)
{
    for (size_t i = 0; i < tape->series_count; i++) {
        stamped_rail_release(&tape->series[i].rail);
        trail_release(&tape->series[i].heat);
    }
    trail_release(&tape->rss_sums);
    moments_release(&tape->moments);
}

static void release_one(struct tape_series *s)
{
    mem_free(s->source);
    mem_free(s->name);
    mem_free(s->unit);
    mem_free(s->origin);
    mem_free(s->stamp);
}

void tape_series_release(struct tape *tape)
{
    tape_series_forget(tape);
    for (size_t i = 0; i < tape->series_count; i++)
        release_one(&tape->series[i]);
    mem_free(tape->series);
}
