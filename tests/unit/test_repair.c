/* SPDX-License-Identifier: MIT */
/* Repair over every cut and many flips of a small trace: whole blocks are kept, byte for byte, and nothing
 * else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/trace_reader.h"
#include "formats/trace_repair.h"
#include "tests/unit/small_trace.h"

static struct small_trace f;

static int setup(void **state)
{
    (void)state;
    return small_trace_make(&f, "repair");
}

static int teardown(void **state)
{
    (void)state;
    unlink(f.out);
    small_trace_release(&f);
    return 0;
}

/* Repairs these bytes into f.out. The status of the plan; an output that was written must be whole. */
static int repair(const void *bytes, size_t len, struct repair_result *result, int *loses)
{
    struct repair_plan plan = {0};
    int status = repair_plan_memory(&plan, bytes, len, NULL);
    if (!status) {
        int fd = open(f.out, O_CREAT | O_TRUNC | O_WRONLY, 0600);
        assert_int_equal(plan.part_count, 1);
        assert_int_equal(repair_write(&plan, 0, fd, f.out, result, NULL), TT_OK);
        close(fd);
        *loses = repair_loses(&plan);
    }
    repair_plan_release(&plan);
    return status;
}

/* Reads f.out strictly to its end; the runs whose beginning, read and end are all there, as bits. */
static unsigned runs_in_output(void)
{
    struct trace_reader *r;
    struct trace_item item;
    unsigned begun = 0, over = 0;
    int status;
    assert_int_equal(trace_reader_open(&r, f.out, NULL, NULL), TT_OK);
    while ((status = trace_reader_next(r, &item, NULL)) == TT_OK && item.kind != TRACE_STOP) {
        for (size_t i = 0; item.kind == TRACE_DATA && i < rows_count(item.rows[TABLE_RUN]); i++) {
            struct run_row row;
            rows_get(item.rows[TABLE_RUN], i, &row);
            begun |= 1u << row.run;
        }
        for (size_t i = 0; item.kind == TRACE_DATA && i < rows_count(item.rows[TABLE_RUN_END]); i++) {
            struct run_end_row row;
            rows_get(item.rows[TABLE_RUN_END], i, &row);
            over |= 1u << row.run;
        }
    }
    assert_int_equal(status, TT_OK);
    trace_reader_free(r);
    return begun & over;
}

static size_t whole_blocks(size_t len)
{
    size_t n = 0;
    while (n < f.blocks && f.ends[n] <= len)
        n++;
    return n;
}

static void test_every_prefix(void **state)
{
    struct repair_result result;
    int loses;
    (void)state;
    for (size_t len = 0; len <= f.bytes.len; len++) {
        size_t whole = whole_blocks(len);
        int status = repair(f.bytes.data, len, &result, &loses);
        if (whole == 0) {
            assert_int_not_equal(status, TT_OK);
            continue;
        }
        size_t runs = whole - 1 < SMALL_TRACE_RUNS ? whole - 1 : SMALL_TRACE_RUNS;
        assert_int_equal(status, TT_OK);
        assert_int_equal(loses, len < f.bytes.len);
        assert_int_equal(result.kept_blocks, whole);
        assert_int_equal(runs_in_output(), (1u << runs) - 1);
    }
}

/* The block that a byte belongs to. */
static size_t block_of(size_t at)
{
    size_t n = 0;
    while (f.ends[n] <= at)
        n++;
    return n;
}

/* A flip in a block costs that block, and no other. */
static void test_flips(void **state)
{
    struct repair_result result;
    int loses;
    (void)state;
    for (size_t at = f.ends[0]; at < f.bytes.len; at += 3) {
        size_t hit = block_of(at);
        unsigned all = (1u << SMALL_TRACE_RUNS) - 1, lost = hit <= SMALL_TRACE_RUNS ? 1u << (hit - 1) : 0;
        f.bytes.data[at] ^= (unsigned char)(1u << at % 8);
        assert_int_equal(repair(f.bytes.data, f.bytes.len, &result, &loses), TT_OK);
        f.bytes.data[at] ^= (unsigned char)(1u << at % 8);
        assert_int_equal(loses, 1);
        assert_int_equal(runs_in_output(), all & ~lost);
        assert_int_equal(result.gap_count, hit <= SMALL_TRACE_RUNS);
    }
}

/* Blocks that stand twice, or in another order, are put right. */
static void test_doubled_and_reordered(void **state)
{
    struct repair_result result;
    struct buf bytes = BUF_INIT;
    const unsigned char *all = f.bytes.data;
    int loses;
    (void)state;
    buf_append(&bytes, all, f.ends[1]);
    buf_append(&bytes, all + f.ends[2], f.ends[3] - f.ends[2]);
    buf_append(&bytes, all + f.ends[1], f.ends[2] - f.ends[1]);
    buf_append(&bytes, all + f.ends[2], f.bytes.len - f.ends[2]);
    assert_int_equal(repair(bytes.data, bytes.len, &result, &loses), TT_OK);
    assert_int_equal(runs_in_output(), (1u << SMALL_TRACE_RUNS) - 1);
    assert_int_equal(result.gap_count, 0);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_doubled_and_reordered),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
