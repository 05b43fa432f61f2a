/* SPDX-License-Identifier: MIT */
#include "replay/synth_sensors.h"

#include <math.h>
#include <string.h>

#include "record/sensor.h"

#define READ_NS   20000u /* what reading a sensor takes */
#define FIRST_PID 1000u
#define GIB       1073741824.0

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

/* Series are numbered as they are declared: the rails, then the memory of each generation of the engine. */
static uint64_t memory_series(const struct synth_sensors *s)
{
    return s->plan->rail_count + s->generation;
}

/* How many of the unit make a joule or a watt; 0 for what is neither. */
static double units_in_one(const char *unit, int gauge)
{
    static const struct {
        const char *energy, *power;
        double count;
    } units[] = {{"J", "W", 1}, {"mJ", "mW", 1e3}, {"uJ", "uW", 1e6}, {"nJ", "nW", 1e9}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, gauge ? units[i].power : units[i].energy) == 0)
            return units[i].count;
    }
    return 0;
}

static int declare_rail(struct synth_sensors *s, size_t i, struct error *e)
{
    const struct synth_rail *rail = &s->plan->rails[i];
    struct synth_rail_state *state = &s->rails[i];
    struct series_row row = {.series = i,
                             .kind = rail->gauge ? SERIES_POWER : SERIES_ENERGY,
                             .generation = ABSENT,
                             .period_ns = (uint64_t)(1e9 / s->plan->sample_hz),
                             .is_counter = !rail->gauge,
                             .scope = SCOPE_ENGINE,
                             .source = text(s->plan->power_source),
                             .name = text(rail->name),
                             .unit = text(rail->unit),
                             .cost_ns = READ_NS,
                             .rail = rail->kind,
                             .wrap = ABSENT,
                             .origin = text(rail->name),
                             .stamp = text(SENSOR_STAMP_NATIVE)};
    state->joule_units = units_in_one(rail->unit, rail->gauge);
    state->watts = rail->watts[SYNTH_IDLE];
    state->advanced = state->next = s->now;
    if (state->joule_units == 0)
        return error_set(e, TT_USAGE, "rail '%s' has the unit '%s', which is none of %s", rail->name,
                         rail->unit, rail->gauge ? "W, mW, uW, nW" : "J, mJ, uJ, nJ");
    return row_sink_emit(&s->sink, TABLE_SERIES, &row);
}

static int declare_process(struct synth_sensors *s, const char *engine)
{
    struct process_row process = {.generation = s->generation,
                                  .t = s->now,
                                  .pid = FIRST_PID + s->generation,
                                  .parent_pid = 1,
                                  .start_time = s->now,
                                  .role = text("listener"),
                                  .executable = text(engine),
                                  .arguments = text(engine)};
    struct series_row rss = {.series = memory_series(s),
                             .kind = SERIES_RSS,
                             .generation = s->generation,
                             .period_ns = (uint64_t)(1e9 / s->plan->sample_hz),
                             .scope = SCOPE_ENGINE,
                             .source = text("synthetic"),
                             .name = text("rss"),
                             .unit = text("byte"),
                             .cost_ns = READ_NS,
                             .rail = ABSENT,
                             .wrap = ABSENT};
    int status = row_sink_emit(&s->sink, TABLE_PROCESS, &process);
    return status || isnan(s->plan->rss_gib) ? status : row_sink_emit(&s->sink, TABLE_SERIES, &rss);
}

int synth_sensors_start(struct synth_sensors *s, const struct synth_plan *plan, const struct row_sink *sink,
                        const char *engine, uint64_t now, struct error *e)
{
    int status = TT_OK;
    memset(s, 0, sizeof *s);
    s->plan = plan;
    s->sink = *sink;
    s->now = s->next_sample = now;
    for (size_t i = 0; i < plan->rail_count && !status; i++)
        status = declare_rail(s, i, e);
    return status ? status : declare_process(s, engine);
}

int synth_sensors_restart(struct synth_sensors *s, const char *engine)
{
    s->generation++;
    s->tokens = 0;
    return declare_process(s, engine);
}

static int sample(struct synth_sensors *s, uint64_t series, uint64_t t, uint64_t source_t, uint64_t value)
{
    struct sample_row row = {series, t, READ_NS, source_t, value};
    return row_sink_emit(&s->sink, TABLE_SAMPLE, &row);
}

static uint64_t rail_value(const struct synth_rail *rail, const struct synth_rail_state *state)
{
    return (uint64_t)((rail->gauge ? state->watts : state->joules) * state->joule_units);
}

/* The recorder looks on its own grid: it sees a publication at the next of its looks. */
static uint64_t seen_at(const struct synth_sensors *s, uint64_t published)
{
    uint64_t step = (uint64_t)(1e9 / s->plan->sample_hz);
    return (published + step - 1) / step * step;
}

static int publish(struct synth_sensors *s, size_t i)
{
    const struct synth_rail *rail = &s->plan->rails[i];
    struct synth_rail_state *state = &s->rails[i];
    uint64_t value = rail_value(rail, state);
    if (state->has_published && (rail->frozen || (!rail->gauge && value == state->last_value)))
        return TT_OK;
    state->has_published = 1;
    state->last_value = value;
    return sample(s, i, seen_at(s, state->next), state->next, value);
}

static int advance_rail(struct synth_sensors *s, size_t i, uint64_t now)
{
    struct synth_rail_state *state = &s->rails[i];
    int status = TT_OK;
    while (state->next <= now && !status) {
        state->joules += state->watts * (double)(state->next - state->advanced) * 1e-9;
        state->advanced = state->next;
        status = publish(s, i);
        state->next += (uint64_t)(s->plan->rails[i].period_ms * 1e6);
    }
    state->joules += state->watts * (double)(now - state->advanced) * 1e-9;
    state->advanced = now;
    return status;
}

static int advance_memory(struct synth_sensors *s, uint64_t now)
{
    uint64_t step = (uint64_t)(1e9 / s->plan->sample_hz);
    double bytes = s->plan->rss_gib * GIB + s->plan->kv_bytes_per_token * (double)s->tokens;
    int status = TT_OK;
    for (; s->next_sample <= now && !status && !isnan(bytes); s->next_sample += step)
        status = sample(s, memory_series(s), s->next_sample, ABSENT, (uint64_t)bytes);
    return status;
}

int synth_sensors_advance(struct synth_sensors *s, uint64_t now, enum synth_activity activity)
{
    int status = advance_memory(s, now);
    for (size_t i = 0; i < s->plan->rail_count && !status; i++) {
        status = advance_rail(s, i, now);
        s->rails[i].watts = s->plan->rails[i].watts[activity];
    }
    s->now = now;
    s->activity = activity;
    return status;
}

int synth_sensors_finish(struct synth_sensors *s)
{
    int status = TT_OK;
    for (size_t i = 0; i < s->plan->rail_count && !status; i++) {
        struct synth_rail_state *state = &s->rails[i];
        if (!s->plan->rails[i].gauge && state->has_published)
            status = sample(s, i, s->now, ABSENT, state->last_value);
    }
    return status;
}
