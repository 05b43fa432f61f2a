/* SPDX-License-Identifier: MIT */
/* A Mac's power mode, from settings to what the discipline says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_frameworks.h"
#include "formats/json.h"
#include "record/darwin/power_mode.h"
#include "record/discipline.h"

static struct power_mode read_power(const char *source, int has_modes, int mode)
{
    struct power_mode power;
    size_t before = fake_objects();
    fake_power_set(source, has_modes, mode);
    power_mode_read(&fake_frameworks, &power);
    assert_int_equal(fake_objects(), before);
    return power;
}

static void test_modes(void **state)
{
    (void)state;
    static const char *const names[] = {"automatic", "low", "high"};
    for (int i = 0; i < 3; i++) {
        struct power_mode power = read_power("AC Power", 1, i);
        assert_string_equal(power.mode, names[i]);
        assert_string_equal(power.source, "ac");
    }
    assert_string_equal(read_power("Battery Power", 1, -1).mode, "automatic"); /* the default is not stored */
    assert_string_equal(read_power("Battery Power", 1, 1).source, "battery");
    assert_null(read_power("AC Power", 1, 3).mode);  /* a mode that is not known */
    assert_null(read_power("AC Power", 0, -1).mode); /* a Mac without modes */
    assert_null(read_power("UPS Power", 1, 2).source);
    struct power_mode unknown = read_power(NULL, 1, 2);
    assert_true(!unknown.source && !unknown.mode);
}

static size_t findings(const char *machine, int mode)
{
    struct discipline d = {0};
    cJSON *host = cJSON_CreateObject();
    struct power_mode power = read_power("AC Power", 1, mode);
    assert_int_equal(json_set_string(host, "os", "macOS"), TT_OK);
    assert_int_equal(json_set_string(host, "machine_name", machine), TT_OK);
    assert_int_equal(json_set_string(host, "power_mode", power.mode), TT_OK);
    discipline_check_host(&d, host);
    cJSON_Delete(host);
    return d.count;
}

static void test_a_laptop_wants_high_power(void **state)
{
    (void)state;
    assert_int_equal(findings("MacBook Pro (16-inch, Nov 2024)", 2), 0);
    assert_int_equal(findings("MacBook Pro (16-inch, Nov 2024)", 0), 1);
    assert_int_equal(findings("MacBook Air (15-inch, M3, 2024)", 1), 1);
    assert_int_equal(findings("Mac mini (2024)", 0), 0);
    assert_int_equal(findings("Mac mini (2024)", 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_a_laptop_wants_high_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
