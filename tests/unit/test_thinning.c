/* SPDX-License-Identifier: MIT */
/* Sensors while they pass: what is thinned says the same of every window that begins and ends at a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analyze/energy.h"
#include "analyze/tape_memory.h"
#include "analyze/tape_series.h"
#include "analyze/trail.h"
#include "formats/prng.h"
#include "made_tape.h"

#define TRIALS  300
#define POINTS  400
#define NEVER   UINT64_MAX
#define SECOND  UINT64_C(1000000000)
#define DELAY_S 20.0 /* moments become known that much later */

static double between(struct prng *random, double low, double high)
{
    return low + (high - low) * prng_unit(random);
}

/* Groups of moments as runs have them, with long times between. */
static void make_moments(struct prng *random, struct moments *moments, double end)
{
    for (double t = between(random, 0, 10); t < end; t += between(random, 1, 60)) {
        size_t n = 1 + (size_t)between(random, 0, 5);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(moments_add(moments, t + between(random, 0, 8)), 0);
    }
}

/* The moments up to `t`, as if nobody knew more yet. */
static struct moments known_at(const struct moments *all, double t)
{
    struct moments known = {all->at, 0, 0};
    while (known.count < all->count && all->at[known.count] <= t)
        known.count++;
    return known;
}

static void moments_are_kept_in_order(void **state)
{
    (void)state;
    static const double added[] = {5, 1, 3, NAN, 3, 9, 0};
    struct moments m = {0};
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++)
        assert_int_equal(moments_add(&m, added[i]), 0);
    assert_int_equal(m.count, 5);
    for (size_t i = 1; i < m.count; i++)
        assert_true(m.at[i - 1] < m.at[i]);
    assert_true(moments_any(&m, 1, 1) && moments_any(&m, 8.5, 9) && moments_any(&m, -4, 0));
    assert_false(moments_any(&m, 1.1, 2.9));
    assert_false(moments_any(&m, 9.1, INFINITY));
    moments_release(&m);
}

static double next_time(struct prng *random, double t)
{
    return t + (prng_unit(random) < 0.02 ? between(random, 3, 12) : between(random, 0.05, 0.6));
}

static uint64_t next_reading(struct prng *random, int is_gauge, uint64_t last)
{
    double chance = prng_unit(random);
    if (is_gauge)
        return (uint64_t)between(random, 1e3, 9e4);
    if (chance < 0.01)
        return 7; /* reset */
    return chance < 0.015 ? last + UINT64_C(900000000000) : last + (uint64_t)between(random, 0, 3e4);
}

static void expect_same(const struct energy_rail *whole, const struct energy_rail *thin, double from,
                        double to)
{
    struct energy_window a, b;
    energy_rail_window(whole, from, to, &a);
    energy_rail_window(thin, from, to, &b);
    assert_int_equal(a.codes, b.codes);
    assert_int_equal(isnan(a.joules), isnan(b.joules));
    assert_int_equal(isnan(a.uncertainty), isnan(b.uncertainty));
    if (!isnan(a.joules) && fabs(a.joules - b.joules) > 1e-9 * fabs(whole->points[whole->count - 1].joules))
        fail_msg("%.17g J became %.17g", a.joules, b.joules);
    if (!isnan(a.uncertainty))
        assert_true(a.uncertainty == b.uncertainty);
}

static void energy_of_windows_stays(void **state)
{
    (void)state;
    struct prng random;
    size_t left = 0, figures = 0;
    prng_seed(&random, 3);
    for (int trial = 0; trial < TRIALS; trial++) {
        int is_gauge = trial % 2;
        struct energy_rail whole, thin;
        struct moments all = {0};
        double t = 0;
        uint64_t raw = 1000;
        energy_rail_init(&whole, is_gauge, 1e-3, NEVER);
        energy_rail_init(&thin, is_gauge, 1e-3, NEVER);
        make_moments(&random, &all, 130);
        for (size_t i = 0; i < POINTS; i++, t = next_time(&random, t)) {
            raw = next_reading(&random, is_gauge, raw);
            assert_int_equal(energy_rail_add(&whole, t, raw), 0);
            assert_int_equal(energy_rail_add(&thin, t, raw), 0);
            const struct moments known = known_at(&all, t - DELAY_S / 2);
            if (prng_unit(&random) < 0.1)
                energy_rail_thin(&thin, &known, t - DELAY_S);
        }
        energy_rail_thin(&thin, &all, INFINITY);
        energy_rail_finish(&whole);
        energy_rail_finish(&thin);
        assert_int_equal(whole.codes, thin.codes);
        assert_true(whole.usual_s == thin.usual_s);
        for (size_t i = 0; i < all.count; i++) {
            for (size_t k = i + 1; k < all.count; k++, figures++)
                expect_same(&whole, &thin, all.at[i], all.at[k]);
        }
        left += thin.count;
        moments_release(&all);
        energy_rail_release(&whole);
        energy_rail_release(&thin);
    }
    assert_true(figures > TRIALS);
    assert_true(left < (size_t)TRIALS * POINTS / 3);
}

