/* SPDX-License-Identifier: MIT */
/* macOS's sources of power: the chip's counters first. */
#include "record/power.h"

#include "record/darwin/ioreport.h"
#include "record/darwin/powermetrics.h"
#include "record/darwin/smc.h"
#include "record/sensors.h"

/* Not constant only because a context is handed on as void *. */
static struct ioreport_context ioreport = {ioreport_load};
static struct smc_context smc = {smc_load};
static struct powermetrics_context powermetrics = {POWERMETRICS_COMMAND, 1, POWERMETRICS_PATIENCE_S};

static const struct sensor ioreport_sensors[] = {{&sensor_ioreport, &ioreport}};
static const struct sensor smc_sensors[] = {{&sensor_smc, &smc}};
static const struct sensor powermetrics_sensors[] = {{&sensor_powermetrics, &powermetrics}};

static const struct power_source sources[] = {
    {"ioreport", "energy of the chip's CPU, GPU, neural engine, memory and fabric (IOReport)", 1,
     "this takes a Mac with Apple silicon, not a virtual machine", NULL, ioreport_sensors, 1,
     ioreport_describe},
    {"smc", "power of the whole machine (SMC)", 1, "this takes a Mac, not a virtual machine",
     "a sandbox may forbid it: record outside of it", smc_sensors, 1, NULL},
    {"powermetrics", "energy of CPU, GPU and neural engine, to compare with; only by name", 0, NULL,
     "sudo toktape record --power ioreport,smc,powermetrics …", powermetrics_sensors, 1, NULL},
};

size_t power_sources(const struct power_source **table)
{
    *table = sources;
    return sizeof sources / sizeof sources[0];
}

/* The thermal state is among the machine's own quantities (procmem_os.c). */
size_t machine_sensors(const struct sensor **sensors)
{
    *sensors = NULL;
    return 0;
}
