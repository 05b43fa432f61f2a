/* SPDX-License-Identifier: MIT */
/* RAPL: energy counters of Intel and AMD processors through the kernel's powercap class.
 *
 * Each zone is a folder with `name`, `energy_uj` and `max_energy_range_uj`, after which the counter goes on
 * from 0 (Documentation/power/powercap/powercap.rst). Sub-zones ("intel-rapl:0:1") stand beside their
 * packages in the class folder. */
#include <stdio.h>
#include <string.h>

#include "record/linux/power_linux.h"

#define CLASS "class/powercap"

static const struct {
    const char *prefix;
    uint64_t rail;
} rails[] = {{"package", RAIL_PACKAGE},
             {"core", RAIL_CPU},
             {"uncore", RAIL_GPU},
             {"dram", RAIL_DRAM},
             {"psys", RAIL_MACHINE}};

static uint64_t rail_of(const char *zone, const char *name)
{
    if (strncmp(zone, "intel-rapl-mmio", strlen("intel-rapl-mmio")) == 0)
        return RAIL_OTHER; /* the package once more, by another register */
    for (size_t i = 0; i < sizeof rails / sizeof rails[0]; i++) {
        if (strncmp(name, rails[i].prefix, strlen(rails[i].prefix)) == 0)
            return rails[i].rail;
    }
    return RAIL_OTHER;
}

/* "intel-rapl:0:1" → "intel-rapl:0"; 0 for a zone that stands alone. */
static int parent_of(const char *zone, char parent[SYSFS_NAME_MAX])
{
    const char *first = strchr(zone, ':'), *last = strrchr(zone, ':');
    if (!first || first == last)
        return 0;
    snprintf(parent, SYSFS_NAME_MAX, "%.*s", (int)(last - zone), zone);
    return 1;
}

static void read_name(const char *root, const char *zone, char name[SYSFS_TEXT_MAX])
{
    char path[SYSFS_PATH_MAX];
    sysfs_path(path, CLASS "/%s/name", zone);
    sysfs_text(root, path, name, NULL);
}

static void add_zone(struct sysfs_rails *r, const char *zone)
{
    char name[SYSFS_TEXT_MAX], above[SYSFS_TEXT_MAX] = "", full[2 * SYSFS_TEXT_MAX], parent[SYSFS_NAME_MAX],
                               range[SYSFS_PATH_MAX];
    struct sysfs_file file = {.meaning = NULL};
    struct sensor_channel channel = {
        .kind = SERIES_ENERGY, .scope = SCOPE_ENGINE, .is_counter = 1, .unit = "uJ"};
    struct sensor_rail rail = {.wrap = ABSENT, .stamp = ""};
    read_name(r->root, zone, name);
    if (parent_of(zone, parent))
        read_name(r->root, parent, above);
    snprintf(full, sizeof full, "%s%s%s", above, above[0] ? "/" : "", name[0] ? name : zone);
    sysfs_path(file.path, CLASS "/%s/energy_uj", zone);
    sysfs_path(range, CLASS "/%s/max_energy_range_uj", zone);
    if (sysfs_number(r->root, range, &rail.wrap, NULL))
        rail.wrap = ABSENT;
    channel.name = full;
    rail.rail = rail_of(zone, name);
    sysfs_rails_add(r, &file, &channel, &rail);
}

static int open_rapl(void *context, void **state, struct error *e)
{
    static const char *const prefixes[] = {"intel-rapl:", "intel-rapl-mmio:", "amd-rapl:"};
    struct sysfs_rails *r = sysfs_rails_new(context);
    struct sysfs_names zones;
    for (size_t i = 0; r && i < sizeof prefixes / sizeof prefixes[0]; i++) {
        sysfs_list(r->root, CLASS, prefixes[i], &zones);
        for (size_t k = 0; k < zones.count; k++)
            add_zone(r, zones.names[k]);
    }
    return sysfs_rails_open(r, "RAPL counters in /sys/class/powercap", state, e);
}

const struct sensor_ops sensor_rapl = {
    "rapl", 0, 100000, open_rapl, sysfs_rails_layout, sysfs_rails_read, sysfs_rails_close, NULL};
