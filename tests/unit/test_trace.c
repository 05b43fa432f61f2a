/* SPDX-License-Identifier: MIT */
/* The container: what is written is what is read, at any cut, and no flipped bit goes unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/trace_reader.h"
#include "formats/trace_writer.h"
#include "three_runs.h"

static void test_round_trip(void **state)
{
    struct three_runs *f = *state;
    struct sight s;
    sight_look(&s, f->bytes.data, f->bytes.len, 0);
    assert_int_equal(s.status, TT_OK);
    assert_int_equal(s.state, TRACE_CLEAN);
    assert_non_null(strstr(buf_text(&s.log), "end 1 200 engine closed the stream\n"));
    assert_non_null(strstr(buf_text(&s.log), "data: {\"run\":2,\"i\":39}"));
    assert_true(s.blocks > 6);
    buf_release(&s.log);
}

static void test_absent_stays_absent(void **state)
{
    struct three_runs *f = *state;
    struct trace_reader *r;
    struct trace_item item;
    struct run_end_row end;
    size_t seen = 0;
    assert_int_equal(trace_reader_open(&r, f->path, NULL, NULL), TT_OK);
    while (trace_reader_next(r, &item, NULL) == TT_OK && item.kind != TRACE_STOP) {
        for (size_t i = 0; i < rows_count(item.rows[TABLE_RUN_END]); i++, seen++) {
            rows_get(item.rows[TABLE_RUN_END], i, &end);
            assert_true(end.tls_ns == ABSENT);
            assert_int_equal(end.lookup_ns, 0);
        }
    }
    assert_int_equal(seen, 3);
    trace_reader_free(r);
}

static void test_content_id_is_independent_of_blocks(void **state)
{
    struct three_runs *f = *state;
    struct sight first, second;
    char id[65], path[] = "trace-test-big.toktape";
    struct buf big = BUF_INIT;
    unlink(path);
    three_runs_write(path, 1 << 20, 9, id);
    assert_int_equal(io_read_file(path, 1 << 24, &big, NULL), TT_OK);
    sight_look(&first, f->bytes.data, f->bytes.len, 0);
    sight_look(&second, big.data, big.len, 0);
    assert_string_equal(first.id, second.id);
    assert_string_equal(first.id, id);
    assert_true(second.blocks < first.blocks);
    buf_release(&first.log);
    buf_release(&second.log);
    buf_release(&big);
    unlink(path);
}

/* Cutting anywhere yields exactly the whole blocks before the cut. */
static void test_every_prefix(void **state)
{
    struct three_runs *f = *state;
    struct sight whole, cut;
    size_t blocks = 0;
    sight_look(&whole, f->bytes.data, f->bytes.len, 0);
    for (size_t len = 1; len < f->bytes.len; len++) {
        sight_look(&cut, f->bytes.data, len, 1);
        assert_true(cut.blocks == blocks || cut.blocks == blocks + 1);
        blocks = cut.blocks;
        if (blocks) {
            assert_int_equal(cut.status, TT_OK);
            assert_int_equal(cut.state, TRACE_TRUNCATED);
        } else {
            assert_int_equal(cut.status, TT_DAMAGED);
        }
        assert_true(cut.log.len == 0 || memcmp(cut.log.data, whole.log.data, cut.log.len) == 0);
        buf_release(&cut.log);
        if (len % 97 == 0) {
            sight_look(&cut, f->bytes.data, len, 0);
            assert_int_equal(cut.status, blocks ? TT_TRUNCATED : TT_DAMAGED);
            buf_release(&cut.log);
        }
    }
    assert_int_equal(blocks, whole.blocks - 1);
    buf_release(&whole.log);
}

static void test_every_flipped_bit(void **state)
{
    struct three_runs *f = *state;
    for (size_t bit = 0; bit < f->bytes.len * 8; bit++) {
        struct sight s;
        f->bytes.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        sight_look(&s, f->bytes.data, f->bytes.len, 1);
        assert_int_not_equal(s.status, TT_OK);
        buf_release(&s.log);
        f->bytes.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

static void expect_damage(const void *bytes, size_t len, const char *words)
{
    struct trace_reader *r;
    struct trace_item item;
    struct error e = {0};
    int status;
    assert_int_equal(trace_reader_open_memory(&r, bytes, len, NULL, &e), TT_OK);
    do
        status = trace_reader_next(r, &item, &e);
    while (status == TT_OK && item.kind != TRACE_STOP);
    assert_int_equal(status, TT_DAMAGED);
    assert_non_null(strstr(e.text, words));
    trace_reader_free(r);
}

static void test_concatenation_is_named(void **state)
{
    struct three_runs *f = *state;
    struct buf twice = BUF_INIT;
    buf_append(&twice, f->bytes.data, f->bytes.len);
    buf_append(&twice, f->bytes.data, f->bytes.len);
    expect_damage(twice.data, twice.len, "two traces");
    buf_release(&twice);
}

static void test_lost_block_is_seen(void **state)
{
    struct three_runs *f = *state;
    struct buf cut = BUF_INIT;
    struct trace_reader *r;
    struct trace_item item;
    size_t from, to;
    assert_int_equal(trace_reader_open_memory(&r, f->bytes.data, f->bytes.len, NULL, NULL), TT_OK);
    assert_int_equal(trace_reader_next(r, &item, NULL), TT_OK);
    from = (size_t)trace_reader_offset(r);
    assert_int_equal(trace_reader_next(r, &item, NULL), TT_OK);
    to = (size_t)trace_reader_offset(r);
    trace_reader_free(r);
    buf_append(&cut, f->bytes.data, from);
    buf_append(&cut, f->bytes.data + to, f->bytes.len - to);
    expect_damage(cut.data, cut.len, "missing or out of order");
    buf_release(&cut);
}

static void test_zero_tail_is_truncation(void **state)
{
    struct three_runs *f = *state;
    struct sight s;
    struct buf padded = BUF_INIT;
    struct trace_reader *r;
    struct trace_item item;
    assert_int_equal(trace_reader_open_memory(&r, f->bytes.data, f->bytes.len, NULL, NULL), TT_OK);
    assert_int_equal(trace_reader_next(r, &item, NULL), TT_OK);
    buf_append(&padded, f->bytes.data, (size_t)trace_reader_offset(r));
    trace_reader_free(r);
    memset(buf_reserve(&padded, 5000), 0, 5000);
    padded.len += 5000;
    sight_look(&s, padded.data, padded.len, 1);
    assert_int_equal(s.state, TRACE_TRUNCATED);
    buf_release(&s.log);
    padded.data[padded.len - 1] = 1;
    expect_damage(padded.data, padded.len, "no block begins here");
    buf_release(&padded);
}

static void test_ends(void **state)
{
    struct three_runs *f = *state;
    cJSON *meta, *end;
    assert_int_equal(trace_read_ends(f->path, &meta, &end, NULL), TT_OK);
    assert_string_equal(json_string(meta, "format"), "toktape");
    assert_string_equal(json_string(end, "ended"), "clean");
    assert_int_equal(json_count(json_member(end, "rows"), "read"), 120);
    assert_int_equal(json_count(json_member(end, "summary"), "runs"), 3);
    cJSON_Delete(meta);
    cJSON_Delete(end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_absent_stays_absent),
        cmocka_unit_test(test_content_id_is_independent_of_blocks),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_concatenation_is_named),
        cmocka_unit_test(test_lost_block_is_seen),
        cmocka_unit_test(test_zero_tail_is_truncation),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, three_runs_setup, three_runs_teardown);
}
