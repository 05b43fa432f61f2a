/* SPDX-License-Identifier: MIT */
/* Reference values: Student's t from the closed forms for whole degrees of freedom, in 50 digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/effect.h"
#include "analyze/statistics.h"
#include "analyze/student.h"

static void close_to(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g, not %.17g", got, want);
}

static void knows_quantiles(void **state)
{
    static const struct {
        double p, df, want;
    } known[] = {
        {.975, 1, 12.706204736174705},       {.975, 5, 2.5705818356363155},   {.95, 10, 1.8124611228116765},
        {.975, 7, 2.3646242515927853},       {.8, 7, 0.89602964431376497},    {.9975, 7, 4.0293371776424847},
        {.95, 1, 6.3137515146750429},        {.995, 2, 9.9248432009182928},   {.975, 30, 2.0422724563012382},
        {.975, 197, 1.9720790337785028},     {.8, 1995, 0.84180144156123504}, {.9999, 3, 22.203742273204185},
        {.975, INFINITY, 1.959963984540054},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        close_to(student_quantile(known[i].p, known[i].df), known[i].want, 1e-12);
        close_to(student_quantile(1 - known[i].p, known[i].df), -known[i].want, 1e-11);
    }
    assert_true(student_quantile(0.5, 3) >= 0 && student_quantile(0.5, 3) <= 0);
    assert_true(isnan(student_quantile(1, 3)));
    assert_true(isnan(student_quantile(0.9, 0.5)));
    close_to(stats_t975(5), 2.5705818356363155, 1e-12);
}

static void knows_tails(void **state)
{
    static const struct {
        double t, df, want;
    } known[] = {
        {0.001, 1, 0.99936338043983886}, {1, 1, 0.5},
        {2.5, 7, 0.040992218585752895},  {4.03, 7, 0.0049957979781813039},
        {1e-6, 10, 0.99999922178323208}, {12, 30, 5.5801854151992556e-13},
        {1.5, 101, 0.13673392615978683}, {30, 4, 7.3528560976613225e-06},
        {2, 1995, 0.045635611761409775}, {1.959963984540054, INFINITY, 0.05},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        close_to(student_two_sided(known[i].t, known[i].df), known[i].want, 1e-11);
        close_to(student_two_sided(-known[i].t, known[i].df), known[i].want, 1e-11);
        close_to(student_upper_tail(known[i].t, known[i].df), known[i].want / 2, 1e-11);
        close_to(student_upper_tail(-known[i].t, known[i].df), 1 - known[i].want / 2, 1e-11);
    }
    assert_true(isnan(student_two_sided(NAN, 3)));
    assert_true(student_two_sided(INFINITY, 3) <= 0);
}

/* Degrees of freedom between whole numbers lie between, and the quantile is the tail's inverse everywhere. */
static void fits_together(void **state)
{
    static const double dfs[] = {1, 1.5, 2.7, 7, 33.3, 999, 1001, 99999, 100001, 2e6, 1e8};
    (void)state;
    for (size_t i = 0; i < sizeof dfs / sizeof dfs[0]; i++) {
        for (double tail = 1e-9; tail < 0.5; tail *= 3)
            close_to(student_upper_tail(student_quantile(1 - tail, dfs[i]), dfs[i]), tail, 1e-7);
        for (double tail = 1e-4; tail < 0.5; tail *= 3)
            close_to(student_upper_tail(-student_quantile(tail, dfs[i]), dfs[i]), tail, 1e-10);
    }
    double seven = student_two_sided(2, 7), eight = student_two_sided(2, 8), half = student_two_sided(2, 7.5);
    assert_true(half < seven && half > eight);
    for (double t = 0.5; t < 6; t += 0.5) /* both ways of computing it, where they meet */
        close_to(student_two_sided(t, 100000.0001), student_two_sided(t, 99999.9999), 1e-9);
    close_to(student_two_sided(2, 2e6), student_two_sided(2, INFINITY), 1e-5);
}

/* y = 2 + 3·side + 0.5·position + (1, −2, 1) on each side: orthogonal to the line, so that d and the trend
 * come out exactly; the squares sum to 12, and 12 ÷ 3 = 4. */
static void fits_side_and_trend(void **state)
{
    const struct effect_unit units[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {1, 2}, {0, 9}};
    const double values[] = {3, 6, 0.5, 3.5, 4, 7, NAN};
    (void)state;
    struct effect f = effect_fit(units, values, 7);
    assert_int_equal(f.n[0], 3);
    assert_int_equal(f.n[1], 3);
    close_to(f.d, 3, 1e-14);
    close_to(f.trend, 0.5, 1e-14);
    close_to(f.df, 3, 0);
    close_to(f.s, 2, 1e-14);
    close_to(f.se, 2 * sqrt(2.0 / 3), 1e-14);
    close_to(effect_p(&f), student_two_sided(3 / f.se, 3), 1e-14);
    close_to(effect_half_width(&f, 0.95), 3.182446305284263 * f.se, 1e-9);
}

