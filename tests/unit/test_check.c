/* SPDX-License-Identifier: MIT */
/* Check over every cut and every flipped bit of a small trace, and over rows that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/rows.h"
#include "formats/trace_check.h"
#include "formats/trace_check_rows.h"
#include "tests/fuzz/blocks.h"
#include "tests/unit/small_trace.h"

static struct small_trace f;
static struct trace_check check;
static struct buf said; /* what the rows are told to be */

static int setup(void **state)
{
    (void)state;
    return small_trace_make(&f, "check");
}

static int teardown(void **state)
{
    (void)state;
    small_trace_release(&f);
    buf_release(&said);
    return 0;
}

static void look(size_t len)
{
    assert_int_equal(trace_check_memory(&check, f.bytes.data, len, NULL), TT_OK);
}

static void test_intact(void **state)
{
    (void)state;
    look(f.bytes.len);
    assert_int_equal(check.verdict, CHECK_INTACT);
    assert_int_equal(check.total, 0);
    assert_int_equal(check.blocks, SMALL_TRACE_BLOCKS);
    assert_int_equal(check.good_bytes, f.bytes.len);
}

static void test_every_prefix(void **state)
{
    (void)state;
    for (size_t len = 0; len < f.bytes.len; len++) {
        size_t whole = 0;
        while (f.ends[whole] <= len)
            whole++;
        look(len);
        assert_int_equal(check.verdict, whole ? CHECK_TRUNCATED : CHECK_DAMAGED);
        assert_int_equal(check.blocks, whole);
        assert_int_equal(check.good_bytes, whole ? f.ends[whole - 1] : 0);
        assert_true(check.total > 0);
    }
}

static void test_every_flipped_bit(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < f.bytes.len * 8; bit++) {
        f.bytes.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
        look(f.bytes.len);
        f.bytes.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (check.verdict != CHECK_DAMAGED && check.verdict != CHECK_TRUNCATED)
            fail_msg("bit %zu", bit);
    }
}

/* ---- what only a newer version knows ---- */

/* A description, one block of rows, and an END that counts them right and whose digests are of something
 * else. */
static void look_at_newer(const unsigned char *payload, size_t len, const char *rows)
{
    static const char meta[] = "{\"format\": \"toktape\"}";
    struct compressor *c = compressor_new(3);
    struct buf trace = BUF_INIT, end = BUF_INIT;
    assert_non_null(c);
    buf_printf(&end,
               "{\"ended\": \"clean\", \"rows\": {%s}, \"wire_bytes\": 0, \"blocks\": 3, \"meta\": 1,"
               " \"streams\": {\"meta/0\": \"0\"}, \"content_id\": \"0\"}",
               rows);
    blocks_put(&trace, c, BLOCK_META, BLOCK_CRITICAL, meta, sizeof meta - 1, 0);
    blocks_put(&trace, c, BLOCK_DATA, BLOCK_CRITICAL, payload, len, 1);
    blocks_put(&trace, c, BLOCK_END, BLOCK_CRITICAL, end.data, end.len, 2);
    assert_int_equal(trace_check_memory(&check, trace.data, trace.len, NULL), TT_OK);
    compressor_free(c);
    buf_release(&trace);
    buf_release(&end);
}

static void expect_finding(uint64_t i, enum check_severity severity, const char *text)
{
    assert_true(i < check.total);
    assert_string_equal(check.findings[i].text, text);
    assert_int_equal(check.findings[i].severity, severity);
}

/* A table that is not known is hashed like any other, so it hides no change of the rest. */
static void test_unknown_table(void **state)
{
    static const unsigned char payload[] = {90, 7, 1, 1, 1, ENCODING_VALUE, 2, 5, 0};
    (void)state;
    look_at_newer(payload, sizeof payload, "");
    expect_finding(0, CHECK_NOTE, "table 90 is of a newer version: its rows are not looked at");
    expect_finding(1, CHECK_ERROR, "stream 'meta/0' is not what END says it was");
    expect_finding(2, CHECK_ERROR, "the content id is not the one that END states");
    assert_int_equal(check.verdict, CHECK_DAMAGED);
}

/* What cannot be hashed is no damage. */
static void test_unknown_encoding(void **state)
{
    static const unsigned char payload[] = {TABLE_MARK, 6, 1, 1, 63, 9, 1, 'x'};
    (void)state;
    look_at_newer(payload, sizeof payload, "\"mark\": 1");
    expect_finding(0, CHECK_NOTE, "table 'mark' has columns of a newer version: they are not looked at");
    expect_finding(1, CHECK_WARNING,
                   "a column or table of a newer version: the content id cannot be checked");
    assert_int_equal(check.total, 2);
    assert_int_equal(check.verdict, CHECK_INTACT);
}

