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

#include "formats/io.h"
#include "formats/trace_reader.h"
#include "formats/trace_repair.h"
#include "formats/trace_writer.h"

#define META       "{\"format\": \"toktape\", \"trace\": \"0123\"}\n"
#define RUNS       4
#define BLOCKS_MAX 16

struct fixture {
    char path[64], out[80];
    struct buf bytes;
    size_t ends[BLOCKS_MAX]; /* where each block ends */
    size_t blocks;
};

static struct fixture f;

static void add_run(struct trace_writer *w, uint64_t run)
{
    static const char wire[] = "HTTP/1.1 200 OK\r\n\r\nhello";
    struct run_row begin = {.run = run, .parent = ABSENT, .t_start = 1000 * run, .body = ABSENT};
    struct read_row read = {run, 1000 * run + 5, sizeof wire - 1};
    struct run_end_row end = {
        .run = run, .t_connected = 1000 * run + 1, .t_close = 1000 * run + 9, .status = 200};
    assert_int_equal(trace_writer_row(w, TABLE_RUN, &begin, NULL), TT_OK);
    assert_int_equal(trace_writer_read(w, &read, wire, NULL), TT_OK);
    assert_int_equal(trace_writer_row(w, TABLE_RUN_END, &end, NULL), TT_OK);
    assert_int_equal(trace_writer_flush(w, NULL), TT_OK);
}

static int setup(void **state)
{
    struct trace_writer_options options = {.trace_id = 7};
    struct trace_writer *w;
    (void)state;
    snprintf(f.path, sizeof f.path, "/tmp/toktape-repair.%d", (int)getpid());
    snprintf(f.out, sizeof f.out, "%s.out", f.path);
    int fd = open(f.path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_int_equal(trace_writer_new(&w, fd, f.path, META, &options, NULL), TT_OK);
    f.ends[f.blocks++] = (size_t)trace_writer_bytes(w);
    for (uint64_t run = 0; run < RUNS; run++) {
        add_run(w, run);
        f.ends[f.blocks++] = (size_t)trace_writer_bytes(w);
    }
    assert_int_equal(trace_writer_finish(w, "clean", NULL, NULL), TT_OK);
    f.ends[f.blocks++] = (size_t)trace_writer_bytes(w);
    trace_writer_free(w);
    close(fd);
    return io_read_file(f.path, 1 << 20, &f.bytes, NULL);
}

static int teardown(void **state)
{
    (void)state;
    unlink(f.path);
    unlink(f.out);
    buf_release(&f.bytes);
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
        size_t runs = whole - 1 < RUNS ? whole - 1 : RUNS;
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
        unsigned all = (1u << RUNS) - 1, lost = hit <= RUNS ? 1u << (hit - 1) : 0;
        f.bytes.data[at] ^= (unsigned char)(1u << at % 8);
        assert_int_equal(repair(f.bytes.data, f.bytes.len, &result, &loses), TT_OK);
        f.bytes.data[at] ^= (unsigned char)(1u << at % 8);
        assert_int_equal(loses, 1);
        assert_int_equal(runs_in_output(), all & ~lost);
        assert_int_equal(result.gap_count, hit <= RUNS);
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
    assert_int_equal(runs_in_output(), (1u << RUNS) - 1);
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
