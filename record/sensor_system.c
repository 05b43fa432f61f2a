/* SPDX-License-Identifier: MIT */
/* The machine's memory and thermal state, and the recorder's own CPU time: slow quantities, once a second. */
#include <time.h>

#include "record/procmem.h"
#include "record/sensors.h"

#define ONCE_A_SECOND 1000000000u

static int open_nothing(void *context, void **state, struct error *e)
{
    (void)e;
    *state = context;
    return TT_OK;
}

static void close_nothing(void *state)
{
    (void)state;
}

static void describe_system(void *state, struct sensor_layout *layout)
{
    (void)state;
    *layout = (struct sensor_layout){sysmem_channels, SYSMEM_FIELDS, ABSENT, 0};
}

static int read_system(void *state, struct sensor_value *values)
{
    uint64_t read[SYSMEM_FIELDS];
    (void)state;
    sysmem_read(read);
    for (int i = 0; i < SYSMEM_FIELDS; i++)
        values[i].value = read[i];
    return TT_OK;
}

static void describe_recorder(void *state, struct sensor_layout *layout)
{
    static const struct sensor_channel channel = {SERIES_RECORDER_CPU, SCOPE_HOST, 1,
                                                  "process CPU time",  "ns",       NULL};
    (void)state;
    *layout = (struct sensor_layout){&channel, 1, ABSENT, 0};
}

static int read_recorder(void *state, struct sensor_value *values)
{
    struct timespec t;
    (void)state;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
        return TT_NOTFOUND;
    values[0].value = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    return TT_OK;
}

const struct sensor_ops sensor_system_memory = {sysmem_source,   ONCE_A_SECOND, 200000,        open_nothing,
                                                describe_system, read_system,   close_nothing, NULL};

const struct sensor_ops sensor_recorder_cpu = {"recorder",        ONCE_A_SECOND, 2000,          open_nothing,
                                               describe_recorder, read_recorder, close_nothing, NULL};
