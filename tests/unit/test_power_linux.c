/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/linux/nvml_sensors.h"
#include "record/linux/power_linux.h"
#include "record/power.h"
#include "tree.h"

/* A sensor that is open, and what its last read said. */
struct opened {
    const struct sensor_ops *ops;
    void *state;
    struct sensor_layout layout;
    struct sensor_value values[SENSOR_CHANNELS_MAX];
};

static int read_all(struct opened *o)
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        o->values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    int status = o->ops->read(o->state, o->values);
    o->ops->layout(o->state, &o->layout);
    return status;
}

static void open_it(struct opened *o, const struct sensor_ops *ops, void *context)
{
    struct error e = {0};
    o->ops = ops;
    assert_int_equal(ops->open(context, &o->state, &e), TT_OK);
    assert_int_equal(read_all(o), TT_OK);
}

static void close_it(struct opened *o)
{
    o->ops->close(o->state);
}

static size_t index_of(const struct opened *o, const char *name)
{
    for (size_t i = 0; i < o->layout.count; i++) {
        if (strcmp(o->layout.channels[i].name, name) == 0)
            return i;
    }
    fail_msg("no channel '%s'", name);
    return 0;
}

static void assert_rail(const struct opened *o, const char *name, uint64_t rail, const char *unit,
                        uint64_t value)
{
    const struct sensor_channel *c = &o->layout.channels[index_of(o, name)];
    assert_int_equal(c->rail->rail, rail);
    assert_string_equal(c->unit, unit);
    assert_int_equal(o->values[index_of(o, name)].value, value);
}

static void add_zone(const struct tree *t, const char *zone, const char *name, const char *energy)
{
    char path[128];
    snprintf(path, sizeof path, "class/powercap/%s/name", zone);
    tree_file(t, path, name);
    snprintf(path, sizeof path, "class/powercap/%s/energy_uj", zone);
    tree_file(t, path, energy);
    snprintf(path, sizeof path, "class/powercap/%s/max_energy_range_uj", zone);
    tree_file(t, path, "262143328850\n");
}

/* Two packages with their sub-zones, the platform, and the first package once more by its other register. */
static void test_rapl_of_two_packages(void **state)
{
    (void)state;
    struct tree t;
    struct opened o;
    tree_make(&t);
    struct sysfs_context context = {t.root};
    add_zone(&t, "intel-rapl:0", "package-0\n", "1000\n");
    add_zone(&t, "intel-rapl:0:0", "core\n", "600\n");
    add_zone(&t, "intel-rapl:0:1", "dram\n", "200\n");
    add_zone(&t, "intel-rapl:1", "package-1\n", "262143328849\n");
    add_zone(&t, "intel-rapl:2", "psys\n", "5000\n");
    add_zone(&t, "intel-rapl-mmio:0", "package-0\n", "1001\n");
    tree_file(&t, "class/powercap/intel-rapl/enabled", "1\n");
    open_it(&o, &sensor_rapl, &context);
    assert_int_equal(o.layout.count, 6);
    assert_rail(&o, "package-0", RAIL_PACKAGE, "uJ", 1000);
    assert_rail(&o, "package-0/core", RAIL_CPU, "uJ", 600);
    assert_rail(&o, "package-0/dram", RAIL_DRAM, "uJ", 200);
    assert_rail(&o, "package-1", RAIL_PACKAGE, "uJ", 262143328849);
    assert_rail(&o, "psys", RAIL_MACHINE, "uJ", 5000);
    assert_int_equal(o.layout.channels[5].rail->rail, RAIL_OTHER);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(o.layout.channels[i].is_counter, 1);
        assert_true(o.layout.channels[i].rail->wrap == 262143328850);
    }
    assert_string_equal(o.layout.channels[0].rail->origin, "/sys/class/powercap/intel-rapl:0/energy_uj");

    add_zone(&t, "intel-rapl:1", "package-1\n", "17\n"); /* it went on from 0: raw is raw */
    assert_int_equal(read_all(&o), TT_OK);
    assert_rail(&o, "package-1", RAIL_PACKAGE, "uJ", 17);

    tree_remove(&t); /* the driver was unloaded … */
    assert_int_equal(read_all(&o), TT_NOTFOUND);
    close_it(&o);
}