/* The reading before counts, as for levels. */
static uint64_t held(const struct trail *trail, double from, double to)
{
    size_t next = trail_from(trail, from);
    return trail_highest(trail, next ? next - 1 : 0, to);
}

static void levels_of_windows_stay(void **state)
{
    (void)state;
    struct prng random;
    size_t left = 0;
    prng_seed(&random, 4);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct trail whole = {0}, thin = {0};
        struct moments all = {0};
        double t = 0;
        make_moments(&random, &all, 130);
        for (size_t i = 0; i < POINTS; i++, t = next_time(&random, t)) {
            uint64_t value = (uint64_t)between(&random, 0, trial % 3 ? 5 : 1e6);
            assert_int_equal(trail_add(&whole, t, value), 0);
            assert_int_equal(trail_add(&thin, t, value), 0);
            const struct moments known = known_at(&all, t - DELAY_S / 2);
            if (prng_unit(&random) < 0.1)
                trail_thin(&thin, &known, t - DELAY_S);
        }
        trail_thin(&thin, &all, INFINITY);
        for (size_t i = 0; i < all.count; i++) {
            for (size_t k = i + 1; k < all.count; k++) {
                assert_int_equal(held(&whole, all.at[i], all.at[k]), held(&thin, all.at[i], all.at[k]));
                assert_int_equal(trail_highest(&whole, trail_from(&whole, all.at[i]), all.at[k]),
                                 trail_highest(&thin, trail_from(&thin, all.at[i]), all.at[k]));
                size_t a = trail_from(&whole, all.at[i]), b = trail_from(&thin, all.at[i]);
                assert_int_equal(a < whole.count, b < thin.count); /* the first one after, too */
                if (a < whole.count)
                    assert_int_equal(whole.points[a].value, thin.points[b].value);
            }
        }
        left += thin.count;
        moments_release(&all);
        trail_release(&whole);
        trail_release(&thin);
    }
    assert_true(left < (size_t)TRIALS * POINTS / 3);
}

/* All of the time is about as coarse, however often it was coarsened. */
static void coarse_is_even(void **state)
{
    (void)state;
    struct energy_rail rail;
    struct trail trail = {0};
    energy_rail_init(&rail, 0, 1, NEVER);
    for (size_t i = 0; i < 5000; i++) {
        energy_rail_add(&rail, (double)i, 3 * i + 1);
        assert_int_equal(trail_add(&trail, (double)i, i % 1000 == 500 ? 9 : 1), 0);
        if (rail.count >= 100)
            energy_rail_coarsen(&rail, (double)i / 50);
        if (trail.count >= 100)
            trail_coarsen(&trail, (double)i / 50);
        assert_true(rail.count < 100 && trail.count < 100);
    }
    energy_rail_coarsen(&rail, 100);
    trail_coarsen(&trail, 100);
    energy_rail_finish(&rail);
    assert_in_range(rail.count, 26, 52);
    assert_in_range(trail.count, 26, 52);
    for (size_t i = 2; i + 1 < rail.count; i++)
        assert_in_range(rail.points[i].t - rail.points[i - 1].t, 100, 500);
    for (double t = 0; t < 5000; t += 1000)
        assert_int_equal(trail_highest(&trail, trail_from(&trail, t), t + 999), 9);
    struct energy_window w;
    energy_rail_window(&rail, 0, 4999, &w);
    assert_true(w.joules == 3 * 4999.0 && w.codes == 0);
    energy_rail_release(&rail);
    trail_release(&trail);
}

/* Neither does it grow when no time passes. */
static void one_moment_is_one_point(void **state)
{
    (void)state;
    struct trail trail = {0};
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(trail_add(&trail, 7, i), 0);
    trail_coarsen(&trail, 0);
    assert_int_equal(trail.count, 1);
    assert_int_equal(trail.points[0].value, 9);
    trail_release(&trail);
}