/* ---- rows that cannot be ---- */

static void hear(void *context, enum check_severity severity, const char *text)
{
    (void)context;
    buf_printf(&said, "%s: %s\n", check_severity_name(severity), text);
}

static void feed(struct check_rows *r, enum table_id table, const void *row)
{
    struct batch batch = {0};
    struct cuts cuts = {0};
    struct buf raw = BUF_INIT;
    struct payload payload = {0};
    assert_int_equal(batch_add(&batch, schema_table(table), row), TT_OK);
    assert_int_equal(batch_encode(&batch, &raw, &cuts), TT_OK);
    assert_int_equal(payload_decode(&payload, raw.data, raw.len, NULL), TT_OK);
    assert_int_equal(check_rows_block(r, &payload), TT_OK);
    payload_release(&payload);
    batch_release(&batch);
    buf_release(&raw);
    mem_free(cuts.at);
}

static void expect(struct check_rows *r, enum table_id table, const void *row, const char *sentence)
{
    buf_clear(&said);
    feed(r, table, row);
    assert_string_equal(buf_text(&said), sentence);
}

static void test_rows(void **state)
{
    struct check_rows r;
    struct run_row run = {.run = 0, .body = ABSENT, .t_intended = 5, .t_start = 10};
    struct run_row odd = {.run = 1, .body = 3, .t_intended = 50, .t_start = 10};
    struct run_end_row end = {.run = 0, .t_connected = 12, .t_sent = 13, .t_header = 14, .t_close = 16};
    struct sample_row sample = {.series = 0};
    struct pieces_row whole = {0, {(const unsigned char *)"\5\200\1", 3}};
    struct pieces_row cut_off = {0, {(const unsigned char *)"\5\200", 2}};
    struct pieces_row without_text = {1, {(const unsigned char *)"\5\0\1", 3}};
    (void)state;
    check_rows_init(&r, hear, NULL);
    expect(&r, TABLE_RUN, &run, "");
    expect(&r, TABLE_RUN, &run, "error: run 0 begins a second time\n");
    expect(&r, TABLE_RUN, &odd,
           "error: run 1 names body 3, which is not there\nwarning: run 1 starts before it was meant to\n");
    expect(&r, TABLE_PIECES, &whole, "");
    expect(&r, TABLE_PIECES, &cut_off,
           "error: run 0 has pieces a second time\nerror: run 0: its pieces are no lengths of tokens\n");
    expect(&r, TABLE_PIECES, &without_text, "error: run 1: its pieces are no lengths of tokens\n");
    end.t_close = 11;
    expect(&r, TABLE_RUN_END, &end, "warning: run 0: its times are not in order\n");
    expect(&r, TABLE_RUN_END, &end,
           "error: run 0 ends a second time\nwarning: run 0: its times are not in order\n");
    expect(&r, TABLE_PIECES, &whole,
           "error: run 0 has pieces behind its end\nerror: run 0 has pieces a second time\n");
    end.run = 7;
    expect(&r, TABLE_RUN_END, &end, "error: a run's end names run 7, which never began\n");
    expect(&r, TABLE_SAMPLE, &sample, "error: a sample names series 0, which was not declared\n");
    check_rows_gap(&r);
    expect(&r, TABLE_RUN_END, &end, "");
    check_rows_release(&r);
}

static void test_clocks(void **state)
{
    struct check_rows r;
    struct clock_row row = {.native = 1000000000, .through_sleep_ns = 5000000000, .realtime_ns = 9000000000};
    (void)state;
    check_rows_init(&r, hear, NULL);
    expect(&r, TABLE_CLOCK, &row, "");
    row.native += 1000000000;
    row.through_sleep_ns += 1010000000;
    row.realtime_ns += 1020000000;
    expect(&r, TABLE_CLOCK, &row, "");
    row.realtime_ns += 2000000000;
    expect(&r, TABLE_CLOCK, &row, "note: the wall clock was set: +2.010 s in all since the beginning\n");
    row.through_sleep_ns += 60000000000;
    row.realtime_ns += 60000000000;
    expect(&r, TABLE_CLOCK, &row,
           "warning: the clock that runs through sleep moved by +60.010 s against the recorder's since the "
           "beginning\n");
    expect(&r, TABLE_CLOCK, &row, "");
    check_rows_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intact),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_unknown_table),
        cmocka_unit_test(test_unknown_encoding),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_clocks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
