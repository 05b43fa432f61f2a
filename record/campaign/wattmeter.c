/* SPDX-License-Identifier: MIT */
#include "record/campaign/wattmeter.h"

#include <math.h>
#include <string.h>

#include "record/clock.h"
#include "record/power.h"

#define LOOK_NS UINT64_C(250000000)

struct reading {
    double joules[SENSOR_CHANNELS_MAX], watts; /* NAN where there is none */
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

static int read_sensor(const struct wattmeter *m, struct reading *r)
{
    struct sensor_value values[SENSOR_CHANNELS_MAX];
    struct sensor_layout layout;
    r->watts = NAN;
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++) {
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
        r->joules[i] = NAN;
    }
    r->t = clock_ticks();
    if (m->sensor->ops->read(m->state, values) != TT_OK)
        return 0;
    m->sensor->ops->layout(m->state, &layout);
    for (size_t i = 0; i < layout.count && i < SENSOR_CHANNELS_MAX; i++) {
        double value =
            values[i].value == ABSENT ? NAN : (double)values[i].value * unit_of(layout.channels[i].unit);
        if (layout.channels[i].kind == SERIES_ENERGY)
            r->joules[i] = value;
        else if (layout.channels[i].kind == SERIES_POWER && !isnan(value))
            r->watts = (isnan(r->watts) ? 0 : r->watts) + value;
    }
    return 1;
}

/* Counters that went back, because they wrapped, are left out. */
static double counted(const struct reading *from, const struct reading *to)
{
    double joules = 0, seconds = (double)clock_ticks_to_ns(to->t - from->t) / 1e9;
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++) {
        if (to->joules[i] > from->joules[i])
            joules += to->joules[i] - from->joules[i];
    }
    return joules > 0 && seconds > 0 ? joules / seconds : NAN;
}

void wattmeter_open(struct wattmeter *m)
{
    const struct power_source *sources;
    size_t count = power_sources(&sources);
    struct reading reading;
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sources[i].sensor_count && sources[i].is_automatic; k++) {
            m->sensor = &sources[i].sensors[k];
            m->name = sources[i].name;
            if (m->sensor->ops->open(m->sensor->context, &m->state, NULL) != TT_OK)
                continue;
            if (read_sensor(m, &reading))
                return;
            m->sensor->ops->close(m->state);
        }
    }
    memset(m, 0, sizeof *m);
}

void wattmeter_close(struct wattmeter *m)
{
    if (m->sensor)
        m->sensor->ops->close(m->state);
    memset(m, 0, sizeof *m);
}

double wattmeter_watts(const struct wattmeter *m, double seconds, const volatile sig_atomic_t *interrupted)
{
    struct reading first, now;
    double sum = 0;
    size_t count = 0;
    if (!m->sensor || !read_sensor(m, &first))
        return NAN;
    uint64_t end = first.t + clock_ns_to_ticks((uint64_t)(seconds * 1e9));
    do {
        clock_sleep_ns(LOOK_NS);
        if (!read_sensor(m, &now))
            return NAN;
        sum += isnan(now.watts) ? 0 : now.watts;
        count += isnan(now.watts) ? 0 : 1;
    } while (now.t < end && !*interrupted);
    double energy = counted(&first, &now);
    return isnan(energy) && count ? sum / (double)count : energy;
}
