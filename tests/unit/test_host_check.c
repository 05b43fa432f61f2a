/* SPDX-License-Identifier: MIT */
/* Which Host: values and addresses count as this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay/host_check.h"

static void test_own_names(void **state)
{
    (void)state;
    static const char *const own[] = {"localhost", "localhost:80",   "LocalHost", "127.0.0.1",
                                      "127.9.9.9", "127.0.0.1:8080", "[::1]",     "[::1]:8080"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (!host_is_allowed(own[i], NULL, 0))
            fail_msg("%s", own[i]);
    }
}

static void test_other_names(void **state)
{
    (void)state;
    static const char *const others[] = {"",           ":80",       "[",       "[]",
                                         "[::1",       "[::2]",     "::1x",    "127.0.0.1.nip.io",
                                         "127.1",      "128.0.0.1", "0.0.0.0", "localhost.example",
                                         "xlocalhost", "engine"};
    assert_false(host_is_allowed(NULL, NULL, 0));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (host_is_allowed(others[i], NULL, 0))
            fail_msg("%s", others[i]);
    }
    char longest[600];
    for (size_t i = 0; i < sizeof longest - 1; i++)
        longest[i] = 'a';
    longest[sizeof longest - 1] = '\0';
    assert_false(host_is_allowed(longest, NULL, 0));
}

static void test_named_ones(void **state)
{
    (void)state;
    static const char *const names[] = {"engine.lan", "b"}, *const any[] = {"*"};
    assert_true(host_is_allowed("Engine.LAN:80", names, 2));
    assert_true(host_is_allowed("b", names, 2));
    assert_false(host_is_allowed("c", names, 2));
    assert_true(host_is_allowed("c:1", any, 1));
    assert_false(host_is_allowed(NULL, any, 1));
}

static void test_addresses(void **state)
{
    (void)state;
    assert_true(address_is_loopback("127.0.0.1"));
    assert_true(address_is_loopback("::1"));
    assert_false(address_is_loopback("0.0.0.0"));
    assert_false(address_is_loopback("::"));
    assert_false(address_is_loopback("localhost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_names),
        cmocka_unit_test(test_other_names),
        cmocka_unit_test(test_named_ones),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
