/* SPDX-License-Identifier: MIT */
/* Energy of windows: exact where it can be, bounded where it cannot, and absent with a reason elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analyze/energy.h"
#include "formats/prng.h"

#define UJ    1e-6
#define NEVER UINT64_MAX

static void close_to(double value, double wanted, double relative)
{
    if (!(fabs(value - wanted) <= relative * fabs(wanted)))
        fail_msg("%.17g is not %.17g", value, wanted);
}

static struct energy_window window_of(const struct energy_rail *rail, double from, double to)
{
    struct energy_window window;
    energy_rail_window(rail, from, to, &window);
    return window;
}

/* A counter at 50 W from t = 0, published every `step` seconds. */
static void make_ramp(struct energy_rail *rail, double step, size_t count, uint64_t start, uint64_t wrap)
{
    energy_rail_init(rail, 0, UJ, wrap);
    for (size_t i = 0; i < count; i++) {
        uint64_t raw = start + (uint64_t)(5e7 * step * (double)i + 0.5);
        energy_rail_add(rail, step * (double)i, wrap == NEVER ? raw : raw % (wrap + 1));
    }
    energy_rail_finish(rail);
}

static void ramp_is_exact(void **state)
{
    (void)state;
    struct energy_rail rail;
    make_ramp(&rail, 0.1, 1000, 12345, NEVER);
    struct energy_window w = window_of(&rail, 3.21, 47.654);
    close_to(w.joules, 50 * (47.654 - 3.21), 1e-9);
    assert_true(w.uncertainty < 1e-6 && w.codes == 0);
    close_to(window_of(&rail, 0, 0.1).joules + window_of(&rail, 0.1, 7).joules, 350, 1e-9);
    energy_rail_release(&rail);
}

static void wraps(void **state)
{
    (void)state;
    struct energy_rail rail;
    make_ramp(&rail, 0.5, 100, 260000000, 262143328); /* as a 32-bit counter in a unit of its own */
    close_to(window_of(&rail, 1.3, 40.7).joules, 50 * 39.4, 1e-9);
    assert_int_equal(rail.codes, 0);
    energy_rail_release(&rail);
}

/* Publications of 2.1 s, and a power between 40 and 60 W. */
static void uncertainty_of_rare_publications(void **state)
{
    (void)state;
    struct energy_rail rail;
    const double powers[] = {50, 40, 50, 60, 50};
    double energy = 0;
    energy_rail_init(&rail, 0, UJ, NEVER);
    energy_rail_add(&rail, 0, 0);
    for (int i = 0; i < 5; i++) {
        energy += powers[i] * 2.1;
        energy_rail_add(&rail, 2.1 * (i + 1), (uint64_t)(energy * 1e6 + 0.5));
    }
    energy_rail_finish(&rail);
    close_to(rail.power_min, 40, 1e-9);
    close_to(rail.power_max, 60, 1e-9);
    /* From the middle of a publication of 50 W: 1.05 s that may have had 40 to 60 W, so ± 10.5 J; at the
     * other end 0.05 s into a publication of 60 W, the most there is, so that nothing is open. */
    struct energy_window w = window_of(&rail, 1.05, 6.35);
    close_to(w.joules, 1.05 * 50 + 2.1 * 40 + 2.1 * 50 + 0.05 * 60, 1e-9);
    close_to(w.uncertainty, 10.5, 1e-9);
    w = window_of(&rail, 1.05, 1.05 + 3.2); /* ends 0.05 s into a publication of 50 W: ± 0.5 J more */
    close_to(w.joules, 1.05 * 50 + 2.1 * 40 + 0.05 * 50, 1e-9);
    /* 0.05 s of 40 W and the rest at most 50.24 W; of 60 W likewise. */
    close_to(w.uncertainty, 11, 1e-9);
    assert_true(w.uncertainty / w.joules < 0.09);
    w = window_of(&rail, 1.05, 2.05);
    assert_true(isnan(w.joules) && isnan(w.uncertainty));
    assert_string_equal(energy_reason(w.codes), "window shorter than publication");
    w = window_of(&rail, 2.0, 3.0); /* the same over a boundary */
    assert_true(isnan(w.joules));
    energy_rail_release(&rail);
}

