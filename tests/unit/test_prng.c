/* SPDX-License-Identifier: MIT */
/* The project's own random numbers: known outputs, no bias, the right moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "formats/prng.h"

#define DRAWS 100000

/* The first outputs that both generators' authors publish for seed 0. */
static void test_known_outputs(void **state)
{
    uint64_t seed = 0;
    struct prng r;
    (void)state;
    assert_true(prng_splitmix(&seed) == 0xe220a8397b1dcdafu);
    assert_true(prng_splitmix(&seed) == 0x6e789e6aa1b965f4u);
    prng_seed(&r, 0);
    assert_true(r.state[0] == 0xe220a8397b1dcdafu);
    assert_true(prng_next(&r) == 0x99ec5f36cb75f2b4u);
    assert_true(prng_next(&r) == 0xbf6e1f784956452au);
}

static void test_seeds_differ(void **state)
{
    struct prng a, b, again;
    (void)state;
    prng_seed(&a, 1);
    prng_seed(&b, 2);
    prng_seed(&again, 1);
    uint64_t first = prng_next(&a);
    assert_true(first != prng_next(&b));
    assert_true(first == prng_next(&again));
}

static void test_below_stays_below_and_is_even(void **state)
{
    struct prng r;
    size_t seen[7] = {0};
    (void)state;
    prng_seed(&r, 7);
    assert_true(prng_below(&r, 0) == 0);
    assert_true(prng_below(&r, 1) == 0);
    for (int i = 0; i < DRAWS; i++)
        seen[prng_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], DRAWS / 7 - 500, DRAWS / 7 + 500); /* 4.5 standard deviations */
}

/* With n just above half of the range a careless modulus would draw the lower half twice as often. */
static void test_below_has_no_bias_for_large_ranges(void **state)
{
    const uint64_t n = (UINT64_C(1) << 63) + (UINT64_C(1) << 62);
    struct prng r;
    size_t low = 0;
    (void)state;
    prng_seed(&r, 8);
    for (int i = 0; i < DRAWS; i++)
        low += prng_below(&r, n) < n / 3;
    assert_in_range(low, DRAWS / 3 - 700, DRAWS / 3 + 700);
}

static void test_unit_is_uniform(void **state)
{
    struct prng r;
    double sum = 0, squares = 0;
    (void)state;
    prng_seed(&r, 9);
    for (int i = 0; i < DRAWS; i++) {
        double v = prng_unit(&r);
        assert_true(v >= 0 && v < 1);
        sum += v;
        squares += v * v;
    }
    assert_true(fabs(sum / DRAWS - 0.5) < 0.004);
    assert_true(fabs(squares / DRAWS - 1.0 / 3) < 0.004);
}

static void test_own_logarithm_is_accurate(void **state)
{
    struct prng r;
    (void)state;
    prng_seed(&r, 10);
    assert_true(fabs(prng_log(1)) <= 0);
    for (int i = 0; i < DRAWS; i++) {
        double x = prng_unit(&r) + 0x1p-60;
        assert_true(fabs(prng_log(x) - log(x)) <= 4e-16 * (1 + fabs(log(x))));
    }
    assert_true(fabs(prng_log(1e-300) - log(1e-300)) < 1e-12);
}

/* Mean, variance, skewness and kurtosis, and the share beyond two standard deviations. */
static void test_normal_has_the_right_shape(void **state)
{
    struct prng r;
    double sum[5] = {0};
    int outside = 0;
    (void)state;
    prng_seed(&r, 11);
    for (int i = 0; i < DRAWS; i++) {
        double v = prng_normal(&r), power = 1;
        for (int k = 0; k < 5; k++, power *= v)
            sum[k] += power;
        outside += fabs(v) > 2;
    }
    assert_true(fabs(sum[1] / DRAWS) < 0.013);
    assert_true(fabs(sum[2] / DRAWS - 1) < 0.02);
    assert_true(fabs(sum[3] / DRAWS) < 0.04);
    assert_true(fabs(sum[4] / DRAWS - 3) < 0.15);
    assert_in_range(outside, (int)(DRAWS * 0.043), (int)(DRAWS * 0.048));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_outputs),
        cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_below_stays_below_and_is_even),
        cmocka_unit_test(test_below_has_no_bias_for_large_ranges),
        cmocka_unit_test(test_unit_is_uniform),
        cmocka_unit_test(test_own_logarithm_is_accurate),
        cmocka_unit_test(test_normal_has_the_right_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
