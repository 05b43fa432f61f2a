/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/error.h"
#include "formats/json.h"
#include "record/hostinfo.h"
#include "record/linux/hostinfo_os.h"
#include "tree.h"

static const char two_packages[] =
    "processor\t: 0\nmodel name\t:  Some CPU @ 3GHz \nphysical id\t: 0\ncore id\t\t: 0\n\n"
    "processor\t: 1\nmodel name\t: other\nphysical id\t: 0\ncore id\t\t: 0\n\n"
    "processor\t: 2\nphysical id\t: 0\ncore id\t\t: 1\n\n"
    "processor\t: 3\nphysical id\t: 1\ncore id\t\t: 0\n";

static cJSON *describe(const struct tree *t)
{
    cJSON *host = cJSON_CreateObject();
    assert_int_equal(hostinfo_describe_root(t->root, host), TT_OK);
    return host;
}

static void assert_text(const cJSON *host, const char *name, const char *expected)
{
    const char *text = json_string(host, name);
    if (expected) {
        assert_non_null(text);
        assert_string_equal(text, expected);
    } else {
        assert_null(text);
    }
}

static void test_a_laptop(void **state)
{
    (void)state;
    struct tree t;
    tree_make(&t);
    tree_file(&t, "etc/os-release",
              "PRETTY_NAME=\"x\"\nNAME=\"Some Linux\"\nVERSION_ID='12'\nBUILD_ID=rolling\n");
    tree_file(&t, "proc/cpuinfo", two_packages);
    tree_file(&t, "proc/meminfo", "MemTotal:       65536 kB\n");
    tree_file(&t, "sys/class/dmi/id/sys_vendor", "LENOVO\n");
    tree_file(&t, "sys/class/dmi/id/product_name", "21HM \n");
    tree_file(&t, "sys/firmware/acpi/platform_profile", "balanced\n");
    tree_file(&t, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    tree_file(&t, "sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference", "balance_power\n");
    tree_file(&t, "sys/class/power_supply/AC/type", "Mains\n");
    tree_file(&t, "sys/class/power_supply/AC/online", "0\n");
    tree_file(&t, "sys/class/power_supply/BAT0/type", "Battery\n");
    cJSON *host = describe(&t);
    assert_text(host, "os", "Some Linux");
    assert_text(host, "os_version", "12");
    assert_text(host, "os_build", "rolling");
    assert_text(host, "chip", "Some CPU @ 3GHz");
    assert_text(host, "machine", "LENOVO 21HM");
    assert_text(host, "power_mode", "balanced");
    assert_text(host, "governor", "powersave");
    assert_text(host, "energy_performance_preference", "balance_power");
    assert_text(host, "power_source", "battery");
    assert_int_equal(json_count(host, "cores_physical"), 3);
    assert_int_equal(json_count(host, "ram_bytes"), 65536 * 1024);
    cJSON_Delete(host);
    tree_file(&t, "sys/class/power_supply/AC/online", "1\n");
    host = describe(&t);
    assert_text(host, "power_source", "ac");
    cJSON_Delete(host);
    tree_remove(&t);
}

static void test_a_board_and_a_vendor_that_repeats_itself(void **state)
{
    (void)state;
    struct tree t;
    tree_make(&t);
    tree_file(&t, "sys/firmware/devicetree/base/model", "Raspberry Pi 5 Model B");
    cJSON *host = describe(&t);
    assert_text(host, "machine", "Raspberry Pi 5 Model B");
    assert_text(host, "os", "Linux");
    assert_text(host, "chip", NULL);
    assert_text(host, "power_source", NULL);
    assert_true(json_count(host, "ram_bytes") == UINT64_MAX);
    cJSON_Delete(host);
    tree_file(&t, "sys/class/dmi/id/sys_vendor", "HP\n");
    tree_file(&t, "sys/class/dmi/id/product_name", "HP Z8\n");
    host = describe(&t);
    assert_text(host, "machine", "HP Z8");
    cJSON_Delete(host);
    tree_remove(&t);
}

static void check_release(const char *text, const char *expected)
{
    struct buf out = BUF_INIT;
    assert_int_equal(hostinfo_release_value(text, strlen(text), "NAME", &out), TT_OK);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void test_release_values(void **state)
{
    (void)state;
    check_release("NAME=x", "x");
    check_release("NAME=\"a b\"\r\nX=1",
                  "\"a b\""); /* no Unix line end, no quotes recognised: kept as it is */
    check_release("PRETTY_NAME=x\nNAME='y'\nNAME=z", "y");
    check_release("NAME=\"", "\"");
    check_release("NAME=\"\"", "");
    check_release("NAME=", "");
    check_release("NAME", "");
    check_release("NAME=a\033[31m\x7f", "a?[31m?");
    check_release("", "");
}

static void test_long_and_odd_cpu_texts(void **state)
{
    (void)state;
    char text[2000] = "model name : ";
    struct buf out = BUF_INIT;
    memset(text + strlen(text), 'c', sizeof text - strlen(text) - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(hostinfo_cpu_value(text, strlen(text), "model name", &out), TT_OK);
    assert_int_equal(out.len, 256);
    buf_clear(&out);
    assert_int_equal(hostinfo_cpu_value("model names : x\nmodel name x\nmodel name", 40, "model name", &out),
                     TT_OK);
    assert_int_equal(out.len, 0);
    buf_release(&out);
    assert_int_equal(hostinfo_physical_cores("core id : x\ncore id\ncore id :\n", 30), 0);
    assert_int_equal(hostinfo_physical_cores("core id : 5", 11), 1);
    assert_int_equal(hostinfo_physical_cores("", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_laptop),
        cmocka_unit_test(test_a_board_and_a_vendor_that_repeats_itself),
        cmocka_unit_test(test_release_values),
        cmocka_unit_test(test_long_and_odd_cpu_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
