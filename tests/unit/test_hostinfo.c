/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/error.h"
#include "formats/json.h"
#include "record/hostinfo.h"

static void test_this_machine(void **state)
{
    (void)state;
    cJSON *host = cJSON_CreateObject();
    assert_int_equal(hostinfo_describe(host), TT_OK);
    assert_non_null(json_string(host, "os"));
    assert_non_null(json_string(host, "kernel"));
    assert_non_null(json_string(host, "arch"));
    assert_true(json_count(host, "cores") >= 1 && json_count(host, "cores") < 100000);
    assert_true(json_count(host, "ram_bytes") > 1 << 20);
    assert_true(json_count(host, "page_bytes") >= 4096);
    assert_int_equal(cJSON_GetArraySize(json_member(host, "load_average")), 3);
    cJSON_Delete(host);
}

static void test_nobody_is_named(void **state)
{
    (void)state;
    char name[256] = "";
    cJSON *host = cJSON_CreateObject();
    assert_int_equal(hostinfo_describe(host), TT_OK);
    assert_int_equal(gethostname(name, sizeof name - 1), 0);
    const cJSON *item;
    cJSON_ArrayForEach(item, host)
    {
        if (cJSON_IsString(item) && strlen(name) > 3)
            assert_null(strstr(item->valuestring, name));
    }
    cJSON_Delete(host);
}

static void test_what_is_unknown_is_left_out(void **state)
{
    (void)state;
    cJSON *object = cJSON_CreateObject();
    assert_int_equal(hostinfo_set_text(object, "a", NULL), TT_OK);
    assert_int_equal(hostinfo_set_text(object, "b", ""), TT_OK);
    assert_int_equal(hostinfo_set_count(object, "c", 0), TT_OK);
    assert_int_equal(hostinfo_set_count(object, "d", -1), TT_OK);
    assert_int_equal(cJSON_GetArraySize(object), 0);
    cJSON_Delete(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_machine),
        cmocka_unit_test(test_nobody_is_named),
        cmocka_unit_test(test_what_is_unknown_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