/* Interleaved units that only drift: all of it is the trend's. */
static void takes_drift_out(void **state)
{
    struct effect_unit units[10];
    double values[10];
    (void)state;
    for (int i = 0; i < 10; i++) {
        units[i] = (struct effect_unit){i % 2, i};
        values[i] = 0.01 * i;
    }
    struct effect f = effect_fit(units, values, 10);
    assert_true(fabs(f.d) < 1e-15 && f.s < 1e-15);
    close_to(f.trend, 0.01, 1e-12);
}

static void tells_nothing_of_two_units(void **state)
{
    const struct effect_unit units[] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}};
    const double values[] = {1, 2, 3, 4, 5};
    (void)state;
    struct effect f = effect_fit(units, values, 5);
    close_to(f.d, 2.5, 1e-15);
    assert_true(isnan(f.se) && isnan(effect_p(&f)) && isnan(effect_half_width(&f, 0.95)));
    assert_false(effect_is_within(&f, 0.5));
    assert_int_equal(effect_repeats_needed(&f, 0.02), 0);
    assert_true(isnan(effect_fit(units, values, 3).d));
}

/* 0.01² + 2·0.005² = 0.00015; Satterthwaite: 0.00015² ÷ (0.0001² ÷ 7 + 0.00005² ÷ 3). */
static void adds_a_session(void **state)
{
    (void)state;
    struct effect f = {{5, 5}, 0.03, 0.01, 7, 0.0158, 0}, given = f, none = f;
    effect_add_session(&f, 0.005, 3);
    close_to(f.se, sqrt(0.00015), 1e-13);
    close_to(f.df, 2.25e-8 / (1e-8 / 7 + 2.5e-9 / 3), 1e-12);
    effect_add_session(&given, 0.005, INFINITY);
    close_to(given.df, 2.25 * 7, 1e-12);
    effect_add_session(&none, 0, INFINITY);
    close_to(none.se, 0.01, 0);
    close_to(none.df, 7, 0);
}

static void tests_two_one_sided(void **state)
{
    (void)state;
    struct effect f = {{5, 5}, 0, 0.01, 7, 0.0158, 0};
    double half = 1.8945786050613054 * 0.01; /* t.95 of 7 */
    assert_true(effect_is_within(&f, exp(half) - 1 + 1e-9));
    assert_false(effect_is_within(&f, exp(half) - 1 - 1e-9));
    f.d = -0.005; /* the lower end decides, and as a ratio: 1 − exp(−x) */
    assert_true(effect_is_within(&f, 1 - exp(-0.005 - half) + 1e-9));
    assert_false(effect_is_within(&f, 1 - exp(-0.005 - half) - 1e-9));
}

/* s = 1 %, aim 2 %: n = 6 gives (2.2622 + 0.8834)·1 %·√(2/6) = 1.816 %; n = 5 gives 2.062 %. */
static void counts_repeats_needed(void **state)
{
    (void)state;
    struct effect f = {{3, 3}, 0, 0.01, 3, 0.01, 0};
    assert_int_equal(effect_repeats_needed(&f, 0.02), 6);
    f.d = -0.02; /* as large as what the margin asks for */
    assert_int_equal(effect_repeats_needed(&f, 0.03), 6);
    f.d = 0.019;
    f.s = 0.5;
    assert_int_equal(effect_repeats_needed(&f, 0.02), EFFECT_REPEATS_MAX);
}

static void adjusts_by_holm(void **state)
{
    static const double even[] = {1, 1, 1, 1}, p[] = {0.01, NAN, 0.04, 0.03};
    static const double weights[] = {0.5, 0.1, 0.1, 0.1, 0.1, 0.1}, six[] = {0.02, 0.004, 0.5, 0.006, 1, 0.9};
    double adjusted[6];
    (void)state;
    holm_adjust(p, even, adjusted, 4); /* 3·0.01, 2·0.03, then no less */
    close_to(adjusted[0], 0.03, 1e-14);
    assert_true(isnan(adjusted[1]));
    close_to(adjusted[3], 0.06, 1e-14);
    close_to(adjusted[2], 0.06, 1e-14);
    holm_adjust(six, weights, adjusted, 6);
    close_to(adjusted[0], 0.04, 1e-12); /* 0.02 ÷ ½, at both its turns */
    close_to(adjusted[1], 0.04, 1e-12); /* 0.004·½ ÷ 0.1 = 0.02, but after the first */
    close_to(adjusted[3], 0.04, 1e-12);
    close_to(adjusted[2], 1, 1e-14);
    close_to(adjusted[4], 1, 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_quantiles),       cmocka_unit_test(knows_tails),
        cmocka_unit_test(fits_together),         cmocka_unit_test(fits_side_and_trend),
        cmocka_unit_test(takes_drift_out),       cmocka_unit_test(tells_nothing_of_two_units),
        cmocka_unit_test(adds_a_session),        cmocka_unit_test(tests_two_one_sided),
        cmocka_unit_test(counts_repeats_needed), cmocka_unit_test(adjusts_by_holm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
