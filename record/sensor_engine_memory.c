/* SPDX-License-Identifier: MIT */
#include "record/engine_watch.h"
#include "record/sensors.h"

static int open_engine_memory(void *context, void **state, struct error *e)
{
    (void)e;
    *state = context;
    return TT_OK;
}

static void describe(void *state, struct sensor_layout *layout)
{
    const struct engine_watch *w = state;
    layout->channels = procmem_channels;
    layout->count = PROCMEM_FIELDS;
    layout->generation = w->generation;
    layout->version = w->generation;
}

static int read_engine_memory(void *state, struct sensor_value *values)
{
    struct procmem sum;
    engine_watch_memory(state,
                        &sum); /* an engine that is down has no memory; that is no fault of the source */
    for (int i = 0; i < PROCMEM_FIELDS; i++)
        values[i].value = sum.bytes[i];
    return TT_OK;
}

static void close_engine_memory(void *state)
{
    (void)state;
}

const struct sensor_ops sensor_engine_memory = {
    procmem_source, 0, 50000, open_engine_memory, describe, read_engine_memory, close_engine_memory, NULL};
