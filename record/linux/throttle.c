/* SPDX-License-Identifier: MIT */
/* How often the processors were slowed down because of heat, as the kernel counts it: events of all cores,
 * and of each package once (every CPU of a package shows the same count). x86 only; other kernels have no
 * such files. */
#include <string.h>

#include "formats/alloc.h"
#include "record/linux/power_linux.h"
#include "record/procmem.h"
#include "record/sensors.h"

#define FOLDER "devices/system/cpu"

enum { CORES, PACKAGES, CHANNELS };

static const struct sensor_channel channels[CHANNELS] = {
    [CORES] = {SERIES_THERMAL, SCOPE_ENGINE, 1, "core_throttle_count", "event", NULL},
    [PACKAGES] = {SERIES_THERMAL, SCOPE_ENGINE, 1, "package_throttle_count", "event", NULL},
};

struct throttle {
    const char *root;
    struct sysfs_names cpus;
    unsigned char is_first[SYSFS_NAMES_MAX]; /* of its package */
};

static int read_count(const struct throttle *t, size_t cpu, const char *name, uint64_t *value)
{
    char path[SYSFS_PATH_MAX];
    sysfs_path(path, FOLDER "/%s/%s", t->cpus.names[cpu], name);
    return sysfs_number(t->root, path, value, NULL);
}

static void find_packages(struct throttle *t)
{
    uint64_t seen[SYSFS_NAMES_MAX], package;
    size_t count = 0, at;
    for (size_t i = 0; i < t->cpus.count; i++) {
        if (read_count(t, i, "topology/physical_package_id", &package))
            package = 0;
        for (at = 0; at < count && seen[at] != package; at++)
            ;
        t->is_first[i] = at == count;
        if (at == count)
            seen[count++] = package;
    }
}

static void add_count(struct sensor_value *sum, uint64_t count)
{
    sum->value = sum->value == ABSENT ? count : sum->value + count;
}

static int read_throttle(void *state, struct sensor_value *values)
{
    const struct throttle *t = state;
    uint64_t count;
    for (size_t i = 0; i < t->cpus.count; i++) {
        if (read_count(t, i, "thermal_throttle/core_throttle_count", &count) == TT_OK)
            add_count(&values[CORES], count);
        if (t->is_first[i] && read_count(t, i, "thermal_throttle/package_throttle_count", &count) == TT_OK)
            add_count(&values[PACKAGES], count);
    }
    return values[CORES].value == ABSENT && values[PACKAGES].value == ABSENT ? TT_NOTFOUND : TT_OK;
}

static int open_throttle(void *context, void **state, struct error *e)
{
    const struct sysfs_context *c = context;
    struct sensor_value values[CHANNELS] = {{.value = ABSENT}, {.value = ABSENT}};
    struct throttle *t = mem_zalloc(1, sizeof *t);
    if (!t)
        return error_set(e, TT_NOMEM, "out of memory");
    t->root = sysfs_root(c);
    sysfs_list(t->root, FOLDER, "cpu", &t->cpus);
    find_packages(t);
    *state = t;
    int status = read_throttle(t, values);
    if (status)
        mem_free(t);
    return status;
}

static void describe(void *state, struct sensor_layout *layout)
{
    (void)state;
    *layout = (struct sensor_layout){channels, CHANNELS, ABSENT, 0};
}

static void close_throttle(void *state)
{
    mem_free(state);
}

const struct sensor_ops sensor_throttle = {"linux-sysfs", 1000000000u,   500000,         open_throttle,
                                           describe,      read_throttle, close_throttle, NULL};

static struct sysfs_context sys = {NULL};

static uint64_t throttle_events(void)
{
    struct sensor_value values[CHANNELS] = {{.value = ABSENT}, {.value = ABSENT}};
    void *state;
    if (open_throttle(&sys, &state, NULL))
        return ABSENT;
    read_throttle(state, values);
    close_throttle(state);
    uint64_t cores = values[CORES].value, packages = values[PACKAGES].value;
    return cores == ABSENT || (packages != ABSENT && packages > cores) ? packages : cores;
}

void sysmem_look(uint64_t values[SYSMEM_FIELDS])
{
    sysmem_read(values);
    values[SYSMEM_THERMAL] = throttle_events();
}

size_t machine_sensors(const struct sensor **sensors)
{
    static const struct sensor own[] = {{&sensor_throttle, &sys}};
    *sensors = own;
    return 1;
}
