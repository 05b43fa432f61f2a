/* SPDX-License-Identifier: MIT */
#include "record/campaign/wattmeter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/clock.h"

#define LOOK_NS UINT64_C(250000000)

struct reading {
    double joules[SENSOR_CHANNELS_MAX]; /* NAN where there is none */
    double wrap[SENSOR_CHANNELS_MAX];   /* where it begins anew, NAN: never */
    double watts;                       /* of all gauges, NAN */
    unsigned rails;
    uint64_t t;
};

static double unit_of(const char *unit)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"pJ", 1e-12}, {"nJ", 1e-9}, {"uJ", 1e-6}, {"mJ", 1e-3}, {"J", 1},
                 {"nW", 1e-9},  {"uW", 1e-6}, {"mW", 1e-3}, {"W", 1}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(units[i].unit, unit) == 0)
            return units[i].factor;
    }
    return NAN;
}

static double joules_of(uint64_t value, const char *unit)
{
    return value == ABSENT ? NAN : (double)value * unit_of(unit);
}

static void take(struct reading *r, size_t i, const struct sensor_channel *channel, uint64_t raw)
{
    double value = joules_of(raw, channel->unit);
    if (isnan(value))
        return;
    if (channel->kind == SERIES_ENERGY)
        r->joules[i] = value;
    else if (channel->kind == SERIES_POWER)
        r->watts = (isnan(r->watts) ? 0 : r->watts) + value;
    else
        return;
    if (channel->rail && channel->rail->rail < 32)
        r->rails |= 1u << channel->rail->rail;
    r->wrap[i] = channel->rail ? joules_of(channel->rail->wrap, channel->unit) : NAN;
}

static int read_sensor(const struct wattmeter_part *part, struct reading *r)
{
    struct sensor_value values[SENSOR_CHANNELS_MAX];
    struct sensor_layout layout;
    *r = (struct reading){.watts = NAN, .t = clock_ticks()};
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++) {
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
        r->joules[i] = r->wrap[i] = NAN;
    }
    if (part->sensor->ops->read(part->state, values) != TT_OK)
        return 0;
    part->sensor->ops->layout(part->state, &layout);
    for (size_t i = 0; i < layout.count && i < SENSOR_CHANNELS_MAX; i++)
        take(r, i, &layout.channels[i], values[i].value);
    return 1;
}

/* Counters that stand still, and those that went back without a known end, are left out. */
static double counted(const struct reading *from, const struct reading *to)
{
    double joules = 0, seconds = (double)clock_ticks_to_ns(to->t - from->t) / 1e9;
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++) {
        double more = to->joules[i] - from->joules[i];
        if (more < 0)
            more += to->wrap[i];
        if (more > 0)
            joules += more;
    }
    return joules > 0 && seconds > 0 ? joules / seconds : NAN;
}

/* ---- which sources ---- */

/* A total would count twice what others measure, and what a battery is charged with is no load at all. */
static int is_wanted(const struct wattmeter *m, unsigned rails)
{
    unsigned machine = 1u << RAIL_MACHINE;
    return m->count ? (rails & ~machine & ~m->rails) != 0 : rails != 0;
}

static int add_sensor(struct wattmeter *m, const struct sensor *sensor)
{
    struct wattmeter_part *part = &m->parts[m->count];
    struct reading reading;
    *part = (struct wattmeter_part){sensor, NULL};
    if (sensor->ops->open(sensor->context, &part->state, NULL) != TT_OK)
        return 0;
    if (read_sensor(part, &reading) && is_wanted(m, reading.rails)) {
        m->rails |= reading.rails;
        m->count++;
        return 1;
    }
    sensor->ops->close(part->state);
    return 0;
}

/* Of a source's sensors the first that tells of power is enough. */
static void add_source(struct wattmeter *m, const struct power_source *source)
{
    size_t used = strlen(m->names);
    for (size_t i = 0; i < source->sensor_count; i++) {
        if (add_sensor(m, &source->sensors[i])) {
            snprintf(m->names + used, sizeof m->names - used, "%s%s", used ? ", " : "", source->name);
            return;
        }
    }
}

void wattmeter_open(struct wattmeter *m, const struct power_source *sources, size_t count)
{
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < count && m->count < POWER_SOURCES_MAX; i++) {
        if (sources[i].is_automatic)
            add_source(m, &sources[i]);
    }
}

void wattmeter_close(struct wattmeter *m)
{
    for (size_t i = 0; i < m->count; i++)
        m->parts[i].sensor->ops->close(m->parts[i].state);
    memset(m, 0, sizeof *m);
}

/* ---- how much ---- */

/* What one source sees over the time: its first and last reading, and the mean of its gauges between. */
struct watch {
    struct reading first, last;
    double sum;
    size_t count;
};

static int look(const struct wattmeter_part *part, struct watch *w)
{
    if (!read_sensor(part, &w->last))
        return 0;
    w->sum += isnan(w->last.watts) ? 0 : w->last.watts;
    w->count += isnan(w->last.watts) ? 0 : 1;
    return 1;
}

static int look_at_all(const struct wattmeter *m, struct watch *watches)
{
    int all = 1;
    for (size_t i = 0; i < m->count; i++)
        all &= look(&m->parts[i], &watches[i]);
    return all;
}

static double sum_of(const struct watch *watches, size_t count)
{
    double watts = 0;
    for (size_t i = 0; i < count; i++) {
        double energy = counted(&watches[i].first, &watches[i].last);
        double gauge = watches[i].count ? watches[i].sum / (double)watches[i].count : NAN;
        watts += isnan(energy) ? gauge : energy;
    }
    return watts;
}

double wattmeter_watts(const struct wattmeter *m, double seconds, const volatile sig_atomic_t *interrupted)
{
    struct watch watches[POWER_SOURCES_MAX];
    uint64_t end = clock_after_s(seconds);
    for (size_t i = 0; i < m->count; i++) {
        watches[i] = (struct watch){.count = 0};
        if (!read_sensor(&m->parts[i], &watches[i].first))
            return NAN;
    }
    do {
        clock_sleep_ns(LOOK_NS);
        if (!look_at_all(m, watches))
            return NAN;
    } while (clock_ticks() < end && !*interrupted);
    return m->count ? sum_of(watches, m->count) : NAN;
}
