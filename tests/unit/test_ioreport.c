/* SPDX-License-Identifier: MIT */
/* The energy counters of Apple chips: which channels of which chip, what is recorded of them, and that every
 * object is given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_frameworks.h"
#include "record/darwin/energy_model.h"
#include "record/power.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct ioreport_api *load_fake(struct error *e)
{
    (void)e;
    return &fake_ioreport;
}

static const struct ioreport_api *load_nothing(struct error *e)
{
    error_set(e, TT_NOTFOUND, "this macOS has no /usr/lib/libIOReport.dylib");
    return NULL;
}

static struct ioreport_context context = {load_fake}, no_context = {load_nothing};

/* --- which channels --- */

/* "NAME UNIT" of those chosen, in the chip's order, each with the rail's number. */
static void assert_chosen(const char *const (*chip)[2], size_t count, const char *wanted)
{
    static struct energy_channel channels[32];
    char got[400] = "";
    size_t at = 0;
    assert_true(count <= 32);
    for (size_t i = 0; i < count; i++) {
        snprintf(channels[i].name, sizeof channels[i].name, "%s", chip[i][0]);
        snprintf(channels[i].unit, sizeof channels[i].unit, "%s", chip[i][1]);
    }
    energy_model_choose(channels, count);
    for (size_t i = 0; i < count; i++) {
        if (channels[i].rail != ABSENT)
            at += (size_t)snprintf(got + at, sizeof got - at, "%s=%d;", channels[i].name,
                                   (int)channels[i].rail);
    }
    assert_string_equal(got, wanted);
}

static const char *const m1[][2] = {
    {"EACC_CPU0", "mJ"}, {"EACC_CPU", "mJ"}, {"PACC0_CPU", "mJ"}, {"CPU Energy", "mJ"}, {"GPU0", "mJ"},
    {"GPU SRAM0", "mJ"}, {"ANE", "mJ"},      {"DRAM", "mJ"},      {"DCS", "mJ"},        {"ISP", "mJ"},
    {"AVE", "mJ"},       {"DISP", "mJ"},     {"GPU Energy", "nJ"}};
static const char *const m2_pro[][2] = {{"EACC_CPU", "mJ"},   {"PACC0_CPU", "mJ"}, {"PACC1_CPU", "mJ"},
                                        {"CPU Energy", "mJ"}, {"GPU0", "mJ"},      {"GPU SRAM0", "mJ"},
                                        {"ANE0", "mJ"},       {"DRAM0", "mJ"},     {"DCS0", "mJ"},
                                        {"AMCC0", "mJ"},      {"DISPEXT0", "mJ"},  {"GPU Energy", "nJ"}};
static const char *const m3_max[][2] = {{"MCPU0_0DTL0", "mJ"},
                                        {"PCPUDT", "mJ"},
                                        {"CPU Energy", "mJ"},
                                        {"GPU0", "mJ"},
                                        {"ANE0", "mJ"},
                                        {"DRAM0", "mJ"},
                                        {"DCS0", "mJ"},
                                        {"apcie0 Energy", "uJ"},
                                        {"GPU Energy", "nJ"},
                                        {"MSR0", "mJ"},
                                        {"PCIe Port 0 Energy", "uJ"}};
static const char *const m4[][2] = {{"ECPM_SRAM", "mJ"}, {"CPU Energy", "mJ"}, {"GPU Energy", "nJ"},
                                    {"ANE", "mJ"},       {"DRAM", "mJ"},       {"DCS", "mJ"}};
static const char *const m2_ultra[][2] = {
    {"DIE_0_EACC_CPU0", "mJ"},  {"DIE_0_CPU Energy", "mJ"}, {"DIE_1_EACC_CPU0", "mJ"},
    {"DIE_1_CPU Energy", "mJ"}, {"GPU0_0", "mJ"},           {"GPU Energy", "nJ"},
    {"ANE0_0", "mJ"},           {"ANE0_1", "mJ"},           {"DRAM0_0", "mJ"},
    {"DRAM0_1", "mJ"},          {"DCS0_0", "mJ"},           {"DCS0_1", "mJ"}};

static void test_channels_of_each_chip(void **state)
{
    (void)state;
    assert_chosen(m1, COUNT_OF(m1), "CPU Energy=3;ANE=5;DRAM=6;DCS=7;GPU Energy=4;");
    assert_chosen(m2_pro, COUNT_OF(m2_pro), "CPU Energy=3;ANE0=5;DRAM0=6;DCS0=7;GPU Energy=4;");
    assert_chosen(m3_max, COUNT_OF(m3_max), "CPU Energy=3;ANE0=5;DRAM0=6;DCS0=7;GPU Energy=4;");
    assert_chosen(m4, COUNT_OF(m4), "CPU Energy=3;GPU Energy=4;ANE=5;DRAM=6;DCS=7;");
    assert_chosen(m2_ultra, COUNT_OF(m2_ultra),
                  "DIE_0_CPU Energy=3;DIE_1_CPU Energy=3;GPU Energy=4;ANE0_0=5;ANE0_1=5;"
                  "DRAM0_0=6;DRAM0_1=6;DCS0_0=7;DCS0_1=7;");
}

