/* SPDX-License-Identifier: MIT */
/* Power as a Mac's system management controller measures it, without root: all of the machine, and what comes
 * in. It is independent of the chip's own counters, and never added to them. */
#ifndef TOKTAPE_SMC_H
#define TOKTAPE_SMC_H

#include "record/darwin/frameworks.h"
#include "record/sensor.h"

/* IOKitLib.h; a kern_return_t of 0 is success. */
struct smc_api {
    uint32_t task;                                       /* mach_task_self() */
    cf_ref (*IOServiceMatching)(const char *class_name); /* used up by IOServiceGetMatchingServices */
    int (*IOServiceGetMatchingServices)(uint32_t port, cf_ref matching, uint32_t *iterator);
    uint32_t (*IOIteratorNext)(uint32_t iterator); /* to be released; 0 at the end */
    int (*IOObjectRelease)(uint32_t object);
    int (*IOServiceOpen)(uint32_t service, uint32_t task, uint32_t type, uint32_t *connection);
    int (*IOServiceClose)(uint32_t connection);
    int (*IOConnectCallStructMethod)(uint32_t connection, uint32_t selector, const void *in, size_t in_size,
                                     void *out, size_t *out_size);
};

/* Context of the sensor. `load` gives the table, or NULL and why not; it stays valid. */
struct smc_context {
    const struct smc_api *(*load)(struct error *e);
};

extern const struct sensor_ops sensor_smc;

/* The system's own. */
const struct smc_api *smc_load(struct error *e);

#endif
