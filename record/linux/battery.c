/* SPDX-License-Identifier: MIT */
/* Batteries: power_now, or current_now × voltage_now, in micro-units
 * (Documentation/ABI/testing/sysfs-class-power). What a battery gives is the machine's power only while it
 * discharges, so its status is a series beside it. */
#include <stdio.h>
#include <string.h>

#include "record/linux/power_linux.h"

#define CLASS "class/power_supply"

/* The numbers of SERIES_BATTERY_STATUS. */
static uint64_t status_number(const char *text)
{
    static const char *const names[] = {"Unknown", "Discharging", "Charging", "Full", "Not charging"};
    for (uint64_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0)
            return i;
    }
    return 0;
}

static int text_is(const char *root, const char *name, const char *attribute, const char *wanted)
{
    char path[SYSFS_PATH_MAX], text[SYSFS_TEXT_MAX];
    sysfs_path(path, CLASS "/%s/%s", name, attribute);
    return sysfs_text(root, path, text, NULL) == TT_OK && strcmp(text, wanted) == 0;
}

static void add_power(struct sysfs_rails *r, const char *name)
{
    struct sysfs_file file = {.meaning = NULL};
    struct sensor_channel channel = {SERIES_POWER, SCOPE_ENGINE, 0, name, "uW", NULL};
    struct sensor_rail rail = {RAIL_MACHINE, ABSENT, "", ""};
    sysfs_path(file.path, CLASS "/%s/power_now", name);
    if (!sysfs_exists(r->root, file.path)) {
        sysfs_path(file.path, CLASS "/%s/current_now", name);
        sysfs_path(file.times, CLASS "/%s/voltage_now", name);
        channel.unit = "pW";
    }
    sysfs_rails_add(r, &file, &channel, &rail);
}

static void add_status(struct sysfs_rails *r, const char *name)
{
    struct sysfs_file file = {.meaning = status_number};
    struct sensor_channel channel = {SERIES_BATTERY_STATUS, SCOPE_ENGINE, 0, name, "status", NULL};
    struct sensor_rail rail = {ABSENT, ABSENT, "", ""};
    sysfs_path(file.path, CLASS "/%s/status", name);
    sysfs_rails_add(r, &file, &channel, &rail);
}

static void add_battery(struct sysfs_rails *r, const char *name)
{
    size_t before = r->set.count;
    if (!text_is(r->root, name, "type", "Battery") || text_is(r->root, name, "scope", "Device"))
        return; /* a mains adapter; the battery of a mouse */
    add_power(r, name);
    if (r->set.count > before)
        add_status(r, name);
}

static int open_battery(void *context, void **state, struct error *e)
{
    struct sysfs_rails *r = sysfs_rails_new(context);
    struct sysfs_names supplies;
    if (r) {
        sysfs_list(r->root, CLASS, "", &supplies);
        for (size_t i = 0; i < supplies.count; i++)
            add_battery(r, supplies.names[i]);
    }
    return sysfs_rails_open(r, "battery that tells its power in /sys/class/power_supply", state, e);
}

const struct sensor_ops sensor_battery = {
    "battery",        1000000000u,       300000, open_battery, sysfs_rails_layout,
    sysfs_rails_read, sysfs_rails_close, NULL};
