/* SPDX-License-Identifier: MIT */
/* The sources that come with the recorder. */
#ifndef TOKTAPE_SENSORS_H
#define TOKTAPE_SENSORS_H

#include "record/sensor.h"

/* Memory of the engine's processes, all together. Context: struct engine_watch. */
extern const struct sensor_ops sensor_engine_memory;

/* The machine's wired memory, swap, memory pressure and thermal state. No context. */
extern const struct sensor_ops sensor_system_memory;

/* CPU time of this very process: what measuring costs. No context. */
extern const struct sensor_ops sensor_recorder_cpu;

/* What else this system tells (thermal counters …), whatever --power says. Per OS. Returns how many. */
size_t machine_sensors(const struct sensor **sensors);

#endif