static void test_one_rail_goes_and_comes_back(void **state)
{
    (void)state;
    struct tree t;
    struct opened o;
    tree_make(&t);
    struct sysfs_context context = {t.root};
    add_zone(&t, "intel-rapl:0", "package-0\n", "1000\n");
    add_zone(&t, "intel-rapl:1", "package-1\n", "2000\n");
    open_it(&o, &sensor_rapl, &context);
    add_zone(&t, "intel-rapl:1", "package-1\n", "not a number\n");
    assert_int_equal(read_all(&o), TT_OK);
    assert_rail(&o, "package-0", RAIL_PACKAGE, "uJ", 1000);
    assert_true(o.values[index_of(&o, "package-1")].value == ABSENT);
    add_zone(&t, "intel-rapl:1", "package-1\n", "2100\n");
    assert_int_equal(read_all(&o), TT_OK);
    assert_rail(&o, "package-1", RAIL_PACKAGE, "uJ", 2100);
    close_it(&o);
    tree_remove(&t);
}

static const struct power_source *source_named(const struct power_source *sources, size_t count,
                                               const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    }
    fail_msg("no source '%s'", name);
    return NULL;
}

/* A folder in the place of the counter is as unreadable for root as a file of mode 0400 for a person. */
static void test_a_counter_that_may_not_be_read(void **state)
{
    (void)state;
    struct tree t;
    struct power_check check;
    struct power_choice choice;
    struct error e = {0};
    const struct power_source *all;
    size_t count = power_sources(&all);
    tree_make(&t);
    struct sysfs_context context = {t.root};
    const struct sensor sensor = {&sensor_rapl, &context};
    struct power_source source = *source_named(all, count, "rapl");
    source.sensors = &sensor;
    tree_file(&t, "class/powercap/intel-rapl:0/name", "package-0\n");
    tree_file(&t, "class/powercap/intel-rapl:0/energy_uj/nothing", "");
    power_check(&source, &check);
    if (geteuid() != 0) {
        char path[128];
        add_zone(&t, "intel-rapl:1", "package-1\n", "1\n");
        snprintf(path, sizeof path, "%s/class/powercap/intel-rapl:1/energy_uj", t.root);
        chmod(path, 0);
        power_check(&source, &check);
    }
    assert_int_equal(check.state, POWER_DENIED);
    assert_non_null(strstr(check.why.text, "energy_uj"));
    assert_non_null(strstr(check.way_out, "sudo chmod a+r /sys/class/powercap/*/energy_uj"));

    assert_int_equal(power_choose("auto", &source, 1, &choice, &e), TT_OK);
    assert_int_equal(choice.count, 0);
    assert_int_equal(choice.missed_count, 1);
    assert_int_equal(power_choose("rapl", &source, 1, &choice, &e), TT_IO);
    assert_non_null(strstr(e.text, "sudo chmod a+r"));
    assert_int_equal(power_choose("none", &source, 1, &choice, &e), TT_OK);
    assert_int_equal(choice.count + choice.missed_count, 0);
    assert_int_equal(power_choose("rapl,bogus", &source, 1, &choice, &e), TT_IO);
    assert_int_equal(power_choose("", &source, 1, &choice, &e), TT_USAGE);
    assert_int_equal(power_choose("bogus", &source, 1, &choice, &e), TT_USAGE);
    assert_string_equal(e.text,
                        "there is no source of power 'bogus' on this system; --power takes auto, none, rapl");
    tree_remove(&t);
    power_check(&source, &check);
    assert_int_equal(check.state, POWER_ABSENT);
    assert_int_equal(power_choose("auto", &source, 1, &choice, &e), TT_OK);
    assert_int_equal(choice.missed_count, 0);
}