/* Publications of 1 s at 10, 15 and 90 W; a window from 0.1 s into that of 15 J. The part behind has at least
 * 0.9 s × 10 W = 9 J, at most 15 − 0.1 s × 10 W = 14 J, and 13.5 J if power was even. It may have been 60 W
 * for 0.1 s and 10 W after: 9 J, which is 4.5 J away, while half of 9 … 14 is only 2.5. */
static void the_farther_end_is_the_uncertainty(void **state)
{
    (void)state;
    static const uint64_t raw[] = {0, 10000000, 25000000, 115000000, 125000000};
    struct energy_rail rail;
    energy_rail_init(&rail, 0, UJ, NEVER);
    for (int i = 0; i < 5; i++)
        energy_rail_add(&rail, i, raw[i]);
    energy_rail_finish(&rail);
    struct energy_window w = window_of(&rail, 1.1, 3);
    close_to(w.joules, 13.5 + 90, 1e-9);
    close_to(w.uncertainty, 4.5, 1e-9);
    assert_true(w.joules - w.uncertainty <= 9 + 90 + 1e-9);
    assert_true(w.joules - 2.5 > 9 + 90);
    energy_rail_release(&rail);
}

static void resets_and_leaps(void **state)
{
    (void)state;
    struct energy_rail rail;
    energy_rail_init(&rail, 0, UJ, NEVER);
    const uint64_t raw[] = {1000000, 2000000, 3000000, 500000, 1500000, 900000000000, 900001000000};
    for (int i = 0; i < 7; i++)
        energy_rail_add(&rail, i, raw[i]);
    energy_rail_finish(&rail);
    assert_int_equal(rail.codes, ENERGY_WAS_RESET | ENERGY_IMPLAUSIBLE);
    close_to(window_of(&rail, 0.5, 2).joules, 1.5, 1e-9);
    assert_string_equal(energy_reason(window_of(&rail, 0.5, 3.5).codes), "the counter was reset");
    assert_string_equal(energy_reason(window_of(&rail, 3.5, 5.5).codes),
                        "the counter made an implausible step");
    close_to(window_of(&rail, 5, 6).joules, 1, 1e-9);
    close_to(rail.power_max, 1, 1e-9); /* neither counts as power */
    energy_rail_release(&rail);
}

static void frozen_and_uncovered(void **state)
{
    (void)state;
    struct energy_rail rail;
    energy_rail_init(&rail, 0, UJ, NEVER);
    assert_int_equal(window_of(&rail, 0, 1).codes, ENERGY_NOT_COVERED);
    for (int i = 0; i < 100; i++)
        energy_rail_add(&rail, i, 77);
    energy_rail_finish(&rail);
    assert_int_equal(rail.count, 1);
    assert_string_equal(energy_reason(window_of(&rail, 10, 20).codes), "the rail is frozen");
    energy_rail_release(&rail);

    make_ramp(&rail, 1, 10, 0, NEVER);
    assert_int_equal(window_of(&rail, -0.5, 5).codes, ENERGY_NOT_COVERED);
    assert_int_equal(window_of(&rail, 5, 9.5).codes, ENERGY_NOT_COVERED);
    assert_int_equal(window_of(&rail, 5, 5).codes, ENERGY_NOT_COVERED);
    assert_int_equal(window_of(&rail, 7, 2).codes, ENERGY_NOT_COVERED);
    assert_int_equal(window_of(&rail, NAN, 2).codes, ENERGY_NOT_COVERED);
    close_to(window_of(&rail, 0, 9).joules, 450, 1e-9);
    energy_rail_release(&rail);
}

