/* SPDX-License-Identifier: MIT */
/* powermetrics: its property lists, and a process that the test brings in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "formats/alloc.h"
#include "formats/prng.h"
#include "record/clock.h"
#include "record/darwin/powermetrics.h"
#include "record/darwin/powermetrics_text.h"
#include "tree.h"

#define HEAD                                                                                                 \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "    \
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n"
#define LIST(cpu, gpu, ane)                                                                                  \
    HEAD "<dict>\n<key>is_delta</key><true/>\n<key>elapsed_ns</key><integer>503123416</integer>\n"           \
         "<key>hw_model</key><string>Mac15,8</string>\n<key>timestamp</key><date>2026-10-09T10:35:00Z</"     \
         "date>\n"                                                                                           \
         "<key>processor</key>\n<dict>\n<key>clusters</key>\n<array>\n<dict>\n<key>name</key>"               \
         "<string>E0-Cluster</string>\n<key>cpus</key>\n<array>\n<dict>\n<key>cpu</key><integer>0</"         \
         "integer>\n"                                                                                        \
         "<key>cpu_energy</key><integer>99999</integer>\n</dict>\n</array>\n</dict>\n</array>\n"             \
         "<key>cpu_energy</key><integer>" cpu "</integer>\n<key>cpu_power</key><real>2978.45</real>\n"       \
         "<key>gpu_energy</key><integer>" gpu "</integer>\n<key>gpu_power</key><real>269.614</real>\n"       \
         "<key>ane_energy</key><integer>" ane "</integer>\n<key>combined_power</key><real>3248.07</real>\n"  \
         "</dict>\n<key>gpu</key>\n<dict>\n<key>freq_hz</key><real>338</real>\n<key>gpu_energy</key>"        \
         "<integer>" gpu "</integer>\n</dict>\n</dict>\n</plist>\n"

/* --- lists --- */

static int parse(const char *text, struct powermetrics_sample *sample)
{
    return powermetrics_parse(text, strlen(text), sample);
}

static void test_a_list(void **state)
{
    (void)state;
    struct powermetrics_sample s;
    assert_int_equal(parse(LIST("1498", "135", "0"), &s), TT_OK);
    assert_true(s.energy_uj[POWERMETRICS_CPU] == 1498000);
    assert_true(s.energy_uj[POWERMETRICS_GPU] == 135000);
    assert_true(s.energy_uj[POWERMETRICS_ANE] == 0);
    assert_int_equal(parse(HEAD "<dict><key>gpu</key><dict><key>gpu_energy</key><real>2.56789</real></dict>"
                                "</dict></plist>",
                           &s),
                     TT_OK);
    assert_true(s.energy_uj[POWERMETRICS_GPU] == 2567 && s.energy_uj[POWERMETRICS_CPU] == ABSENT);
}

static uint64_t cpu_energy(const char *text)
{
    char list[400];
    struct powermetrics_sample s;
    snprintf(
        list, sizeof list,
        "<plist><dict><key>processor</key><dict><key>cpu_energy</key><real>%s</real></dict></dict></plist>",
        text);
    int status = parse(list, &s);
    assert_true(status == (s.energy_uj[POWERMETRICS_CPU] == ABSENT ? TT_NOTFOUND : TT_OK));
    return s.energy_uj[POWERMETRICS_CPU];
}

static void test_numbers(void **state)
{
    (void)state;
    assert_true(cpu_energy("0") == 0 && cpu_energy("1.") == 1000 && cpu_energy("0.0019") == 1);
    assert_true(cpu_energy("1000000000000") == UINT64_C(1000000000000000));
    const char *const none[] = {"",
                                "-1",
                                "1e3",
                                "nan",
                                "inf",
                                "1000000000001",
                                "18446744073709551616",
                                "0x10",
                                "1 2",
                                ".",
                                "1,5",
                                "99999999999999999999.99999999"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_true(cpu_energy(none[i]) == ABSENT);
}

static void test_what_is_no_list(void **state)
{
    (void)state;
    struct powermetrics_sample s;
    char deep[40 * 6 + 1] = "";
    const char *const whole = LIST("1498", "135", "0");
    const char *const broken[] = {"",
                                  "powermetrics must be invoked as the superuser\n",
                                  "<plist></dict></plist>",
                                  "<plist><dict></plist>",
                                  "<plist><dict></dict><plist",
                                  "<<<<>>>>",
                                  "<plist><dict><key>processor</key><dict><key>cpu_energy</key><integer>5"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_int_equal(parse(broken[i], &s), TT_SYNTAX);
    for (int i = 0; i < 40; i++)
        memcpy(deep + 6 * i, "<dict>", 7);
    assert_int_equal(parse(deep, &s), TT_SYNTAX);
    assert_int_equal(parse(HEAD "<dict></dict></plist>", &s), TT_NOTFOUND);
    for (size_t len = 0; len < strlen(whole); len++) {
        int is_whole = len >= strlen(whole) - 1; /* but for the newline */
        char *exact = mem_strndup(whole, len);
        assert_non_null(exact);
        assert_int_equal(powermetrics_parse(exact, len, &s), is_whole ? TT_OK : TT_SYNTAX);
        mem_free(exact);
    }
}

static void test_a_key_that_is_too_long_is_none(void **state)
{
    (void)state;
    char list[400], key[200];
    struct powermetrics_sample s;
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    snprintf(list, sizeof list,
             "<plist><dict><key>processor</key><dict><key>%s</key><integer>1</integer>"
             "<key>cpu_energy</key><integer>2</integer></dict></dict></plist>",
             key);
    assert_int_equal(parse(list, &s), TT_OK);
    assert_true(s.energy_uj[POWERMETRICS_CPU] == 2000);
}

/* Pieces of lists in any order, in memory of exactly that length: a sanitizer sees a step too far. */
static void test_garbage(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<dict>",    "</dict>",    "<array>", "</array>",  "<key>",
                                         "</key>",    "<",          ">",       "processor", "cpu_energy",
                                         "<integer>", "<real>",     "9.5",     "-",         "99999999",
                                         "</plist>",  "<key>gpu</", "&lt;"};
    struct prng random;
    struct powermetrics_sample sample;
    prng_seed(&random, 1);
    for (int i = 0; i < 20000; i++) {
        char text[600];
        size_t len = 0;
        for (uint64_t n = prng_below(&random, 50); n > 0; n--)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    pieces[prng_below(&random, sizeof pieces / sizeof pieces[0])]);
        char *exact = mem_strndup(text, len);
        assert_non_null(exact);
        int status = powermetrics_parse(exact, len, &sample);
        assert_true(status == TT_OK || status == TT_NOTFOUND || status == TT_SYNTAX);
        mem_free(exact);
    }
}

