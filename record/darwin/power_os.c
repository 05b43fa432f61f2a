/* SPDX-License-Identifier: MIT */
/* macOS's sources of power. */
#include "record/power.h"

#include "record/sensors.h"

size_t power_sources(const struct power_source **sources)
{
    *sources = NULL;
    return 0;
}

/* The thermal state is among the machine's own quantities (procmem_os.c). */
size_t machine_sensors(const struct sensor **sensors)
{
    *sensors = NULL;
    return 0;
}
