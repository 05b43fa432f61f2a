/* SPDX-License-Identifier: MIT */
/* A copy with larger blocks says what its source does, and never what it does not. */
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
#include "formats/content_id.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/trace_repack.h"
#include "three_runs.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void test_repack_says_the_same(void **state)
{
    struct three_runs *f = *state;
    struct sight before, after;
    struct buf packed = BUF_INIT;
    struct trace_repack_options plain = {0};
    struct trace_repack_result done;
    const char *path = "trace-test-repacked.toktape";
    unlink(path);
    assert_int_equal(trace_repack_file(f->path, "trace-test-pack", path, &plain, &done, NULL), TT_OK);
    assert_int_equal(io_read_file(path, 1 << 24, &packed, NULL), TT_OK);
    assert_int_equal(packed.len, done.bytes);
    assert_true(done.bytes < f->bytes.len);
    sight_look(&before, f->bytes.data, f->bytes.len, 0);
    sight_look(&after, packed.data, packed.len, 0);
    assert_string_equal(before.id, after.id);
    buf_release(&before.log);
    buf_release(&after.log);
    buf_release(&packed);
    unlink(path);
}

/* The fixture's trace, whose END says this of its content. */
static void write_with_end(const struct three_runs *f, const char *path, const char *streams, const char *id)
{
    cJSON *meta, *end;
    unlink(path);
    int fd = io_create_new(path, NULL);
    struct trace_writer *w = three_runs_begin(fd, path, 1024, 3);
    assert_int_equal(trace_read_ends(f->path, &meta, &end, NULL), TT_OK);
    cJSON_DeleteItemFromObject(end, "streams");
    if (streams)
        cJSON_AddItemToObject(end, "streams", cJSON_Parse(streams));
    if (id)
        cJSON_ReplaceItemInObject(end, "content_id", cJSON_CreateString(id));
    char *json = cJSON_PrintUnformatted(end);
    assert_int_equal(trace_writer_unknown(w, BLOCK_END, text_bytes(json), NULL), TT_OK);
    cJSON_free(json);
    cJSON_Delete(meta);
    cJSON_Delete(end);
    trace_writer_free(w);
    io_close(fd, path, NULL);
}

static void expect_same_end(const char *a, const char *b)
{
    cJSON *meta_a, *end_a, *meta_b, *end_b;
    assert_int_equal(trace_read_ends(a, &meta_a, &end_a, NULL), TT_OK);
    assert_int_equal(trace_read_ends(b, &meta_b, &end_b, NULL), TT_OK);
    assert_true(cJSON_Compare(json_member(end_a, "streams"), json_member(end_b, "streams"), 1));
    assert_string_equal(json_string(end_a, "content_id"), json_string(end_b, "content_id"));
    cJSON_Delete(meta_a);
    cJSON_Delete(end_a);
    cJSON_Delete(meta_b);
    cJSON_Delete(end_b);
}

/* Digests that an END has wrong are not passed on. */
static void test_repack_corrects_digests(void **state)
{
    static const char *const streams[] = {
        NULL,
        "{}",
        "[]",
        "{\"meta/0\": 1}",
        "{\"meta/0\": \"00\"}",
        "{\"wire\": \"" ZEROS "\"}",
        "{\"wire\": \"" ZEROS "\", \"wire\": \"" ZEROS "\"}",
        "{\"wire\": \"" ZEROS "0\"}",
        "{\"wire\": \"" ZEROS "\", \"a name that is longer than any stream's\": \"" ZEROS "\"}",
    };
    const char *path = "trace-test-lies.toktape", *packed = "trace-test-lies-packed.toktape";
    struct trace_repack_options plain = {0};
    struct trace_repack_result done;
    const struct three_runs *f = *state;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        write_with_end(f, path, streams[i], NULL);
        unlink(packed);
        assert_int_equal(trace_repack_file(path, "trace-test-pack", packed, &plain, &done, NULL), TT_OK);
        expect_same_end(packed, f->path);
    }
    unlink(path);
    unlink(packed);
}

