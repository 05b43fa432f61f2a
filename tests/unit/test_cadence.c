/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/cadence.h"

#define MS ((uint64_t)1000000)

static void test_a_cheap_source_takes_every_step(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 100 * MS, 0, 50000);
    assert_int_equal(c.next_step, 0);
    assert_int_equal(cadence_period_ns(&c), 100 * MS);
    cadence_done(&c, 0, 0, 60000, 1);
    assert_int_equal(c.next_step, 1);
    cadence_done(&c, 1, 1, 500000, 1); /* one slow read: the median of two is the higher one */
    assert_int_equal(c.next_step, 2);
}

static void test_cost_stretches_the_period(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 100 * MS, 0, 0);
    for (uint64_t i = 0; i < 20; i++)
        cadence_done(&c, c.next_step, c.next_step, 9 * MS / 2, 1);
    assert_int_equal(cadence_cost_ns(&c), 9 * MS / 2);
    assert_int_equal(cadence_period_ns(&c), 900 * MS); /* 200 × 4.5 ms */
    for (uint64_t i = 0; i < 20; i++)
        cadence_done(&c, c.next_step, c.next_step, 501000, 1);
    assert_int_equal(cadence_period_ns(&c), 200 * MS); /* 100.2 ms does not fit in one step */
}

static void test_one_slow_read_does_not_slow_the_source_down(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 100 * MS, 0, 0);
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t before = c.next_step, cost = i % 4 == 3 ? 80 * MS : 100000;
        cadence_done(&c, before, before, cost, 1);
        if (i >= 4)
            assert_int_equal(c.next_step, before + 1);
    }
}

static void test_own_period_and_first_cost(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 100 * MS, 1000 * MS, 0);
    cadence_done(&c, 0, 0, 1000, 1);
    assert_int_equal(c.next_step, 10);
    cadence_init(&c, 100 * MS, 0, 5 * MS);
    assert_int_equal(cadence_period_ns(&c), 1000 * MS);
    cadence_init(&c, 1000 * MS, 0, 0); /* a source that costs nothing measurable */
    cadence_done(&c, 3, 3, 0, 1);
    assert_int_equal(c.next_step, 4);
}

static void test_missed_deadlines_are_skipped(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 100 * MS, 0, 0);
    cadence_done(&c, 5, 55, 1000, 1); /* the machine was busy for five seconds */
    assert_int_equal(c.next_step, 56);
}

static void test_failures_back_off_and_one_success_forgives(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 100 * MS, 0, 0);
    uint64_t expected[] = {2, 4, 8, 16, 32, 64, 64, 64};
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint64_t before = c.next_step;
        cadence_done(&c, before, before, 1000, 0);
        assert_int_equal(c.next_step - before, expected[i]);
    }
    cadence_done(&c, 1000, 1000, 1000, 1);
    assert_int_equal(c.next_step, 1001);
}

static void test_absurd_costs_do_not_overflow(void **state)
{
    (void)state;
    struct cadence c;
    cadence_init(&c, 1, UINT64_MAX, UINT64_MAX);
    assert_true(cadence_period_ns(&c) == UINT64_MAX);
    cadence_done(&c, 7, 9, UINT64_MAX, 0);
    assert_true(c.next_step == UINT64_MAX);
    cadence_init(&c, 1000, 0, 0);
    cadence_done(&c, 7, 9, UINT64_MAX / 2, 1);
    assert_true(c.next_step > 9);
}

static struct cadence costing(uint64_t cost_ns, uint64_t min_period_ns)
{
    struct cadence c;
    cadence_init(&c, 100 * MS, min_period_ns, cost_ns);
    return c;
}

/* In thousandths of a core: what sources at that factor take together. */
static double load_of(struct cadence *sources, size_t count)
{
    const struct cadence *all[8];
    double load = 0;
    for (size_t i = 0; i < count; i++)
        all[i] = &sources[i];
    uint64_t factor = cadence_shared_factor(all, count);
    for (size_t i = 0; i < count; i++) {
        sources[i].factor = factor;
        load += 1000.0 * (double)cadence_cost_ns(&sources[i]) / (double)cadence_period_ns(&sources[i]);
    }
    return load;
}

static void test_sources_share_their_time(void **state)
{
    (void)state;
    struct cadence cheap[3] = {costing(50000, 0), costing(200000, 1000 * MS), costing(0, 0)};
    assert_true(load_of(cheap, 3) < 1);
    assert_int_equal(cheap[0].factor, CADENCE_COST_FACTOR);

    struct cadence mixed[4] = {costing(4500000, 0), costing(50000, 0), costing(1000000, 0),
                               costing(4500000, 0)};
    assert_true(load_of(mixed, 4) <= 4);
    assert_int_equal(cadence_period_ns(&mixed[1]), 100 * MS); /* the cheap one keeps its pace */
    assert_true(cadence_period_ns(&mixed[2]) < cadence_period_ns(&mixed[0]));

    struct cadence absurd[2] = {costing(UINT64_MAX, 0), costing(UINT64_MAX, 0)};
    load_of(absurd, 2);
    assert_true(cadence_period_ns(&absurd[0]) == UINT64_MAX / (100 * MS) * (100 * MS) ||
                cadence_period_ns(&absurd[0]) == UINT64_MAX);
    assert_int_equal(cadence_shared_factor(NULL, 0), CADENCE_COST_FACTOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cheap_source_takes_every_step),
        cmocka_unit_test(test_cost_stretches_the_period),
        cmocka_unit_test(test_one_slow_read_does_not_slow_the_source_down),
        cmocka_unit_test(test_own_period_and_first_cost),
        cmocka_unit_test(test_missed_deadlines_are_skipped),
        cmocka_unit_test(test_failures_back_off_and_one_success_forgives),
        cmocka_unit_test(test_absurd_costs_do_not_overflow),
        cmocka_unit_test(test_sources_share_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
