/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/json.h"
#include "record/discipline.h"

static void test_accepted_words(void **state)
{
    (void)state;
    unsigned bits;
    struct error e = {0};
    assert_int_equal(discipline_parse_accepted(NULL, &bits, &e), TT_OK);
    assert_int_equal(bits, 0);
    assert_int_equal(discipline_parse_accepted("context,thermal", &bits, &e), TT_OK);
    assert_int_equal(bits, 1u << CHECK_CONTEXT | 1u << CHECK_THERMAL);
    assert_int_equal(discipline_parse_accepted("all", &bits, &e), TT_OK);
    assert_int_equal(bits, (1u << DISCIPLINE_CHECKS) - 1);
    assert_int_equal(discipline_parse_accepted("resident,", &bits, &e), TT_USAGE);
    assert_int_equal(discipline_parse_accepted("contexts", &bits, &e), TT_USAGE);
    assert_non_null(strstr(e.text, "'contexts'"));
}

static void test_a_small_context_is_found_and_can_be_accepted(void **state)
{
    (void)state;
    struct discipline d = {0};
    struct error e = {0};
    struct discipline_subject subject = {.context = 4096, .context_needed = 65536};
    discipline_check_context(&d, &subject);
    assert_int_equal(d.count, 1);
    assert_int_equal(discipline_refuse(&d, &e), TT_USAGE);
    assert_non_null(strstr(e.text, "--accept context"));
    d.accepted = 1u << CHECK_CONTEXT;
    assert_int_equal(discipline_refuse(&d, &e), TT_OK);
    cJSON *described = discipline_describe(&d, 1);
    const cJSON *finding = json_member(described, "findings")->child;
    assert_string_equal(json_string(finding, "check"), "context");
    assert_string_equal(json_member(described, "accepted")->child->valuestring, "context");
    cJSON_Delete(described);
}

static void test_what_is_unknown_is_no_finding(void **state)
{
    (void)state;
    struct discipline d = {0};
    struct discipline_subject subject = {.context = ABSENT, .context_needed = 65536};
    discipline_check_context(&d, &subject);
    subject = (struct discipline_subject){.context = 65536, .context_needed = 65536};
    discipline_check_context(&d, &subject);
    cJSON *host = cJSON_CreateObject();
    discipline_check_host(&d, host);
    cJSON_Delete(host);
    assert_int_equal(d.count, 0);
}

static size_t findings_of_host(const char *json)
{
    struct discipline d = {0};
    cJSON *host = cJSON_Parse(json);
    discipline_check_host(&d, host);
    cJSON_Delete(host);
    return d.count;
}

static void test_power_modes(void **state)
{
    (void)state;
    assert_int_equal(
        findings_of_host("{\"os\":\"macOS\",\"machine_name\":\"MacBook Pro\",\"power_mode\":\"automatic\"}"),
        1);
    assert_int_equal(
        findings_of_host("{\"os\":\"macOS\",\"machine_name\":\"MacBook Pro\",\"power_mode\":\"high\"}"), 0);
    assert_int_equal(
        findings_of_host("{\"os\":\"macOS\",\"machine_name\":\"Mac Studio\",\"power_mode\":\"automatic\"}"),
        0);
    assert_int_equal(findings_of_host("{\"os\":\"Debian\",\"power_mode\":\"low-power\"}"), 1);
    assert_int_equal(findings_of_host("{\"os\":\"Debian\",\"power_mode\":\"balanced\"}"), 0);
}

static void test_swap_and_heat_afterwards(void **state)
{
    (void)state;
    struct discipline after = {0};
    uint64_t before[SYSMEM_FIELDS] = {[SYSMEM_SWAP] = 1000, [SYSMEM_THERMAL] = 0};
    uint64_t now[SYSMEM_FIELDS] = {[SYSMEM_SWAP] = 1000 + DISCIPLINE_SWAP_GROWTH, [SYSMEM_THERMAL] = 0};
    discipline_compare(before, now, &after);
    assert_int_equal(after.count, 0);
    now[SYSMEM_SWAP]++;
    now[SYSMEM_THERMAL] = 2;
    discipline_compare(before, now, &after);
    assert_int_equal(after.count, 2);
    assert_int_equal(after.findings[0].check, CHECK_SWAP);
    assert_int_equal(after.findings[1].check, CHECK_THERMAL);
    after.count = 0;
    now[SYSMEM_SWAP] = now[SYSMEM_THERMAL] = ABSENT;
    discipline_compare(before, now, &after);
    assert_int_equal(after.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted_words),
        cmocka_unit_test(test_a_small_context_is_found_and_can_be_accepted),
        cmocka_unit_test(test_what_is_unknown_is_no_finding),
        cmocka_unit_test(test_power_modes),
        cmocka_unit_test(test_swap_and_heat_afterwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