static void test_the_gpu_is_counted_once(void **state)
{
    (void)state;
    static const char *const old[][2] = {{"GPU0", "mJ"}, {"CPU Energy", "mJ"}};
    static const char *const odd[][2] = {{"GPU0", "mJ"}, {"GPU Energy", "kWh"}};
    static const char *const twice[][2] = {{"ANE", "mJ"}, {"ANE", "mJ"}};
    static const char *const alike[][2] = {{"GPU", ""},     {"GPUx", "mJ"},
                                           {"ANE0_", "mJ"}, {"DIE__CPU Energy", "mJ"},
                                           {"", "mJ"},      {"CPU Energy2", "mJ"}};
    assert_chosen(old, 2, "GPU0=4;CPU Energy=3;");
    assert_chosen(odd, 2, "GPU0=4;GPU Energy=9;"); /* the one that cannot be summed has a stand-in */
    assert_chosen(twice, 2, "ANE=5;");
    assert_chosen(alike, COUNT_OF(alike), "GPU=9;"); /* recorded, in no sum */
}

/* --- what is recorded --- */

static struct sensor_value values[SENSOR_CHANNELS_MAX];
static struct sensor_layout layout;

static int read_all(void *s)
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    int status = sensor_ioreport.read(s, values);
    sensor_ioreport.layout(s, &layout);
    return status;
}

static void test_only_wanted_channels_and_raw_values(void **state)
{
    (void)state;
    struct fake_channel chip[] = {{"EACC_CPU", "mJ", 5, 1, 0, 0},     {"CPU Energy", "mJ ", 81234, 777, 0, 0},
                                  {"GPU0", "mJ", 6, 1, 0, 0},         {"GPU Energy", "nJ", 9, 778, 0, 0},
                                  {"ANE", "furlong", 17, 779, 0, 0},  {NULL, NULL, 1, 1, 0, 0},
                                  {"DRAM", "mJ", INT64_MIN, 5, 0, 0}, {"DCS", "mJ", 4, 0, 0, 1}};
    struct error e = {0};
    void *s = NULL;
    size_t before = fake_objects();
    fake_ioreport_set(chip, COUNT_OF(chip));
    assert_int_equal(sensor_ioreport.open(&context, &s, &e), TT_OK);
    assert_int_equal(fake_ioreport_subscribed(), 5);
    assert_int_equal(read_all(s), TT_OK);
    assert_int_equal(layout.count, 5);
    assert_string_equal(layout.channels[0].name, "CPU Energy");
    assert_string_equal(layout.channels[0].unit, "mJ");
    assert_string_equal(layout.channels[0].rail->origin, "Energy Model/CPU Energy");
    assert_string_equal(layout.channels[0].rail->stamp, SENSOR_STAMP_NATIVE);
    assert_true(layout.channels[0].is_counter && layout.channels[0].kind == SERIES_ENERGY);
    assert_true(values[0].value == 81234 && values[0].source_t == 777);
    assert_true(values[1].value == 9 && values[1].source_t == 778);
    assert_string_equal(layout.channels[2].unit, "furlong"); /* raw, and in no sum */
    assert_true(layout.channels[2].rail->rail == RAIL_OTHER && values[2].value == 17);
    assert_true(values[3].value == ABSENT);                            /* IOReport's value for none */
    assert_true(values[4].value == 4 && values[4].source_t == ABSENT); /* no element, no stamp */
    sensor_ioreport.close(s);
    assert_int_equal(fake_objects(), before);
}

static void test_a_channel_vanishes_and_comes_back(void **state)
{
    (void)state;
    struct fake_channel chip[] = {{"CPU Energy", "mJ", 10, 1, 0, 0}, {"GPU Energy", "nJ", 20, 2, 0, 0}};
    void *s = NULL;
    size_t before = fake_objects();
    fake_ioreport_set(chip, 2);
    assert_int_equal(sensor_ioreport.open(&context, &s, NULL), TT_OK);
    chip[0].is_gone = 1;
    assert_int_equal(read_all(s), TT_OK);
    assert_true(values[0].value == ABSENT && values[1].value == 20); /* not in each other's place */
    chip[1].is_gone = 1;
    assert_int_equal(read_all(s), TT_NOTFOUND);
    chip[0].is_gone = 0;
    assert_int_equal(read_all(s), TT_OK);
    assert_true(values[0].value == 10 && values[1].value == ABSENT);
    sensor_ioreport.close(s);
    assert_int_equal(fake_objects(), before);
}