static void gauges(void **state)
{
    (void)state;
    struct energy_rail rail;
    energy_rail_init(&rail, 1, 1e-3, NEVER);
    for (int i = 0; i <= 10; i++)
        energy_rail_add(&rail, i, (uint64_t)(1000 * i)); /* i watts at i seconds */
    energy_rail_add(&rail, 20, 10000);
    energy_rail_finish(&rail);
    struct energy_window w = window_of(&rail, 2.5, 7.25);
    close_to(w.joules, (7.25 * 7.25 - 2.5 * 2.5) / 2, 1e-9);
    assert_true(isnan(w.uncertainty) && w.codes == 0);
    assert_int_equal(window_of(&rail, 5, 19).codes, ENERGY_HAS_GAP);
    energy_rail_release(&rail);
    energy_rail_init(&rail, 1, 1, NEVER);
    for (uint64_t i = 0; i < 6; i++)
        energy_rail_add(&rail, (double)i, i == 2 ? UINT64_C(1) << 60 : 7); /* no machine takes that */
    energy_rail_finish(&rail);
    assert_int_equal(window_of(&rail, 0.5, 2.5).codes, ENERGY_IMPLAUSIBLE);
    close_to(window_of(&rail, 3, 5).joules, 14, 1e-12);
    close_to(rail.power_max, 7, 1e-12);
    energy_rail_release(&rail);
    energy_rail_init(&rail, 1, 1, NEVER);
    energy_rail_add(&rail, 0, (uint64_t)-5); /* a battery that charges */
    energy_rail_add(&rail, 2, (uint64_t)-5);
    energy_rail_finish(&rail);
    close_to(window_of(&rail, 0, 2).joules, -10, 1e-9);
    energy_rail_release(&rail);
}

/* Power changes every 0.1 s between 10 and 90 W; some whole publication is at either end of that. */
#define SLICES 400
#define SLICE  0.1

static void truth(double power[SLICES], size_t publication, struct prng *random)
{
    for (size_t i = 0; i < SLICES; i++)
        power[i] = i < publication                              ? 10
                   : i < 2 * publication                        ? 90
                   : prng_unit(random) < 0.5 && i && i % 7 != 0 ? power[i - 1]
                                                                : 10 + 80 * prng_unit(random);
}

static double true_energy(const double power[SLICES], double t)
{
    size_t whole = (size_t)(t / SLICE), i = 0;
    double sum = 0;
    for (; i < whole && i < SLICES; i++)
        sum += power[i] * SLICE;
    return sum + (i < SLICES ? power[i] * (t - (double)whole * SLICE) : 0);
}

static void truth_lies_within_the_uncertainty(void **state)
{
    (void)state;
    struct prng random;
    size_t figures = 0;
    prng_seed(&random, 7);
    for (int trial = 0; trial < 10000; trial++) {
        double power[SLICES];
        struct energy_rail rail;
        size_t publication = 1 + (size_t)(prng_unit(&random) * 25);
        truth(power, publication, &random);
        energy_rail_init(&rail, 0, 1e-9, NEVER);
        for (size_t i = 0; i <= SLICES; i += publication)
            energy_rail_add(&rail, SLICE * (double)i,
                            (uint64_t)(1e9 * true_energy(power, SLICE * (double)i) + 1e-6));
        energy_rail_finish(&rail);
        double from = 5 + 10 * prng_unit(&random), to = from + 20 * prng_unit(&random);
        struct energy_window w = window_of(&rail, from, to);
        double wanted = true_energy(power, to) - true_energy(power, from);
        if (!isnan(w.joules) && !(fabs(w.joules - wanted) <= w.uncertainty + 1e-6))
            fail_msg("trial %d: %.9g ± %.9g J, but %.9g in truth", trial, w.joules, w.uncertainty, wanted);
        figures += isnan(w.joules) ? 0 : 1;
        energy_rail_release(&rail);
    }
    assert_true(figures > 8000);
}

static void units(void **state)
{
    (void)state;
    close_to(energy_unit("uJ"), 1e-6, 0);
    close_to(energy_unit("mW"), 1e-3, 0);
    assert_true(isnan(energy_unit("horsepower")) && isnan(energy_unit("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ramp_is_exact),
        cmocka_unit_test(wraps),
        cmocka_unit_test(uncertainty_of_rare_publications),
        cmocka_unit_test(the_farther_end_is_the_uncertainty),
        cmocka_unit_test(resets_and_leaps),
        cmocka_unit_test(frozen_and_uncovered),
        cmocka_unit_test(gauges),
        cmocka_unit_test(truth_lies_within_the_uncertainty),
        cmocka_unit_test(units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