static void test_hwmon(void **state)
{
    (void)state;
    struct tree t;
    struct opened o;
    tree_make(&t);
    struct sysfs_context context = {t.root};
    tree_file(&t, "class/hwmon/hwmon0/name", "nvme\n");
    tree_file(&t, "class/hwmon/hwmon0/temp1_input", "40000\n");
    tree_file(&t, "class/hwmon/hwmon1/name", "amd_energy\n");
    tree_file(&t, "class/hwmon/hwmon1/energy1_input", "5\n");
    tree_file(&t, "class/hwmon/hwmon1/energy1_label", "Ecore000\n");
    tree_file(&t, "class/hwmon/hwmon1/energy2_input", "123456789\n");
    tree_file(&t, "class/hwmon/hwmon1/energy2_label", "Esocket0\n");
    tree_file(&t, "class/hwmon/hwmon2/name", "zenpower\n");
    tree_file(&t, "class/hwmon/hwmon2/power1_input", "31000000\n");
    tree_file(&t, "class/hwmon/hwmon2/power1_label", "SVI2_P_Core\n");
    tree_file(&t, "class/hwmon/hwmon2/power2_input", "9000000\n");
    tree_file(&t, "class/hwmon/hwmon2/power2_label", "SVI2_P_SoC\n");
    tree_file(&t, "class/hwmon/hwmon3/name", "amdgpu\n");
    tree_file(&t, "class/hwmon/hwmon3/power1_average", "88000000\n");
    tree_file(&t, "class/hwmon/hwmon3/power1_label", "PPT\n");
    tree_file(&t, "class/hwmon/hwmon10/name", "ina3221\n");
    tree_file(&t, "class/hwmon/hwmon10/in1_label", "VDD_IN\n");
    tree_file(&t, "class/hwmon/hwmon10/in1_input", "5000\n");
    tree_file(&t, "class/hwmon/hwmon10/curr1_input", "1500\n");
    open_it(&o, &sensor_hwmon_power, &context);
    assert_int_equal(o.layout.count, 5);
    assert_rail(&o, "amd_energy/Esocket0", RAIL_PACKAGE, "uJ", 123456789);
    assert_rail(&o, "zenpower/SVI2_P_Core", RAIL_CPU, "uW", 31000000);
    assert_rail(&o, "zenpower/SVI2_P_SoC", RAIL_OTHER, "uW", 9000000);
    assert_rail(&o, "amdgpu/PPT", RAIL_BOARD, "uW", 88000000);
    assert_rail(&o, "ina3221/VDD_IN", RAIL_MACHINE, "uW", 7500000);
    close_it(&o);
    tree_remove(&t);
}

static void test_the_battery_of_a_laptop(void **state)
{
    (void)state;
    struct tree t;
    struct opened o;
    tree_make(&t);
    struct sysfs_context context = {t.root};
    tree_file(&t, "class/power_supply/AC/type", "Mains\n");
    tree_file(&t, "class/power_supply/hidpp_battery_0/type", "Battery\n");
    tree_file(&t, "class/power_supply/hidpp_battery_0/scope", "Device\n");
    tree_file(&t, "class/power_supply/hidpp_battery_0/power_now", "1\n");
    tree_file(&t, "class/power_supply/BAT0/type", "Battery\n");
    tree_file(&t, "class/power_supply/BAT0/status", "Discharging\n");
    tree_file(&t, "class/power_supply/BAT0/current_now", "-1500000\n");
    tree_file(&t, "class/power_supply/BAT0/voltage_now", "12000000\n");
    tree_file(&t, "class/power_supply/BAT1/type", "Battery\n");
    tree_file(&t, "class/power_supply/BAT1/status", "Not charging\n");
    tree_file(&t, "class/power_supply/BAT1/power_now", "7000000\n");
    open_it(&o, &sensor_battery, &context);
    assert_int_equal(o.layout.count, 4);
    assert_rail(&o, "BAT0", RAIL_MACHINE, "pW", 18000000000000);
    assert_int_equal(o.layout.channels[1].kind, SERIES_BATTERY_STATUS);
    assert_int_equal(o.values[1].value, 1);
    assert_rail(&o, "BAT1", RAIL_MACHINE, "uW", 7000000);
    assert_int_equal(o.values[3].value, 4);
    tree_file(&t, "class/power_supply/BAT0/current_now", "18446744073709551615\n"); /* overflows */
    assert_int_equal(read_all(&o), TT_OK);
    assert_true(o.values[0].value == ABSENT);
    close_it(&o);
    tree_remove(&t);
}

