/* SPDX-License-Identifier: MIT */
#include "analyze/statistics.h"
#include "formats/order.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fmax(1, fabs(want))))
        fail_msg("%.17g is not %.17g", got, want);
}

static void orders_totally(void **state)
{
    (void)state;
    double values[] = {NAN, 3, -0.0, INFINITY, 0.0, -INFINITY, -1, NAN};
    assert_int_equal(stats_sort(values, 8), 6);
    assert_true(values[0] < 0 && isinf(values[0]));
    assert_true(values[1] == -1);
    assert_true(signbit(values[2]) && !signbit(values[3]));
    assert_true(values[4] == 3 && isinf(values[5]));
    assert_true(isnan(values[6]) && isnan(values[7]));
    assert_int_equal(order_doubles_falling(1, NAN), -1);
    assert_int_equal(order_doubles_falling(NAN, 1), 1);
    assert_int_equal(order_doubles_falling(2, 1), -1);
    assert_int_equal(order_u64(UINT64_MAX, 0), 1);
    assert_int_equal(order_u64(7, 7), 0);
}

static void gives_medians(void **state)
{
    (void)state;
    double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2}, holes[] = {NAN, 8, NAN, 2}, none[] = {NAN};
    near(stats_median(odd, 3), 5);
    near(stats_median(even, 4), 2.5);
    near(stats_median(holes, 4), 5);
    assert_true(isnan(stats_median(none, 1)));
    assert_true(isnan(stats_median(none, 0)));
}

/* Type 7 of 1, 2, 4, 8: places 0, 1, 2, 3 at p = 0, 1/3, 2/3, 1. */
static void interpolates_percentiles(void **state)
{
    (void)state;
    const double sorted[] = {1, 2, 4, 8};
    near(stats_percentile(sorted, 4, 0), 1);
    near(stats_percentile(sorted, 4, 1), 8);
    near(stats_percentile(sorted, 4, 0.25), 1.75);
    near(stats_percentile(sorted, 4, 0.5), 3);
    near(stats_percentile(sorted, 4, 0.9), 4 + 4 * 0.7);
    near(stats_percentile(sorted, 1, 0.99), 1);
    assert_true(isnan(stats_percentile(sorted, 0, 0.5)));
    const double flat[] = {0.1, 0.1, 0.1};
    assert_true(stats_percentile(flat, 3, 0.37) == 0.1);
}

/* Selecting gives what sorting gives: random, sorted, equal, organ-pipe and sawtooth arrays, with NANs
 * between. */
static void selects_what_sorting_finds(void **state)
{
    (void)state;
    static const double p[] = {0, 0.1, 0.5, 0.9, 0.95, 0.99, 1};
    enum { MAX = 2000, PS = sizeof p / sizeof p[0] };
    static double values[MAX], sorted[MAX];
    uint32_t seed = 1;
    for (int shape = 0; shape < 6; shape++) {
        for (size_t n = 0; n <= MAX; n += n < 40 ? 1 : 97) {
            double got[PS];
            for (size_t i = 0; i < n; i++) {
                seed = seed * 1664525u + 1013904223u;
                double shapes[] = {seed >> 8,
                                   (double)i,
                                   7,
                                   (double)(i < n / 2 ? i : n - i),
                                   (double)(i % 5),
                                   seed >> 31 ? NAN : (double)(n - i)};
                values[i] = sorted[i] = shapes[shape];
            }
            size_t numbers = stats_sort(sorted, n);
            stats_percentiles(values, n, p, got, PS);
            for (size_t k = 0; k < PS; k++) {
                double want = stats_percentile(sorted, numbers, p[k]);
                assert_true(got[k] == want || (isnan(got[k]) && isnan(want)));
            }
        }
    }
}

static void counts_stand_for_repeated_values(void **state)
{
    (void)state;
    struct counted_value counted[] = {{5, 3}, {1, 2}, {9, 0}, {2, 1}, {NAN, 0}, {7, 4}};
    double expanded[] = {1, 1, 2, 5, 5, 5, 7, 7, 7, 7};
    uint64_t total = stats_sort_counted(counted, 6);
    assert_int_equal(total, 10);
    for (int percent = 0; percent <= 100; percent++)
        near(stats_percentile_counted(counted, 6, total, percent / 100.0),
             stats_percentile(expanded, 10, percent / 100.0));
    struct counted_value nothing[] = {{3, 0}};
    assert_int_equal(stats_sort_counted(nothing, 1), 0);
    assert_true(isnan(stats_percentile_counted(nothing, 1, 0, 0.5)));
}

/* Deviations of 2, 4, 4, 4, 5, 5, 7, 9 from their mean 5 have squares that sum to 32. */
static void measures_spread(void **state)
{
    (void)state;
    double values[] = {9, 2, 4, 5, NAN, 4, 7, 5, 4};
    near(stats_mean(values, 9), 5);
    near(stats_sd(values, 9), sqrt(32.0 / 7));
    near(stats_spread(values, 9), sqrt(32.0 / 7) / 4.5);
    double one[] = {3}, zeros[] = {0, 0, 0};
    assert_true(isnan(stats_sd(one, 1)));
    assert_true(isnan(stats_spread(one, 1)));
    assert_true(isnan(stats_spread(zeros, 3)));
    assert_true(isnan(stats_mean(one, 0)));
}

static void rounds_the_decimal_value(void **state)
{
    (void)state;
    assert_true(stats_round(2.675, 2) == 2.68);
    assert_true(stats_round(-2.675, 2) == -2.68);
    assert_true(stats_round(1.005, 2) == 1.01);
    assert_true(stats_round(0.5, 0) == 1);
    assert_true(stats_round(0.49999999999999994, 0) == 0);
    assert_true(stats_round(99.95, 1) == 100);
    assert_true(stats_round(0.05, 1) == 0.1);
    assert_true(stats_round(0.04, 1) == 0);
    assert_true(stats_round(0.0004, 1) == 0);
    assert_true(stats_round(1234.5, 0) == 1235);
    assert_true(stats_round(12.25, 4) == 12.25);
    assert_true(stats_round(1e300, 1) == 1e300);
    assert_true(stats_round(0, 1) == 0);
    assert_true(isnan(stats_round(NAN, 1)));
    assert_true(isinf(stats_round(INFINITY, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_totally),
        cmocka_unit_test(gives_medians),
        cmocka_unit_test(selects_what_sorting_finds),
        cmocka_unit_test(interpolates_percentiles),
        cmocka_unit_test(counts_stand_for_repeated_values),
        cmocka_unit_test(measures_spread),
        cmocka_unit_test(rounds_the_decimal_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
