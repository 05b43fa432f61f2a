/* SPDX-License-Identifier: MIT */
/* Does a campaign's sentinel find drift where there is some, and none where there is none? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analyze/sentinel.h"
#include "formats/prng.h"

#define MARGIN 0.02

static struct sentinel_metric judge(double *values, size_t count)
{
    struct sentinel_metric m = {.values = values};
    sentinel_find_drift(&m, count, MARGIN);
    return m;
}

static void test_step(void **state)
{
    double values[] = {0.001, -0.002, 0.0005, -0.1, -0.101, -0.0995};
    struct sentinel_metric m = judge(values, 6);
    (void)state;
    assert_true(m.drifts && m.from == 3 && m.p < 0.001);
    assert_true(fabs(m.shift - (exp(-0.1) - 1)) < 0.002);
}

static void test_constant_step(void **state)
{
    double values[] = {0, 0, 0.05, 0.05, 0.05};
    struct sentinel_metric m = judge(values, 5);
    (void)state;
    assert_true(m.drifts && m.from == 2 && m.p < 1e-9);
}

static void test_slow_drift(void **state)
{
    double values[12];
    (void)state;
    for (int i = 0; i < 12; i++)
        values[i] = -0.01 * i + 0.001 * (i % 2);
    assert_true(judge(values, 12).drifts);
}

static void test_nothing(void **state)
{
    double same[] = {0, 0, 0, 0, 0}, outlier[] = {0, 0.001, 0, -0.3, 0.001, 0},
           small[] = {0, 0, 0, 0.01, 0.01, 0.01};
    double gaps[] = {NAN, 0.001, NAN, 0, 0.0005, NAN}, none[] = {NAN, NAN}, two[] = {0, 1};
    (void)state;
    assert_false(judge(same, 5).drifts);
    assert_false(judge(outlier, 6).drifts);
    assert_false(judge(small, 6).drifts); /* real, but less than the margin */
    assert_false(judge(gaps, 6).drifts);
    assert_false(judge(none, 2).drifts);
    assert_false(judge(two, 2).drifts);
    assert_false(judge(NULL, 0).drifts);
}

/* With noise alone, of a spread at which the margin is no help, about one series in twenty is called drift.
 */
static void test_false_alarms(void **state)
{
    struct prng r;
    int alarms = 0;
    (void)state;
    prng_seed(&r, 1);
    for (int i = 0; i < 4000; i++) {
        double values[9];
        for (int k = 0; k < 9; k++)
            values[k] = 0.2 * prng_normal(&r);
        alarms += judge(values, 9).drifts;
    }
    assert_in_range(alarms, 40, 240);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step),         cmocka_unit_test(test_constant_step),
        cmocka_unit_test(test_slow_drift),   cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_false_alarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