static void add_cpu(const struct tree *t, const char *cpu, const char *package, const char *core_count,
                    const char *package_count)
{
    const char *const names[] = {"topology/physical_package_id", "thermal_throttle/core_throttle_count",
                                 "thermal_throttle/package_throttle_count"};
    const char *const texts[] = {package, core_count, package_count};
    char path[128];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "devices/system/cpu/%s/%s", cpu, names[i]);
        tree_file(t, path, texts[i]);
    }
}

static void test_throttling_is_counted_once_a_package(void **state)
{
    (void)state;
    struct tree t;
    struct opened o;
    void *nothing = NULL;
    tree_make(&t);
    struct sysfs_context context = {t.root};
    tree_file(&t, "devices/system/cpu/cpufreq/nothing", "");
    assert_int_equal(sensor_throttle.open(&context, &nothing, NULL), TT_NOTFOUND);
    add_cpu(&t, "cpu0", "0\n", "1\n", "10\n");
    add_cpu(&t, "cpu1", "0\n", "2\n", "10\n");
    add_cpu(&t, "cpu2", "1\n", "4\n", "20\n");
    open_it(&o, &sensor_throttle, &context);
    assert_int_equal(o.values[index_of(&o, "core_throttle_count")].value, 7);
    assert_int_equal(o.values[index_of(&o, "package_throttle_count")].value, 30);
    close_it(&o);
    tree_remove(&t);
}

/* --- NVML, loaded from a library that tests bring --- */

static void test_nvml_in_full(void **state)
{
    (void)state;
    struct nvml_context context = {FAKE_NVML};
    struct opened energy, power, use;
    const uint64_t engine[] = {4711, 4712};
    setenv("FAKE_NVML_PID", "4712", 1);
    open_it(&energy, &sensor_nvml_energy, &context);
    assert_int_equal(energy.layout.count, 1); /* the second GPU counts nothing */
    size_t i = index_of(&energy, "gpu0 total energy");
    assert_true(energy.values[i].value % 30000 == 0 && energy.values[i].t &&
                energy.values[i].source_t != ABSENT);
    assert_string_equal(energy.layout.channels[i].rail->origin, "GPU-11111111-aaaa");
    assert_string_equal(energy.layout.channels[i].rail->stamp, SENSOR_STAMP_REALTIME_US);
    assert_int_equal(energy.layout.channels[i].rail->rail, RAIL_BOARD);

    open_it(&power, &sensor_nvml_power, &context);
    assert_rail(&power, "gpu0 instant power", RAIL_BOARD, "mW", 300000);
    assert_rail(&power, "gpu1 power usage", RAIL_BOARD, "mW", 70000);
    assert_int_equal(power.values[index_of(&power, "gpu0 clocks event reasons")].value, 4);
    assert_string_equal(power.layout.channels[index_of(&power, "gpu1 power usage")].rail->stamp, "");

    open_it(&use, &sensor_nvml_use, &context);
    assert_int_equal(use.values[index_of(&use, "gpu0 engine processes")].value, 0); /* not told yet */
    assert_true(use.values[index_of(&use, "gpu0 engine memory")].value == ABSENT);
    sensor_nvml_use.engine(use.state, engine, 2);
    assert_int_equal(read_all(&use), TT_OK);
    assert_int_equal(use.values[index_of(&use, "gpu0 engine processes")].value, 1);
    assert_int_equal(use.values[index_of(&use, "gpu0 engine memory")].value, 5000000000);
    assert_int_equal(use.values[index_of(&use, "gpu1 engine processes")].value, 0);
    assert_int_equal(use.values[index_of(&use, "gpu0 used memory")].value, 10000000000);

    setenv("FAKE_NVML_FAIL", "lost", 1); /* the GPU falls off the bus, and comes back */
    assert_int_equal(read_all(&energy), TT_NOTFOUND);
    unsetenv("FAKE_NVML_FAIL");
    assert_int_equal(read_all(&energy), TT_OK);
    close_it(&energy);
    close_it(&power);
    close_it(&use);
}

