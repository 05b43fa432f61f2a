/* SPDX-License-Identifier: MIT */
/* Energy as powermetrics(1) tells it, to compare the other sources with. It wants root, and is a process of
 * its own that lives as long as the sensor: its output is a pipe, whose closing ends it however the recorder
 * ends. Energies of its intervals are added up to counters, in microjoules. */
#ifndef TOKTAPE_POWERMETRICS_H
#define TOKTAPE_POWERMETRICS_H

#include "record/sensor.h"

/* Context of the sensor; tests have another command. */
struct powermetrics_context {
    const char *command; /* for /bin/sh -c; writes property lists to its standard output */
    int needs_root;
    double patience_s; /* until the first list */
};

/* Every 500 ms, and nothing on standard error, which would come between the lists. */
#define POWERMETRICS_COMMAND                                                                                 \
    "exec /usr/bin/powermetrics --samplers cpu_power,gpu_power,ane_power -i 500 -f plist 2>/dev/null"
#define POWERMETRICS_PATIENCE_S 5.0

extern const struct sensor_ops sensor_powermetrics;

#endif
