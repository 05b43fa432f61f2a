/* SPDX-License-Identifier: MIT */
/* Linux's sources of power: counters first. */
#include "record/power.h"

#include "record/linux/nvml_sensors.h"
#include "record/linux/power_linux.h"

/* Not constant only because a context is handed on as void *. */
static struct sysfs_context sys = {NULL};
static struct nvml_context nvml = {NULL};

static const struct sensor rapl_sensors[] = {{&sensor_rapl, &sys}};
static const struct sensor nvml_sensors[] = {
    {&sensor_nvml_energy, &nvml}, {&sensor_nvml_power, &nvml}, {&sensor_nvml_use, &nvml}};
static const struct sensor hwmon_sensors[] = {{&sensor_hwmon_power, &sys}};
static const struct sensor battery_sensors[] = {{&sensor_battery, &sys}};

static const struct power_source sources[] = {
    {"rapl", "energy of CPU packages, their cores and memory (RAPL)", 1, NULL,
     "sudo chmod a+r /sys/class/powercap/*/energy_uj (until the next boot; docs/power.md has a lasting rule)",
     rapl_sensors, 1, NULL},
    {"nvml", "energy and power of NVIDIA GPUs, and which of them the engine uses", 1,
     "for an NVIDIA GPU install its driver; give a container the GPU (--gpus all)",
     "see what nvidia-smi says; after an update of the driver the machine may want a reboot", nvml_sensors, 3,
     nvml_describe},
    {"hwmon", "energy and power that drivers give: boards, power supplies, AMD and Intel GPUs", 1, NULL,
     "sudo chmod a+r on that file", hwmon_sensors, 1, NULL},
    {"battery", "what the battery gives, while it discharges", 1, NULL, NULL, battery_sensors, 1, NULL},
};

size_t power_sources(const struct power_source **table)
{
    *table = sources;
    return sizeof sources / sizeof sources[0];
}