static void test_nvml_of_an_old_driver(void **state)
{
    (void)state;
    struct nvml_context context = {FAKE_NVML_PARTIAL};
    struct opened power;
    struct error e = {0};
    void *nothing = NULL;
    open_it(&power, &sensor_nvml_power, &context);
    assert_int_equal(power.layout.count, 2);
    assert_rail(&power, "gpu0 power usage", RAIL_BOARD, "mW", 299000);
    close_it(&power);
    assert_int_equal(sensor_nvml_energy.open(&context, &nothing, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "no GPU here tells its energy");
}

static void test_nvml_that_is_not_there(void **state)
{
    (void)state;
    struct nvml_context missing = {"/nowhere/libnvidia-ml.so.1"}, no_library = {TEST_DATA "/style.sh"},
                        fake = {FAKE_NVML};
    struct error e = {0};
    void *nothing = NULL;
    assert_int_equal(sensor_nvml_power.open(&missing, &nothing, &e), TT_NOTFOUND);
    assert_int_equal(sensor_nvml_power.open(&no_library, &nothing, &e), TT_NOTFOUND);
    setenv("FAKE_NVML_FAIL", "driver", 1);
    assert_int_equal(sensor_nvml_power.open(&fake, &nothing, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "NVML: Driver Not Loaded");
    setenv("FAKE_NVML_FAIL", "none", 1);
    assert_int_equal(sensor_nvml_power.open(&fake, &nothing, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "NVML knows no GPU here");
    unsetenv("FAKE_NVML_FAIL");
}

static void test_the_description_lists_the_gpus(void **state)
{
    (void)state;
    struct nvml_context context = {FAKE_NVML};
    const struct sensor sensors[] = {{&sensor_nvml_energy, &context}, {&sensor_nvml_power, &context}};
    const struct power_source source = {"nvml", "GPUs", 1, NULL, NULL, sensors, 2, nvml_describe};
    struct power_choice choice;
    cJSON *d = cJSON_CreateObject();
    assert_int_equal(power_choose("nvml", &source, 1, &choice, NULL), TT_OK);
    assert_int_equal(choice.sensor_count, 2);
    assert_int_equal(power_describe(&choice, "nvml", d), TT_OK);
    const cJSON *entry =
        cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(d, "power"), "sources"), 0);
    const cJSON *devices = cJSON_GetObjectItem(entry, "devices"), *first = cJSON_GetArrayItem(devices, 0);
    assert_int_equal(cJSON_GetArraySize(devices), 2);
    assert_string_equal(cJSON_GetObjectItem(first, "uuid")->valuestring, "GPU-11111111-aaaa");
    assert_int_equal(strlen(cJSON_GetObjectItem(first, "name")->valuestring), 95); /* ended by us */
    cJSON_Delete(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rapl_of_two_packages),
        cmocka_unit_test(test_one_rail_goes_and_comes_back),
        cmocka_unit_test(test_a_counter_that_may_not_be_read),
        cmocka_unit_test(test_hwmon),
        cmocka_unit_test(test_the_battery_of_a_laptop),
        cmocka_unit_test(test_throttling_is_counted_once_a_package),
        cmocka_unit_test(test_nvml_in_full),
        cmocka_unit_test(test_nvml_of_an_old_driver),
        cmocka_unit_test(test_nvml_that_is_not_there),
        cmocka_unit_test(test_the_description_lists_the_gpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