static void a_trail_does_not_go_back(void **state)
{
    (void)state;
    struct trail trail = {0};
    assert_int_equal(trail_add(&trail, 5, 1), 0);
    assert_int_equal(trail_add(&trail, 4, 2), 0);
    assert_true(trail.points[1].t == 5);
    assert_int_equal(trail_highest(&trail, trail_from(&trail, 5), 5), 2);
    trail_release(&trail);
}

static const struct series_row process = {
    .kind = SERIES_RSS, .scope = SCOPE_ENGINE, .period_ns = SECOND / 10};

static void tape_with_rail_and_process(struct tape *tape)
{
    const struct series_row rail = made_rail("meter", SERIES_ENERGY, RAIL_CPU);
    made_tape_init(tape, "aa", NULL);
    made_tape_series(tape, &rail);
    made_tape_series(tape, &process);
}

static void read_for_a_run(struct tape *tape, uint64_t from)
{
    for (uint64_t t = from; t < from + 100 * SECOND; t += SECOND / 10) {
        made_tape_sample(tape, 0, t, ABSENT, t / 1000 * 40);
        made_tape_sample(tape, 1, t, ABSENT, 1000 + t % 77);
    }
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(tape_series_moment(tape, from + i * 30 * SECOND), 0);
}

/* A run of 100 s with 2 000 samples leaves some thirty points of them, however many runs there are. */
static void a_tape_holds_what_its_runs_need(void **state)
{
    (void)state;
    struct tape tape;
    tape_with_rail_and_process(&tape);
    for (uint64_t run = 0; run < 50; run++) {
        read_for_a_run(&tape, run * 100 * SECOND);
        tape_series_thin(&tape, (run * 100 + 90) * SECOND);
        assert_true(tape.held < 30 * run + 600);
    }
    assert_true(tape.series[0].count == 50 * 1000);
    tape_release(&tape);
}

/* Nothing can be given up while the run is under way: not to try at each block keeps long runs linear. */
static void thinning_waits_until_it_is_worth_it(void **state)
{
    (void)state;
    struct tape tape;
    const struct series_row rail = made_rail("meter", SERIES_ENERGY, RAIL_CPU);
    size_t thinned = 0;
    made_tape_init(&tape, "aa", NULL);
    made_tape_series(&tape, &rail);
    for (uint64_t i = 0; i < 400000; i++) {
        made_tape_sample(&tape, 0, i * SECOND / 10, ABSENT, i * 40);
        if (!tape_series_is_full(&tape))
            continue;
        tape_series_thin(&tape, SECOND);
        thinned++;
        assert_int_equal(tape.held, i + 1);
        assert_false(tape_series_is_full(&tape));
    }
    assert_in_range(thinned, 2, 20);
    tape_series_thin(&tape, 40000 * SECOND);
    assert_in_range(tape.held, 1, 200);
    tape_release(&tape);
}

/* Runs that are long over have left points behind, which are no reason to let samples pile up. */
static void what_is_settled_does_not_put_off_thinning(void **state)
{
    (void)state;
    struct tape tape;
    tape_with_rail_and_process(&tape);
    for (uint64_t run = 0; run < 1000; run++) {
        read_for_a_run(&tape, run * 100 * SECOND);
        tape_series_thin(&tape, (run * 100 + 90) * SECOND);
        assert_true(tape.thin_at - tape.held < 5000);
    }
    assert_true(tape.held > 10000);
    tape_release(&tape);
}

/* Stamped samples are kept twice for a while, which does not halve what a run may have. */
static void what_is_held_counts_samples(void **state)
{
    (void)state;
    struct tape tape;
    struct series_row rail = made_rail("meter", SERIES_ENERGY, RAIL_CPU);
    rail.stamp = made_text("native");
    made_tape_init(&tape, "aa", NULL);
    made_tape_series(&tape, &rail);
    for (uint64_t i = 0; i < 1000; i++)
        made_tape_sample(&tape, 0, i * SECOND, i * SECOND, i * 40);
    assert_int_equal(tape.held, 1000);
    tape_series_thin(&tape, 0);
    assert_int_equal(tape.held, 1000);
    tape_release(&tape);
}

