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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks_never_go_back),
        cmocka_unit_test(test_scale_is_exact_where_a_product_would_overflow),
        cmocka_unit_test(test_scale_saturates),
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
