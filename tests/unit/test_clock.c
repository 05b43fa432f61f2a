/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "record/clock.h"

static void test_ticks_never_go_back(void **state)
{
    (void)state;
    uint64_t before = clock_ticks();
    assert_int_not_equal(before, 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t now = clock_ticks();
        assert_true(now >= before);
        before = now;
    }
}

static void test_scale_is_exact_where_a_product_would_overflow(void **state)
{
    (void)state;
    /* 24 MHz ticks: 125 ÷ 3. Ten years of them times 125 does not fit in 64 bits. */
    uint64_t ten_years = (uint64_t)24000000 * 3600 * 24 * 3652;
    assert_int_equal(clock_scale(ten_years, 125, 3), (uint64_t)3600 * 24 * 3652 * 1000000000);
    assert_int_equal(clock_scale((uint64_t)1 << 62, 125, 125), (uint64_t)1 << 62);
    assert_int_equal(clock_scale(UINT64_MAX - 1, 1, 1), UINT64_MAX - 1);
    assert_int_equal(clock_scale(7, 125, 3), 291); /* 291.67, cut */
    assert_int_equal(clock_scale(0, 125, 3), 0);
    assert_int_equal(clock_scale(5, 0, 3), 0);
}

static void test_scale_saturates(void **state)
{
    (void)state;
    assert_int_equal(clock_scale(UINT64_MAX / 2, 125, 3), UINT64_MAX);
    assert_int_equal(clock_scale(UINT64_MAX, 1, 1), UINT64_MAX);
    assert_int_equal(clock_scale(3, UINT64_MAX, 4), UINT64_MAX); /* the remainder's product does not fit */
}

static void test_conversions_are_inverse(void **state)
{
    (void)state;
    uint64_t ticks = clock_ns_to_ticks(1000000000);
    uint64_t back = clock_ticks_to_ns(ticks);
    assert_in_range(back, 999999900, 1000000000);
    uint64_t year = (uint64_t)3600 * 24 * 365 * 1000000000;
    assert_in_range(clock_ticks_to_ns(clock_ns_to_ticks(year)), year - 100, year);
}

static void test_describe(void **state)
{
    (void)state;
    struct clock_info info;
    uint64_t begin = clock_ticks();
    clock_describe(&info);
    uint64_t took = clock_ticks_to_ns(clock_ticks() - begin);
    assert_true(strlen(info.name) > 5);
    assert_true(info.numer > 0 && info.denom > 0);
    assert_true(info.resolution_ticks > 0 && clock_ticks_to_ns(info.resolution_ticks) < 1000000);
    assert_true(info.read_cost_ns < 100000);
    assert_true(took < 500000000); /* a millisecond on bare metal; slow under instrumentation */
}

static void test_triple_is_bracketed_and_near_the_wall_clock(void **state)
{
    (void)state;
    struct clock_row row;
    uint64_t before = clock_ticks();
    clock_triple(&row);
    uint64_t after = clock_ticks();
    assert_true(row.native >= before && row.native <= after);
    assert_true(row.width <= after - before);
    assert_true(row.native - before >= row.width / 2);
    assert_true(row.native + row.width / 2 <= after);
    uint64_t wall = (uint64_t)time(NULL);
    assert_in_range(row.realtime_ns / 1000000000, wall - 1, wall + 1);
    int64_t offset = (int64_t)row.utc_offset_s;
    assert_true(offset >= -14 * 3600 && offset <= 14 * 3600);
}

static void test_triples_advance_together(void **state)
{
    (void)state;
    struct clock_row first, second;
    clock_triple(&first);
    clock_sleep_until(clock_ticks() + clock_ns_to_ticks(20000000));
    clock_triple(&second);
    uint64_t native = clock_ticks_to_ns(second.native - first.native);
    uint64_t through_sleep = second.through_sleep_ns - first.through_sleep_ns;
    uint64_t slack = clock_ticks_to_ns(first.width + second.width) + 1000;
    assert_true(native >= 20000000);
    assert_true(through_sleep + slack >= native && through_sleep <= native + slack);
}