/* An END may agree with itself, or not, and yet not say what its trace does: it is that trace's fault. */
static void test_repack_refuses_an_end_that_lies(void **state)
{
    const char *path = "trace-test-lies.toktape", *packed = "trace-test-lies-packed.toktape";
    const char *streams = "{\"wire\": \"" ZEROS "\"}";
    char ids[2][SHA256_HEX_BYTES] = {ZEROS};
    struct trace_repack_options plain = {0};
    struct trace_repack_result done;
    cJSON *parsed = cJSON_Parse(streams);
    struct content_id *lie = content_id_new();
    assert_int_equal(content_id_adopt(lie, parsed), TT_OK);
    assert_int_equal(content_id_hex(lie, ids[1]), TT_OK);
    content_id_free(lie);
    cJSON_Delete(parsed);
    for (size_t i = 0; i < 2; i++) {
        struct error e = {0};
        write_with_end(*state, path, streams, ids[i]);
        assert_int_equal(trace_repack_file(path, "trace-test-pack", packed, &plain, &done, &e), TT_DAMAGED);
        assert_string_equal(e.text, "'trace-test-lies.toktape' says another content id than it has");
        assert_false(io_exists(packed) || io_exists("trace-test-pack"));
    }
    unlink(path);
}

/* Blocks are merged whole: in every block, a run's end has all its reads before it or beside it. */
static void test_repack_keeps_ends_behind_reads(void **state)
{
    struct trace_writer_options options = {.level = 3, .block_bytes = 4096, .trace_id = 5};
    const char *path = "trace-test-order.toktape", *packed = "trace-test-order-packed.toktape";
    static unsigned char wire[200000];
    struct trace_writer *w;
    struct trace_reader *r;
    struct trace_item item;
    struct trace_repack_options plain = {0};
    struct trace_repack_result done;
    uint64_t seen = 0;
    (void)state;
    unlink(path);
    unlink(packed);
    int fd = io_create_new(path, NULL);
    assert_int_equal(trace_writer_new(&w, fd, path, THREE_RUNS_META, &options, NULL), TT_OK);
    for (uint64_t run = 0; run < 40; run++) {
        struct read_row read = {run, 10 * run + 1, sizeof wire};
        struct run_end_row end = {.run = run, .error = text_bytes("")};
        memset(wire, (int)run, sizeof wire);
        assert_int_equal(trace_writer_read(w, &read, wire, NULL), TT_OK);
        assert_int_equal(trace_writer_row(w, TABLE_RUN_END, &end, NULL), TT_OK);
    }
    assert_int_equal(trace_writer_finish(w, "clean", NULL, NULL), TT_OK);
    trace_writer_free(w);
    io_close(fd, path, NULL);
    assert_int_equal(trace_repack_file(path, "trace-test-pack", packed, &plain, &done, NULL), TT_OK);
    assert_int_equal(trace_reader_open(&r, packed, NULL, NULL), TT_OK);
    while (trace_reader_next(r, &item, NULL) == TT_OK && item.kind != TRACE_STOP) {
        struct run_end_row end;
        seen += rows_count(item.rows[TABLE_READ]);
        for (size_t i = 0; i < rows_count(item.rows[TABLE_RUN_END]); i++) {
            rows_get(item.rows[TABLE_RUN_END], i, &end);
            assert_true(end.run < seen);
        }
    }
    assert_int_equal(seen, 40);
    trace_reader_free(r);
    unlink(path);
    unlink(packed);
}

/* What a newer version wrote is kept: a block, a table and a column that this one does not know. */
static void put_column(struct buf *out, uint64_t id, uint64_t value)
{
    uint64_t values[1] = {value};
    struct buf packed = BUF_INIT;
    struct cuts cuts = {0};
    assert_int_equal(column_pack_u64(ENCODING_VALUE, values, 1, &packed, &cuts), TT_OK);
    buf_uvarint(out, id);
    buf_putc(out, ENCODING_VALUE);
    buf_uvarint(out, packed.len);
    buf_append(out, packed.data, packed.len);
    buf_release(&packed);
    mem_free(cuts.at);
}

static void put_table(struct buf *raw, uint64_t table, uint64_t column, uint64_t value)
{
    struct buf body = BUF_INIT;
    buf_uvarint(&body, 1);
    buf_uvarint(&body, 1);
    put_column(&body, column, value);
    buf_uvarint(raw, table);
    buf_uvarint(raw, body.len);
    buf_append(raw, body.data, body.len);
    buf_release(&body);
}

static void write_newer_trace(const char *path)
{
    struct trace_writer_options options = {.level = 3, .trace_id = 9};
    struct trace_writer *w;
    struct payload payload = {0};
    struct buf raw = BUF_INIT;
    int fd = io_create_new(path, NULL);
    put_table(&raw, TABLE_STALL, 31, 4711);
    put_table(&raw, 77, 5, 4712);
    assert_int_equal(payload_decode(&payload, raw.data, raw.len, NULL), TT_OK);
    assert_int_equal(trace_writer_new(&w, fd, path, THREE_RUNS_META, &options, NULL), TT_OK);
    assert_int_equal(trace_writer_copy(w, &payload, NULL), TT_OK);
    assert_int_equal(trace_writer_unknown(w, 99, text_bytes("later"), NULL), TT_OK);
    three_runs_add(w, 0);
    assert_int_equal(trace_writer_finish(w, "clean", NULL, NULL), TT_OK);
    trace_writer_free(w);
    io_close(fd, path, NULL);
    payload_release(&payload);
    buf_release(&raw);
}

