/* SPDX-License-Identifier: MIT */
/* What every source of measurements offers to the sampler: a small table of functions, one per file, so that
 * tests can stand in. All are called from the sampler's thread only. */
#ifndef TOKTAPE_SENSOR_H
#define TOKTAPE_SENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/schema.h"

#define SENSOR_CHANNELS_MAX 64

/* What a channel may have beside the rest; those of power or energy have it all. */
struct sensor_rail {
    uint64_t rail;      /* enum series_rail; ABSENT for other quantities */
    uint64_t wrap;      /* a counter goes on from 0 after this value, in its unit; ABSENT: it never wraps */
    const char *origin; /* where exactly the number comes from: a file, a device's id, a library's channel */
    const char *stamp;  /* clock and unit of source_t, one of the SENSOR_STAMP_ texts; "" when it has none */
};

#define SENSOR_STAMP_NATIVE      "native"      /* ticks of the recorder's own clock */
#define SENSOR_STAMP_REALTIME_NS "realtime-ns" /* since 1970 */
#define SENSOR_STAMP_REALTIME_US "realtime-us"

/* One quantity. A channel that never has a value never becomes a series. */
struct sensor_channel {
    uint64_t kind; /* enum series_kind */
    uint64_t
        scope; /* SCOPE_ENGINE: the engine's, if it runs on this machine; SCOPE_HOST: always the machine's */
    uint64_t is_counter;            /* 1: cumulative; stored when it changed */
    const char *name;               /* the source's own name for it */
    const char *unit;               /* "byte", "uJ", "mW" … as the source states it */
    const struct sensor_rail *rail; /* NULL: nothing. Lives as long as the channel */
};

struct sensor_value {
    uint64_t value;       /* ABSENT: nothing measured this time */
    uint64_t source_t;    /* the source's own stamp in its own unit, ABSENT when it has none */
    uint64_t t, duration; /* ticks: when this one value was read, where a source reads several one after
                             another; t 0: with all the others */
};

/* The channels at this moment. */
struct sensor_layout {
    const struct sensor_channel *channels; /* constant, or the source's own until its next read or close */
    size_t count;                          /* at most SENSOR_CHANNELS_MAX */
    uint64_t generation; /* of the processes measured; ABSENT for the machine's own quantities */
    uint64_t
        version; /* another number: these are other quantities than before, and get series of their own */
};

struct sensor_ops {
    const char *source;     /* "linux-procfs", "nvml" … */
    uint64_t period_ns;     /* no oftener than this; 0: as often as the sampler's rate allows */
    uint64_t first_cost_ns; /* what a read is taken to cost until some were measured */

    /* TT_OK and a state for the other calls, or TT_NOTFOUND when this machine has nothing of the kind, or
     * another error. `context` is the one the sampler was given with these functions. */
    int (*open)(void *context, void **state, struct error *e);

    /* What the values of the last read mean. Called after every read that succeeded. */
    void (*layout)(void *state, struct sensor_layout *layout);

    /* Fills values[0 … SENSOR_CHANNELS_MAX - 1] as far as there are channels. Any error means that the source
     * is away; it is read again, at growing intervals, until the end. */
    int (*read)(void *state, struct sensor_value *values);
    void (*close)(void *state);

    /* Optional: which processes are the engine's now, told before each read. None when it is elsewhere. */
    void (*engine)(void *state, const uint64_t *pids, size_t count);
};

/* A source and what it is to measure. */
struct sensor {
    const struct sensor_ops *ops;
    void *context;
};

#endif
