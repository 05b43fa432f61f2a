/* SPDX-License-Identifier: MIT */
/* How tables spell numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analyze/decimal.h"

static void expect(double value, enum decimal_rule rule, int digits, const char *wanted)
{
    struct buf out = BUF_INIT;
    assert_int_equal(decimal_put(&out, value, (struct decimals){rule, digits}), 0);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void test_rounds_the_decimal_value(void **state)
{
    (void)state;
    /* Each of these doubles lies below the decimal that it is written as. */
    expect(0.285, DECIMAL_FIXED, 2, "0.29");
    expect(1.005, DECIMAL_FIXED, 2, "1.01");
    expect(2.675, DECIMAL_FIXED, 2, "2.68");
    expect(8.345, DECIMAL_FIXED, 2, "8.35");
    /* Half away from zero, not half to even. */
    expect(0.5, DECIMAL_FIXED, 0, "1");
    expect(1.5, DECIMAL_FIXED, 0, "2");
    expect(2.5, DECIMAL_FIXED, 0, "3");
    expect(-2.5, DECIMAL_FIXED, 0, "-3");
    expect(0.125, DECIMAL_FIXED, 2, "0.13");
    /* Just below the half stays below. */
    expect(0.28499999999999, DECIMAL_FIXED, 2, "0.28");
    expect(2.4999999, DECIMAL_FIXED, 0, "2");
    expect(9.96, DECIMAL_FIXED, 1, "10.0");
}

static void test_fixed(void **state)
{
    (void)state;
    expect(123.34, DECIMAL_FIXED, 1, "123.3");
    expect(1.59, DECIMAL_FIXED, 3, "1.590");
    expect(67, DECIMAL_FIXED, 0, "67");
    expect(0, DECIMAL_FIXED, 1, "0.0");
    expect(-0.04, DECIMAL_FIXED, 1, "0.0");
    expect(-0.0, DECIMAL_FIXED, 0, "0");
    expect(1e15, DECIMAL_FIXED, 1, "1000000000000000.0");
    expect(1e-300, DECIMAL_FIXED, 3, "0.000");
}

static void test_trimmed(void **state)
{
    (void)state;
    expect(0.8, DECIMAL_TRIMMED, 2, "0.8");
    expect(0.8001, DECIMAL_TRIMMED, 2, "0.8");
    expect(0.816, DECIMAL_TRIMMED, 2, "0.82");
    expect(1, DECIMAL_TRIMMED, 2, "1.0");
    expect(0, DECIMAL_TRIMMED, 2, "0.0");
    expect(0.999, DECIMAL_TRIMMED, 2, "1.0");
    expect(10, DECIMAL_TRIMMED, 2, "10.0");
    expect(0.004, DECIMAL_TRIMMED, 2, "0.0");
}

static void test_unless_whole(void **state)
{
    (void)state;
    expect(100, DECIMAL_UNLESS_WHOLE, 1, "100");
    expect(85, DECIMAL_UNLESS_WHOLE, 1, "85");
    expect(97.5, DECIMAL_UNLESS_WHOLE, 1, "97.5");
    expect(79.6, DECIMAL_UNLESS_WHOLE, 1, "79.6");
    expect(99.97, DECIMAL_UNLESS_WHOLE, 1, "100.0");
    expect(0, DECIMAL_UNLESS_WHOLE, 1, "0");
}

static void test_not_measured_is_a_dash(void **state)
{
    (void)state;
    expect(NAN, DECIMAL_FIXED, 1, "\xE2\x80\x94");
    expect(NAN, DECIMAL_TRIMMED, 2, "\xE2\x80\x94");
    expect(INFINITY, DECIMAL_UNLESS_WHOLE, 1, "\xE2\x80\x94");
}

static void test_appends(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    buf_puts(&out, "100.00 ");
    decimal_put(&out, 0.5, (struct decimals){DECIMAL_TRIMMED, 2});
    decimal_fixed(&out, 2, 2);
    assert_string_equal(buf_text(&out), "100.00 0.52.00");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_the_decimal_value),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_trimmed),
        cmocka_unit_test(test_unless_whole),
        cmocka_unit_test(test_not_measured_is_a_dash),
        cmocka_unit_test(test_appends),
    };
    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