/* Which of the three are there: a bit each. */
static unsigned newer_parts(const char *path)
{
    struct trace_reader_options options = {.give_unknown = 1};
    struct trace_reader *r;
    struct trace_item item;
    unsigned found = 0;
    assert_int_equal(trace_reader_open(&r, path, &options, NULL), TT_OK);
    while (trace_reader_next(r, &item, NULL) == TT_OK && item.kind != TRACE_STOP) {
        const struct rows *stalls = item.kind == TRACE_DATA ? item.rows[TABLE_STALL] : NULL;
        const struct rows *newer = item.kind == TRACE_DATA ? payload_rows(item.payload, 77) : NULL;
        const uint64_t *column = stalls ? rows_column(stalls, 31) : NULL;
        found |= column && column[0] == 4711 ? 1 : 0;
        column = newer ? rows_column(newer, 5) : NULL;
        found |= column && column[0] == 4712 ? 2 : 0;
        found |= item.kind == TRACE_UNKNOWN && item.type == 99 && item.raw.len == 5 &&
                         memcmp(item.raw.data, "later", 5) == 0
                     ? 4
                     : 0;
    }
    trace_reader_free(r);
    return found;
}

static void test_repack_keeps_what_it_does_not_know(void **state)
{
    static const char *const names[] = {"trace-test-newer.toktape", "trace-test-newer-plain.toktape",
                                        "trace-test-newer-masked.toktape"};
    struct trace_repack_options plain = {0}, masking = {.without_content = 1};
    struct trace_repack_result done;
    (void)state;
    for (size_t i = 0; i < 3; i++)
        unlink(names[i]);
    write_newer_trace(names[0]);
    assert_int_equal(newer_parts(names[0]), 7);
    assert_int_equal(trace_repack_file(names[0], "trace-test-pack", names[1], &plain, &done, NULL), TT_OK);
    assert_int_equal(newer_parts(names[1]), 7);
    assert_int_equal(done.dropped, 0);
    assert_string_equal(done.content_id, done.parent_id);
    assert_int_equal(trace_repack_file(names[0], "trace-test-pack", names[2], &masking, &done, NULL), TT_OK);
    assert_int_equal(newer_parts(names[2]), 0); /* who knows what is in them */
    assert_int_equal(done.dropped, 3);
    for (size_t i = 0; i < 3; i++)
        unlink(names[i]);
}

/* Blocks as large as the format allows, of numbers that do not compress. */
static void test_repack_fills_blocks_to_the_cap(void **state)
{
    const char *path = "trace-test-large.toktape", *packed = "trace-test-large-packed.toktape";
    struct trace_writer_options options = {.level = 1, .trace_id = 5};
    struct trace_repack_options largest = {.level = 1, .block_bytes = 8 << 20};
    struct trace_repack_result done;
    struct trace_writer *w;
    (void)state;
    unlink(path);
    unlink(packed);
    int fd = io_create_new(path, NULL);
    assert_int_equal(trace_writer_new(&w, fd, path, THREE_RUNS_META, &options, NULL), TT_OK);
    for (uint64_t i = 0; i < 400000; i++) {
        uint64_t noise = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
        struct sample_row row = {noise, noise * noise, noise ^ noise >> 7, noise * 3, ~noise};
        assert_int_equal(trace_writer_row(w, TABLE_SAMPLE, &row, NULL), TT_OK);
    }
    assert_int_equal(trace_writer_finish(w, "clean", NULL, NULL), TT_OK);
    trace_writer_free(w);
    io_close(fd, path, NULL);
    assert_int_equal(trace_repack_file(path, "trace-test-pack", packed, &largest, &done, NULL), TT_OK);
    assert_string_equal(done.content_id, done.parent_id);
    unlink(path);
    unlink(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repack_says_the_same),
        cmocka_unit_test(test_repack_corrects_digests),
        cmocka_unit_test(test_repack_refuses_an_end_that_lies),
        cmocka_unit_test(test_repack_keeps_ends_behind_reads),
        cmocka_unit_test(test_repack_keeps_what_it_does_not_know),
        cmocka_unit_test(test_repack_fills_blocks_to_the_cap),
    };
    return cmocka_run_group_tests(tests, three_runs_setup, three_runs_teardown);
}
