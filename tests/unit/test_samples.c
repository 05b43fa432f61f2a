/* SPDX-License-Identifier: MIT */
/* Values that are kept packed: every one of them comes back, in order and as often as it was added. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/samples.h"
#include "formats/error.h"

#define MANY 60000

static uint64_t seed = 1;

static uint64_t random_bits(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed ^ seed >> 29;
}

static double any_double(void)
{
    double value;
    uint64_t bits = random_bits();
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 0;
}

/* Milliseconds of whole nanoseconds, thirds of such, of clocks that tick in fractions of a nanosecond, and
 * any. */
static double some_value(size_t i)
{
    double ns = (double)(random_bits() % 300000) - 1000;
    switch (i % 4) {
    case 0:
        return ns / 1e6;
    case 1:
        return ns / 1e6 / 3;
    case 2:
        return floor(ns) * 125 / 3 / 1e6;
    default:
        return any_double();
    }
}

static void expect_rising(struct samples *s, struct counted_value *want, size_t count)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value value;
    stats_sort_counted(want, count);
    for (size_t i = 0; i < count;) {
        uint64_t times = 0;
        double first = want[i].value;
        for (; i < count && !(want[i].value > first); i++)
            times += want[i].count;
        assert_int_equal(samples_next(&cursor, &value), 1);
        if (value.value > first || value.value < first || value.count != times)
            fail_msg("%.17g %llu times, not %.17g %llu times", value.value, (unsigned long long)value.count,
                     first, (unsigned long long)times);
    }
    assert_int_equal(samples_next(&cursor, &value), 0);
}

static size_t values_of(const struct samples *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->list_count; i++)
        count += s->lists[i].count;
    return count;
}

static size_t bytes_of(const struct samples *s)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->list_count; i++)
        bytes += s->lists[i].bytes.len;
    return bytes;
}

static void gives_every_value_back(void **state)
{
    struct samples s = {0}, other = {0}, none = {0};
    struct counted_value *want = calloc(MANY, sizeof *want);
    (void)state;
    assert_non_null(want);
    for (size_t i = 0; i < MANY; i++) {
        want[i] = (struct counted_value){some_value(i), 1 + random_bits() % 3};
        assert_int_equal(samples_add(i % 3 ? &s : &other, want[i].value, want[i].count), TT_OK);
    }
    assert_true(s.list_count > 1 && s.fresh_count > 0);
    assert_int_equal(samples_join(&s, &other), TT_OK);
    assert_int_equal(samples_join(&s, &none), TT_OK);
    assert_int_equal(samples_join(&none, &s), TT_OK);
    assert_true(s.total == 0 && other.total == 0);
    expect_rising(&none, want, MANY);
    samples_release(&none);
    free(want);
}

static void keeps_the_ends_of_the_range(void **state)
{
    static const double ends[] = {0,
                                  5e-324,
                                  -5e-324,
                                  1.7976931348623157e308,
                                  -1.7976931348623157e308,
                                  4503e6,
                                  4504e6,
                                  -4503e6,
                                  -4504e6,
                                  4503599627.370496,
                                  1e-6 / 3,
                                  -1e-6,
                                  -1e-6 / 3,
                                  4503599627.3704965,
                                  -4503599627.370497};
    enum { COUNT = sizeof ends / sizeof ends[0] };
    struct counted_value want[COUNT];
    struct samples s = {0};
    (void)state;
    for (size_t turn = 0; turn < 5000; turn++) {
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(samples_add(&s, ends[i], 1), TT_OK);
    }
    assert_int_equal(samples_add(&s, -0.0, 1), TT_OK);
    for (size_t i = 0; i < COUNT; i++)
        want[i] = (struct counted_value){ends[i], i ? 5000 : 5001};
    assert_true(s.list_count == 1 && s.lists[0].count == COUNT);
    expect_rising(&s, want, COUNT);
    samples_release(&s);
}

static void leaves_out_what_is_no_sample(void **state)
{
    struct samples s = {0};
    struct samples_cursor cursor;
    struct counted_value value;
    (void)state;
    assert_int_equal(samples_add(&s, NAN, 1), TT_OK);
    assert_int_equal(samples_add(&s, INFINITY, 1), TT_OK);
    assert_int_equal(samples_add(&s, 7, 0), TT_OK);
    assert_int_equal(samples_add(&s, -0.0, 1), TT_OK);
    cursor = samples_rising(&s);
    assert_int_equal(samples_next(&cursor, &value), 1);
    assert_false(signbit(value.value));
    samples_release(&s);
    cursor = samples_rising(&s);
    assert_int_equal(samples_next(&cursor, &value), 0);
    assert_int_equal(s.total, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(samples_add(&s, 7, UINT64_MAX - 1), TT_OK);
    cursor = samples_rising(&s);
    assert_int_equal(samples_next(&cursor, &value), 1);
    assert_true(s.total == UINT64_MAX && value.count == UINT64_MAX);
    samples_release(&s);
}

/* A million gaps of some 10 ms to the nanosecond: 16 MB as they come. */
static void is_small(void **state)
{
    struct samples s = {0};
    (void)state;
    for (size_t i = 0; i < 1000000; i++)
        assert_int_equal(samples_add(&s, (9990000 + (double)(random_bits() % 20000)) / 1e6, 1), TT_OK);
    assert_true(values_of(&s) <= 2 * 20000);
    assert_true(bytes_of(&s) <= 3 * values_of(&s));
    assert_true(s.fresh_capacity <= 16384);
    samples_release(&s);
}

/* Where the lists together are too long, what several of them have is kept once. */
static void makes_room(void **state)
{
    struct samples s = {.limit = 45000};
    (void)state;
    for (size_t i = 0; i < 500000; i++)
        assert_int_equal(samples_add(&s, (double)(i * 7919 % 20011) / 1e6, 1), TT_OK);
    assert_true(values_of(&s) >= 20000 && bytes_of(&s) <= 45000);
    samples_release(&s);
}

/* However many different ones there are, few stay as they came, and the lists are few. */
static void has_few_lists(void **state)
{
    struct samples s = {0};
    struct samples_cursor cursor;
    struct counted_value value;
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < 1000000; i++) {
        assert_int_equal(samples_add(&s, (double)(i * 7919 % 1000003) / 1e6, 1), TT_OK);
        assert_true(s.list_count <= 9 && s.fresh_capacity <= 16384);
    }
    for (cursor = samples_rising(&s); samples_next(&cursor, &value); count++)
        assert_int_equal(value.count, 1);
    assert_int_equal(count, 1000000);
    for (size_t i = 1; i < s.list_count; i++)
        assert_true(s.lists[i - 1].count > 2 * s.lists[i].count);
    samples_release(&s);
}

/* Values beyond all grains take ten bytes each. */
static void is_bounded(void **state)
{
    struct samples s = {.limit = 400000};
    int status = TT_OK;
    size_t count = 0;
    (void)state;
    for (; !status && count < 100000; count++)
        status = samples_add(&s, 1e10 + (double)count, 1);
    assert_int_equal(status, TT_LIMIT);
    assert_true(count > 20000);
    assert_true(bytes_of(&s) <= 400000);
    samples_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_every_value_back),
        cmocka_unit_test(keeps_the_ends_of_the_range),
        cmocka_unit_test(leaves_out_what_is_no_sample),
        cmocka_unit_test(is_small),
        cmocka_unit_test(makes_room),
        cmocka_unit_test(has_few_lists),
        cmocka_unit_test(is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
