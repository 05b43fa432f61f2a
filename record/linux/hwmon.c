/* SPDX-License-Identifier: MIT */
/* Energy and power that drivers give through hwmon: energyN_input in microjoules, powerN_input or
 * powerN_average in microwatts, each with an optional label (Documentation/hwmon/sysfs-interface.rst).
 * INA3221 chips give millivolts and milliamperes instead, whose product is microwatts. */
#include <stdio.h>
#include <string.h>

#include "record/linux/power_linux.h"

#define CLASS       "class/hwmon"
#define CHANNEL_MAX 16 /* highest N that is looked for */

/* What the channel of a chip is the power of: the first line whose chip and label's beginning fit. */
static const struct {
    const char *chip, *label;
    uint64_t rail;
} rails[] = {
    {"amd_energy", "Esocket", RAIL_PACKAGE},
    {"fam15h_power", "", RAIL_PACKAGE},
    {"zenpower", "SVI2_P_Core", RAIL_CPU},
    {"power_meter", "", RAIL_MACHINE}, /* ACPI: the machine's own meter */
    {"corsairpsu", "power total", RAIL_MACHINE},
    {"macsmc_hwmon", "Total System Power", RAIL_MACHINE},
    {"ina3221", "VDD_IN", RAIL_MACHINE},
    {"i915", "", RAIL_BOARD}, /* both only on boards with a supply of their own */
    {"xe", "card", RAIL_BOARD},
};

static int begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* amdgpu: a processor's graphics show the northbridge's voltage and the power of the whole package, a card
 * shows neither. */
static uint64_t rail_of_amdgpu(const char *root, const char *folder)
{
    char path[SYSFS_PATH_MAX], label[SYSFS_TEXT_MAX];
    sysfs_path(path, CLASS "/%s/in1_label", folder);
    int is_integrated = !sysfs_text(root, path, label, NULL) && strcmp(label, "vddnb") == 0;
    return is_integrated ? RAIL_PACKAGE : RAIL_BOARD;
}

static uint64_t rail_of(const char *root, const char *folder, const char *chip, const char *label)
{
    if (strcmp(chip, "amdgpu") == 0)
        return rail_of_amdgpu(root, folder);
    for (size_t i = 0; i < sizeof rails / sizeof rails[0]; i++) {
        if (strcmp(chip, rails[i].chip) == 0 && begins_with(label, rails[i].label))
            return rails[i].rail;
    }
    return RAIL_OTHER;
}

struct chip {
    struct sysfs_rails *rails;
    const char *folder; /* "hwmon3" */
    char name[SYSFS_TEXT_MAX];
};

static void add(const struct chip *chip, const struct sysfs_file *file, const char *labelled, int n,
                const struct sensor_channel *channel)
{
    char path[SYSFS_PATH_MAX], label[SYSFS_TEXT_MAX], full[2 * SYSFS_TEXT_MAX];
    struct sensor_rail rail = {.wrap = ABSENT, .stamp = ""};
    struct sensor_channel named = *channel;
    sysfs_path(path, CLASS "/%s/%s%d_label", chip->folder, labelled, n);
    int has_label = sysfs_text(chip->rails->root, path, label, NULL) == TT_OK && label[0];
    if (has_label && strcmp(chip->name, "amd_energy") == 0 && begins_with(label, "Ecore"))
        return; /* one of up to hundreds of cores, all of them in their socket's counter */
    snprintf(full, sizeof full, "%s/%s", chip->name, has_label ? label : strrchr(file->path, '/') + 1);
    named.name = full;
    rail.rail = rail_of(chip->rails->root, chip->folder, chip->name, label);
    sysfs_rails_add(chip->rails, file, &named, &rail);
}

static const struct sensor_channel energy_channel = {SERIES_ENERGY, SCOPE_ENGINE, 1, NULL, "uJ", NULL};
static const struct sensor_channel power_channel = {SERIES_POWER, SCOPE_ENGINE, 0, NULL, "uW", NULL};

static void add_energy(const struct chip *chip, int n)
{
    struct sysfs_file file = {.meaning = NULL};
    sysfs_path(file.path, CLASS "/%s/energy%d_input", chip->folder, n);
    if (sysfs_exists(chip->rails->root, file.path))
        add(chip, &file, "energy", n, &energy_channel);
}

/* The momentary value where there is one, else the driver's mean. */
static void add_power(const struct chip *chip, int n)
{
    static const char *const kinds[] = {"input", "average"};
    struct sysfs_file file = {.meaning = NULL};
    for (int i = 0; i < 2; i++) {
        sysfs_path(file.path, CLASS "/%s/power%d_%s", chip->folder, n, kinds[i]);
        if (sysfs_exists(chip->rails->root, file.path)) {
            add(chip, &file, "power", n, &power_channel);
            return;
        }
    }
}

static void add_product(const struct chip *chip, int n)
{
    struct sysfs_file file = {.meaning = NULL};
    sysfs_path(file.path, CLASS "/%s/in%d_input", chip->folder, n);
    sysfs_path(file.times, CLASS "/%s/curr%d_input", chip->folder, n);
    if (sysfs_exists(chip->rails->root, file.path) && sysfs_exists(chip->rails->root, file.times))
        add(chip, &file, "in", n, &power_channel);
}

static void add_chip(struct sysfs_rails *r, const char *folder)
{
    char path[SYSFS_PATH_MAX];
    struct chip chip = {.rails = r, .folder = folder};
    sysfs_path(path, CLASS "/%s/name", folder);
    if (sysfs_text(r->root, path, chip.name, NULL))
        return;
    int is_ina3221 = strcmp(chip.name, "ina3221") == 0;
    for (int n = 1; n <= CHANNEL_MAX; n++) {
        add_energy(&chip, n);
        add_power(&chip, n);
        if (is_ina3221)
            add_product(&chip, n);
    }
}

static int open_hwmon(void *context, void **state, struct error *e)
{
    struct sysfs_rails *r = sysfs_rails_new(context);
    struct sysfs_names chips;
    if (r) {
        sysfs_list(r->root, CLASS, "hwmon", &chips);
        for (size_t i = 0; i < chips.count; i++)
            add_chip(r, chips.names[i]);
    }
    return sysfs_rails_open(r, "energy or power in /sys/class/hwmon", state, e);
}

const struct sensor_ops sensor_hwmon_power = {
    "hwmon", 0, 200000, open_hwmon, sysfs_rails_layout, sysfs_rails_read, sysfs_rails_close, NULL};