static void test_machines_without_it(void **state)
{
    (void)state;
    struct fake_channel nothing_known[] = {{"PCIe Port 0 Energy", "uJ", 1, 1, 0, 0}};
    struct fake_channel chip[] = {{"CPU Energy", "mJ", 10, 1, 0, 0}};
    struct error e = {0};
    void *s = NULL;
    size_t before = fake_objects();
    assert_int_equal(sensor_ioreport.open(&no_context, &s, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "this macOS has no /usr/lib/libIOReport.dylib");
    fake_ioreport_set(NULL, 0);
    assert_int_equal(sensor_ioreport.open(&context, &s, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "IOReport has no channels of the group 'Energy Model'");
    fake_ioreport_set(nothing_known, 1);
    assert_int_equal(sensor_ioreport.open(&context, &s, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "none of IOReport's 1 channels of energy is known");
    fake_ioreport_set(chip, 1);
    fake_ioreport_refuse(1);
    assert_int_equal(sensor_ioreport.open(&context, &s, &e), TT_IO);
    assert_int_equal(fake_objects(), before);
}

/* More than a sensor may have, and more than are looked at. */
static void test_a_chip_with_far_too_many_channels(void **state)
{
    (void)state;
    static struct fake_channel chip[1100];
    static char names[1100][24];
    void *s = NULL;
    size_t before = fake_objects();
    for (size_t i = 0; i < 1100; i++) {
        snprintf(names[i], sizeof names[i], "DRAM0_%zu", i);
        chip[i] = (struct fake_channel){names[i], "mJ", (int64_t)i, i + 1, 0, 0};
    }
    fake_ioreport_set(chip, 1100);
    assert_int_equal(sensor_ioreport.open(&context, &s, NULL), TT_OK);
    assert_int_equal(fake_ioreport_subscribed(), SENSOR_CHANNELS_MAX);
    assert_int_equal(read_all(s), TT_OK);
    assert_true(values[SENSOR_CHANNELS_MAX - 1].value == SENSOR_CHANNELS_MAX - 1);
    sensor_ioreport.close(s);
    assert_int_equal(fake_objects(), before);
}

static void test_the_description_has_every_channel(void **state)
{
    (void)state;
    struct fake_channel chip[] = {{"EACC_CPU", "mJ", 5, 1, 0, 0},
                                  {"CPU Energy", "mJ", 81, 777, 0, 0},
                                  {"ANE", "furlong", 17, 779, 0, 0}};
    const char *const uses[] = {NULL, "cpu", "in no sum: unknown unit"};
    cJSON *about = cJSON_CreateObject(), *none = cJSON_CreateObject();
    size_t before = fake_objects();
    fake_ioreport_set(chip, 3);
    assert_int_equal(ioreport_describe(&context, about), TT_OK);
    const cJSON *list = cJSON_GetObjectItem(about, "channels");
    assert_int_equal(cJSON_GetArraySize(list), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *use = cJSON_GetObjectItem(cJSON_GetArrayItem(list, i), "use");
        const cJSON *unit = cJSON_GetObjectItem(cJSON_GetArrayItem(list, i), "unit");
        assert_string_equal(unit->valuestring, chip[i].unit);
        assert_true(!uses[i] == !use);
        if (use)
            assert_string_equal(use->valuestring, uses[i]);
    }
    assert_int_equal(ioreport_describe(&no_context, none), TT_OK);
    assert_int_equal(fake_objects(), before);
    cJSON_Delete(about);
    cJSON_Delete(none);
}

/* --- counters that stand still --- */

static struct fake_channel moving[4];

/* A source that is the chip, whose clock goes on with each reading. */
static int read_and_move(void *s, struct sensor_value *read)
{
    moving[1].value += 1000;
    moving[1].stamp++;
    return sensor_ioreport.read(s, read);
}

static void test_frozen_counters_are_found(void **state)
{
    (void)state;
    struct sensor_ops ops = sensor_ioreport;
    const struct sensor sensors[] = {{&ops, &context}};
    const struct power_source source = {"ioreport", "energy", 1, NULL, NULL, sensors, 1, NULL};
    const struct fake_channel chip[] = {{"CPU Energy", "mJ", 10, 1, 0, 0},
                                        {"GPU Energy", "nJ", 10, 1, 0, 0},
                                        {"ANE0", "mJ", 0, 1, 0, 0}, /* at rest */
                                        {"DRAM0", "mJ", 7, 1, 0, 0}};
    char frozen[POWER_RAILS_TEXT];
    size_t before = fake_objects();
    memcpy(moving, chip, sizeof moving);
    fake_ioreport_set(moving, 4);
    ops.read = read_and_move;
    power_find_frozen(&source, 1000000, frozen);
    assert_string_equal(frozen, "CPU Energy, DRAM0");
    fake_ioreport_set(moving + 1, 2);
    power_find_frozen(&source, UINT64_C(60000000000), frozen); /* done as soon as all have moved */
    assert_string_equal(frozen, "");
    assert_int_equal(fake_objects(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channels_of_each_chip),
        cmocka_unit_test(test_the_gpu_is_counted_once),
        cmocka_unit_test(test_only_wanted_channels_and_raw_values),
        cmocka_unit_test(test_a_channel_vanishes_and_comes_back),
        cmocka_unit_test(test_machines_without_it),
        cmocka_unit_test(test_a_chip_with_far_too_many_channels),
        cmocka_unit_test(test_the_description_has_every_channel),
        cmocka_unit_test(test_frozen_counters_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
