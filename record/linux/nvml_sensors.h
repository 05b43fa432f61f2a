/* SPDX-License-Identifier: MIT */
/* What NVML tells of each GPU, at three paces: the energy counter costs about 4 ms of CPU a reading, the list
 * of processes a fifth of that, power and throttle reasons next to nothing. */
#ifndef TOKTAPE_NVML_SENSORS_H
#define TOKTAPE_NVML_SENSORS_H

#include <cjson/cJSON.h>

#include "record/sensor.h"

/* Context of all three. */
struct nvml_context {
    const char *library; /* NULL: where drivers put it */
};

extern const struct sensor_ops sensor_nvml_energy, sensor_nvml_power, sensor_nvml_use;

/* driver and devices[{index, name, uuid}] for the description. TT_OK or TT_NOMEM. */
int nvml_describe(void *context, cJSON *about);

#endif
