/* SPDX-License-Identifier: MIT */
/* Linux's sensors of power. Context: struct sysfs_context, but for NVML. */
#ifndef TOKTAPE_POWER_LINUX_H
#define TOKTAPE_POWER_LINUX_H

#include "record/linux/sysfs_rails.h"

extern const struct sensor_ops sensor_rapl, sensor_hwmon_power, sensor_battery;

#endif