static void memory_of_processes_adds_up(void **state)
{
    (void)state;
    static const struct sample_row samples[] = {{0, 1 * SECOND, 1, ABSENT, 50},
                                                {1, 11 * SECOND / 10, 1, ABSENT, 7},
                                                {0, 12 * SECOND / 10, 1, ABSENT, 40},
                                                {1, 13 * SECOND / 10, 1, ABSENT, 20},
                                                {0, 50 * SECOND, 1, ABSENT, 45}};
    struct tape tape;
    made_tape_init(&tape, "aa", NULL);
    made_tape_series(&tape, &process);
    made_tape_series(&tape, &process);
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        made_tape_sample(&tape, samples[i].series, samples[i].t, ABSENT, samples[i].value);
    assert_int_equal(tape_peak_rss(&tape, 0, 10 * SECOND), 60);
    assert_int_equal(tape_peak_rss(&tape, 0, 115 * SECOND / 100), 57);
    assert_int_equal(tape_peak_rss(&tape, 105 * SECOND / 100, 125 * SECOND / 100), 57);
    assert_int_equal(tape_peak_rss(&tape, 40 * SECOND, 60 * SECOND), 45);
    assert_int_equal(tape_peak_rss(&tape, 60 * SECOND, 70 * SECOND), ABSENT);
    assert_int_equal(tape_peak_rss(&tape, ABSENT, ABSENT), ABSENT);
    tape_release(&tape);
}

struct lane {
    uint64_t next; /* when its run begins or ends */
    size_t run;    /* under way; SIZE_MAX */
    uint64_t from;
};

/* A run begins with its row, and its figures come at its end. */
static void pass(struct lane *lane, struct tape *tape, struct prng *random)
{
    struct run_figures *run;
    if (lane->run == SIZE_MAX) {
        run = made_tape_run(tape, tape->run_count, PHASE_WARM, 1, 1);
        lane->run = tape->run_count - 1;
        lane->from = lane->next;
        run->t_close = ABSENT;
    } else {
        run = &tape->runs[lane->run];
        run->t_zero = lane->from;
        run->t_close = prng_unit(random) < 0.1 ? ABSENT : lane->next;
        run->is_given = prng_unit(random) < 0.1;
        run->peak_rss_bytes = run->is_given ? 3 : ABSENT;
        lane->run = SIZE_MAX;
    }
    lane->next += (uint64_t)between(random, 0, 20e9);
}

/* Two conversations at once; what no run asks for any more is given up now and then. */
static void read_beside(struct prng *random, struct tape *tape, struct tape *whole)
{
    struct lane lanes[2] = {{(uint64_t)between(random, 0, 9e9), SIZE_MAX, 0},
                            {(uint64_t)between(random, 0, 9e9), SIZE_MAX, 0}};
    for (uint64_t t = 0; t < 200 * SECOND; t += (uint64_t)between(random, 1e7, 9e8)) {
        uint64_t settled = t;
        for (size_t i = 0; i < 2; i++) {
            while (lanes[i].next <= t)
                pass(&lanes[i], tape, random);
            if (lanes[i].run != SIZE_MAX && lanes[i].from < settled)
                settled = lanes[i].from;
        }
        uint64_t value = 1 + (uint64_t)between(random, 0, 1e4);
        made_tape_sample(tape, 0, t, ABSENT, value);
        made_tape_sample(whole, 0, t, ABSENT, value);
        if (prng_unit(random) < 0.1)
            tape_series_thin(tape, settled);
    }
}

static void memory_of_runs_stays_though_its_sums_are_given_up(void **state)
{
    (void)state;
    struct prng random;
    size_t left = 0, runs = 0, given_up = 0;
    prng_seed(&random, 5);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct tape tape, whole;
        made_tape_init(&tape, "aa", NULL);
        made_tape_init(&whole, "aa", NULL);
        made_tape_series(&tape, &process);
        made_tape_series(&whole, &process);
        read_beside(&random, &tape, &whole);
        left += tape.rss_sums.count;
        given_up += whole.rss_sums.count - tape.rss_sums.count;
        tape_memory_settle(&tape, INFINITY);
        for (size_t i = 0; i < tape.run_count; i++, runs++) {
            const struct run_figures *run = &tape.runs[i];
            uint64_t peak = tape_peak_rss(&whole, run->t_zero, run->t_close);
            assert_int_equal(run->peak_rss_bytes, run->is_given ? 3 : peak);
        }
        tape_release(&tape);
        tape_release(&whole);
    }
    assert_true(runs > 10 * (size_t)TRIALS && given_up > 2 * left);
}

