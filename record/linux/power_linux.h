/* SPDX-License-Identifier: MIT */
/* Linux's sensors that read files below /sys. Context: struct sysfs_context. */
#ifndef TOKTAPE_POWER_LINUX_H
#define TOKTAPE_POWER_LINUX_H

#include "record/linux/sysfs_rails.h"

extern const struct sensor_ops sensor_rapl, sensor_hwmon_power, sensor_battery;

/* Not power, and read all the same: counts of thermal throttling. */
extern const struct sensor_ops sensor_throttle;

#endif