static void test_sleep_until_keeps_an_absolute_deadline(void **state)
{
    (void)state;
    uint64_t deadline = clock_ticks() + clock_ns_to_ticks(30000000);
    clock_sleep_until(deadline);
    assert_true(clock_ticks() >= deadline);
    uint64_t before = clock_ticks();
    clock_sleep_until(1); /* long past: returns at once */
    assert_true(clock_ticks_to_ns(clock_ticks() - before) < 20000000);
}

static void test_thread_cpu_counts_work_and_not_sleep(void **state)
{
    (void)state;
    uint64_t begin = clock_thread_cpu_ns();
    clock_sleep_until(clock_ticks() + clock_ns_to_ticks(50000000));
    uint64_t slept = clock_thread_cpu_ns();
    assert_true(slept - begin < 25000000);
    while (clock_thread_cpu_ns() - slept < 2000000)
        ;
}

static void test_boot_id_is_a_stable_hash(void **state)
{
    (void)state;
    char first[65], second[65];
    clock_boot_id(first);
    clock_boot_id(second);
    assert_string_equal(first, second);
    if (first[0]) {
        assert_int_equal(strlen(first), 64);
        assert_int_equal(strspn(first, "0123456789abcdef"), 64);
    }
}

/* A triple so many milliseconds of each clock after an arbitrary start. */
static struct clock_row triple_at(uint64_t native_ms, uint64_t through_sleep_ms, uint64_t realtime_ms)
{
    return (struct clock_row){.native = clock_ns_to_ticks((1000 + native_ms) * 1000000),
                              .through_sleep_ns = (5000 + through_sleep_ms) * 1000000,
                              .realtime_ns = (70000 + realtime_ms) * 1000000};
}

static void test_sleep_is_told_from_a_step_of_the_wall_clock(void **state)
{
    (void)state;
    struct clock_row before = triple_at(0, 0, 0);
    static const struct {
        uint64_t native, through_sleep, realtime;
        int slept;
    } cases[] = {
        {2000, 2000, 2000, 0},   {2000, 2040, 2040, 0},  {2000, 2060, 2060, 1}, {2000, 62000, 62000, 1},
        {2000, 2000, 602000, 0}, {30000, 30000, 100, 0}, /* the wall clock set forward, and back */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct clock_row after = triple_at(cases[i].native, cases[i].through_sleep, cases[i].realtime);
        assert_int_equal(clock_slept(&before, &after), cases[i].slept);
    }
}

/* Milliseconds after the start of triple_at, to the nearest. */
static uint64_t native_ms_of(const struct clock_row *triples, size_t count, uint64_t realtime_ms)
{
    uint64_t ticks = clock_native_of(triples, count, (70000 + realtime_ms) * 1000000);
    return (clock_ticks_to_ns(ticks) + 500000) / 1000000 - 1000;
}

static void test_wall_clock_times_before_and_after_a_step(void **state)
{
    (void)state;
    const struct clock_row triples[] = {triple_at(0, 0, 0), triple_at(1000, 1000, 1000),
                                        triple_at(2000, 2000, 602000), triple_at(3000, 3000, 603000)};
    assert_int_equal(native_ms_of(triples, 4, 500), 500);
    assert_int_equal(native_ms_of(triples, 4, 1700), 1700);
    assert_int_equal(native_ms_of(triples, 4, 602000), 2000);
    assert_int_equal(native_ms_of(triples, 4, 602900), 2900);
    assert_int_equal(native_ms_of(triples, 4, 604500), 4500);
    assert_int_equal(native_ms_of(&triples[1], 1, 400), 400);  /* before the first */
    assert_int_equal(clock_native_of(triples, 4, 1000000), 0); /* an hour before time began */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks_never_go_back),
        cmocka_unit_test(test_scale_is_exact_where_a_product_would_overflow),
        cmocka_unit_test(test_scale_saturates),
        cmocka_unit_test(test_sleep_is_told_from_a_step_of_the_wall_clock),
        cmocka_unit_test(test_wall_clock_times_before_and_after_a_step),
        cmocka_unit_test(test_conversions_are_inverse),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_triple_is_bracketed_and_near_the_wall_clock),
        cmocka_unit_test(test_triples_advance_together),
        cmocka_unit_test(test_sleep_until_keeps_an_absolute_deadline),
        cmocka_unit_test(test_thread_cpu_counts_work_and_not_sleep),
        cmocka_unit_test(test_boot_id_is_a_stable_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
