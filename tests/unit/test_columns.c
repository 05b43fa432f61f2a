/* SPDX-License-Identifier: MIT */
/* Packing columns is exact for any values, and unpacking survives any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/column.h"

static uint64_t seed = 42;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void expect_round_trip(const uint64_t *values, size_t n, enum column_encoding encoding)
{
    struct buf packed = BUF_INIT;
    struct cuts cuts = {0};
    uint64_t *back = malloc((n + 1) * sizeof *back);
    assert_int_equal(column_pack_u64(encoding, values, n, &packed, &cuts), TT_OK);
    struct bytes in = {packed.data, packed.len};
    assert_int_equal(column_unpack_u64(encoding, in, back, n), TT_OK);
    assert_memory_equal(back, values, n * sizeof *back);
    for (size_t i = 1; i < cuts.count; i++)
        assert_true(cuts.at[i] > cuts.at[i - 1] && cuts.at[i] <= packed.len);
    for (size_t len = 0; len < packed.len && len < 64; len++) {
        in.len = len;
        assert_int_equal(column_unpack_u64(encoding, in, back, n), TT_DAMAGED);
    }
    free(back);
    mem_free(cuts.at);
    buf_release(&packed);
}

static void test_random_columns(void **state)
{
    uint64_t values[700];
    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + next_random() % 700;
        unsigned shift = (unsigned)(next_random() % 64);
        for (size_t i = 0; i < n; i++)
            values[i] = next_random() % 50 == 0 ? ABSENT : next_random() >> shift;
        expect_round_trip(values, n, ENCODING_VALUE);
        expect_round_trip(values, n, ENCODING_DELTA);
    }
}

static void test_extremes(void **state)
{
    const uint64_t values[] = {0, UINT64_MAX, 0, INT64_MAX, (uint64_t)INT64_MIN, 1, UINT64_MAX, UINT64_MAX};
    (void)state;
    for (size_t n = 1; n <= sizeof values / sizeof values[0]; n++) {
        expect_round_trip(values, n, ENCODING_VALUE);
        expect_round_trip(values, n, ENCODING_DELTA);
    }
}

static void test_constant_column_is_tiny(void **state)
{
    uint64_t values[5000];
    struct buf packed = BUF_INIT;
    struct cuts cuts = {0};
    (void)state;
    for (size_t i = 0; i < 5000; i++)
        values[i] = 7;
    assert_int_equal(column_pack_u64(ENCODING_VALUE, values, 5000, &packed, &cuts), TT_OK);
    assert_int_equal(packed.len, 2);
    buf_release(&packed);
    mem_free(cuts.at);
}

static void test_byte_columns(void **state)
{
    const unsigned char data[] = "alphabetagamma";
    const uint64_t ends[] = {5, 5, 9, 14};
    uint64_t back[4];
    const unsigned char *at;
    struct buf packed = BUF_INIT;
    struct cuts cuts = {0};
    (void)state;
    assert_int_equal(column_pack_bytes(ends, data, 4, &packed, &cuts), TT_OK);
    struct bytes in = {packed.data, packed.len};
    assert_int_equal(column_unpack_bytes(in, back, 4, &at), TT_OK);
    assert_memory_equal(back, ends, sizeof ends);
    assert_memory_equal(at, data, 14);
    in.len--;
    assert_int_equal(column_unpack_bytes(in, back, 4, &at), TT_DAMAGED);
    buf_release(&packed);
    mem_free(cuts.at);
}

static void test_lengths_beyond_the_data(void **state)
{
    /* Two lengths of 2^63: their sum wraps to 0, which must not pass for an empty column. */
    unsigned char packed[UVARINT_MAX_BYTES + 1];
    size_t n = put_uvarint(packed, (uint64_t)1 << 63);
    uint64_t ends[2];
    const unsigned char *data;
    (void)state;
    packed[n++] = 0;
    assert_int_equal(column_unpack_bytes((struct bytes){packed, n}, ends, 2, &data), TT_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_columns),          cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_constant_column_is_tiny), cmocka_unit_test(test_byte_columns),
        cmocka_unit_test(test_lengths_beyond_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