/* --- the process --- */

static struct sensor_value values[SENSOR_CHANNELS_MAX];
static struct sensor_layout layout;

static int read_all(void *s)
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    int status = sensor_powermetrics.read(s, values);
    sensor_powermetrics.layout(s, &layout);
    return status;
}

/* Reads until the first counter has that value; 0 when it has not within 10 s. */
static int reads_until(void *s, uint64_t value)
{
    for (int i = 0; i < 1000 && read_all(s) == TT_OK; i++) {
        if (values[0].value == value)
            return 1;
        clock_sleep_until(clock_ticks() + clock_ns_to_ticks(10000000));
    }
    return 0;
}

static void test_intervals_add_up(void **state)
{
    (void)state;
    struct tree t;
    char command[300];
    struct powermetrics_context context = {command, 0, 10};
    struct error e = {0};
    void *s = NULL;
    tree_make(&t);
    tree_file(&t, "list1", LIST("1000", "200", "0"));
    tree_file(&t, "list2", LIST("500", "300", "7"));
    snprintf(command, sizeof command, "cat %s/list1; sleep 0.2; printf '\\000'; cat %s/list2; exec sleep 60",
             t.root, t.root);
    assert_int_equal(sensor_powermetrics.open(&context, &s, &e), TT_OK);
    assert_int_equal(read_all(s), TT_OK);
    assert_int_equal(layout.count, 3);
    assert_string_equal(layout.channels[0].name, "cpu_energy");
    assert_string_equal(layout.channels[0].unit, "uJ");
    assert_int_equal(layout.channels[1].rail->rail, RAIL_GPU);
    assert_int_equal(layout.channels[2].rail->rail, RAIL_ANE);
    assert_true(reads_until(s, 1500000));
    assert_true(values[1].value == 500000 && values[2].value == 7000 && values[0].t);
    assert_int_equal(layout.version, 0);
    uint64_t begin = clock_ticks();
    sensor_powermetrics.close(s); /* ends the process, that would have lived on for a minute */
    assert_true(clock_ticks_to_ns(clock_ticks() - begin) < UINT64_C(5000000000));
    tree_remove(&t);
}

/* An interval whose energy is not known: what comes after is another counter. */
static void test_a_broken_list_breaks_the_counter(void **state)
{
    (void)state;
    struct tree t;
    char command[400];
    struct powermetrics_context context = {command, 0, 10};
    void *s = NULL;
    tree_make(&t);
    tree_file(&t, "list", LIST("1000", "200", "0"));
    tree_file(&t, "broken", HEAD "<dict><key>processor</key></plist>");
    snprintf(command, sizeof command,
             "cat %s/list; sleep 0.2; cat %s/broken; cat %s/list; head -c 1500000 /dev/zero | tr '\\0' x; "
             "printf '\\000'; cat %s/list; exec sleep 60",
             t.root, t.root, t.root, t.root);
    assert_int_equal(sensor_powermetrics.open(&context, &s, NULL), TT_OK);
    assert_true(reads_until(s, 3000000));
    assert_int_equal(layout.version, 2); /* no list, and one that was too long */
    sensor_powermetrics.close(s);
    tree_remove(&t);
}

static void test_a_process_that_ends(void **state)
{
    (void)state;
    struct tree t;
    char command[300];
    struct powermetrics_context context = {command, 0, 10}, silent = {"exec sleep 60", 0, 0.1};
    struct error e = {0};
    void *s = NULL;
    tree_make(&t);
    tree_file(&t, "list", LIST("1000", "200", "0"));
    snprintf(command, sizeof command, "cat %s/list", t.root);
    assert_int_equal(sensor_powermetrics.open(&context, &s, &e), TT_OK);
    assert_false(reads_until(s, 1)); /* until it is away */
    assert_int_equal(read_all(s), TT_NOTFOUND);
    sensor_powermetrics.close(s);
    snprintf(command, sizeof command, "echo powermetrics must be invoked as the superuser; exit 1");
    assert_int_equal(sensor_powermetrics.open(&context, &s, &e), TT_IO);
    assert_string_equal(e.text, "powermetrics ended without telling an energy");
    assert_int_equal(sensor_powermetrics.open(&silent, &s, &e), TT_IO);
    assert_string_equal(e.text, "powermetrics tells no energy within 0.1 s");
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_what_is_no_list),
        cmocka_unit_test(test_a_key_that_is_too_long_is_none),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_intervals_add_up),
        cmocka_unit_test(test_a_broken_list_breaks_the_counter),
        cmocka_unit_test(test_a_process_that_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
