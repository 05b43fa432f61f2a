/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/version_order.h"

/* Each before all that follow it. */
static void in_order(const char *const *versions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            int way = version_compare(versions[i], versions[k]), wanted = (i > k) - (i < k);
            if ((way > 0) - (way < 0) != wanted)
                fail_msg("'%s' against '%s' is %d", versions[i], versions[k], way);
        }
    }
}
#define IN_ORDER(...)                                                                                        \
    do {                                                                                                     \
        static const char *const versions[] = {__VA_ARGS__};                                                 \
        in_order(versions, sizeof versions / sizeof versions[0]);                                            \
    } while (0)

static void numbers_count_as_numbers(void **state)
{
    (void)state;
    IN_ORDER("b999", "b9430", "b9431-1a2b3c", "b10587", "b10588");
    IN_ORDER("0.9", "0.9.1", "0.28.1", "v0.28.2", "0.28.10", "1", "1.0", "1.00", "1.0.1", "1.1", "2.0",
             "10.0");
    IN_ORDER("2025-12-31", "2026.01.02", "2026-01-11", "2026-02-01");
    IN_ORDER("18446744073709551615", "18446744073709551616", "100000000000000000000000000000000");
}

static void a_release_comes_after_what_leads_to_it(void **state)
{
    (void)state;
    IN_ORDER("0.9", "1.0.dev3", "1.0.dev12", "1.0rc1", "1.0-rc2", "1.0", "1.0+cu121", "1.0.post1", "1.0.1rc1",
             "1.0.1");
    IN_ORDER("1.0a1", "1.0-alpha.2", "1.0b1", "1.0-beta2", "1.0");
}

static void anything_has_a_place(void **state)
{
    (void)state;
    IN_ORDER("", "master", "nightly", "v", "0", "7\xFF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_as_numbers),
        cmocka_unit_test(a_release_comes_after_what_leads_to_it),
        cmocka_unit_test(anything_has_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