/* More of them than are added up, but never two at one time; the first ones declared have no samples at all.
 */
static void memory_of_every_restarted_process_counts(void **state)
{
    (void)state;
    struct tape tape;
    uint64_t count = 3 * TAPE_PROCESSES_MAX;
    made_tape_init(&tape, "aa", NULL);
    for (uint64_t i = 0; i < count; i++)
        made_tape_series(&tape, &process);
    for (uint64_t i = TAPE_PROCESSES_MAX; i < count; i++)
        made_tape_sample(&tape, i, i * 10 * SECOND, ABSENT, 1000 + i);
    for (uint64_t i = TAPE_PROCESSES_MAX; i < count; i++)
        assert_int_equal(tape_peak_rss(&tape, i * 10 * SECOND, i * 10 * SECOND + 1), 1000 + i);
    tape_release(&tape);
}

/* 1.1 - 0.6 is more than 0.5 in binary. */
static void a_process_is_held_for_exactly_its_time(void **state)
{
    (void)state;
    struct tape tape;
    made_tape_init(&tape, "aa", NULL);
    made_tape_series(&tape, &process);
    made_tape_series(&tape, &process);
    made_tape_sample(&tape, 0, 0, ABSENT, 1);
    made_tape_sample(&tape, 0, 6 * SECOND / 10, ABSENT, 10);
    made_tape_sample(&tape, 1, 11 * SECOND / 10, ABSENT, 100);
    assert_int_equal(tape_whole_peak_rss(&tape), 110);
    made_tape_sample(&tape, 1, 11 * SECOND / 10 + 1, ABSENT, 105);
    assert_int_equal(tape_whole_peak_rss(&tape), 110);
    tape_release(&tape);
}

/* Its highest sum is all that is asked for. */
static void footprints_leave_no_points(void **state)
{
    (void)state;
    struct tape tape;
    const struct series_row footprint = {.kind = SERIES_FOOTPRINT, .scope = SCOPE_ENGINE};
    made_tape_init(&tape, "aa", NULL);
    made_tape_series(&tape, &footprint);
    for (uint64_t i = 0; i < 100; i++)
        made_tape_sample(&tape, 0, i * SECOND, ABSENT, 1000 + i % 7);
    assert_int_equal(tape_peak_footprint(&tape), 1006);
    assert_int_equal(tape_peak_rss(&tape, 0, 100 * SECOND), ABSENT);
    assert_int_equal(tape.rss_sums.count, 0);
    tape_release(&tape);
}

/* What no figure is made of is not held, and does not count against the limit. */
static void other_machines_and_kinds_are_not_held(void **state)
{
    (void)state;
    struct tape tape;
    struct series_row rail = made_rail("meter", SERIES_ENERGY, RAIL_CPU);
    const struct series_row swap = {.kind = SERIES_SWAP_USED, .scope = SCOPE_ENGINE};
    rail.scope = SCOPE_HOST;
    made_tape_init(&tape, "aa", NULL);
    made_tape_series(&tape, &rail);
    made_tape_series(&tape, &swap);
    for (uint64_t i = 0; i < 100; i++)
        made_tape_sample(&tape, i % 2, i * SECOND, ABSENT, i * 40);
    assert_int_equal(tape.series[0].count, 50);
    assert_int_equal(tape.series[0].rail.by_reading.count, 0);
    assert_int_equal(tape.held, 0);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_kept_in_order),
        cmocka_unit_test(energy_of_windows_stays),
        cmocka_unit_test(levels_of_windows_stay),
        cmocka_unit_test(coarse_is_even),
        cmocka_unit_test(one_moment_is_one_point),
        cmocka_unit_test(a_trail_does_not_go_back),
        cmocka_unit_test(a_tape_holds_what_its_runs_need),
        cmocka_unit_test(thinning_waits_until_it_is_worth_it),
        cmocka_unit_test(what_is_settled_does_not_put_off_thinning),
        cmocka_unit_test(what_is_held_counts_samples),
        cmocka_unit_test(memory_of_processes_adds_up),
        cmocka_unit_test(memory_of_runs_stays_though_its_sums_are_given_up),
        cmocka_unit_test(memory_of_every_restarted_process_counts),
        cmocka_unit_test(a_process_is_held_for_exactly_its_time),
        cmocka_unit_test(footprints_leave_no_points),
        cmocka_unit_test(other_machines_and_kinds_are_not_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
