/* SPDX-License-Identifier: MIT */
/* The container: what is written is what is read, at any cut, and no flipped bit goes unseen. */
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

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/content_id.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/trace_reader.h"
#include "formats/trace_repack.h"
#include "formats/trace_writer.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define META  "{\"format\": \"toktape\", \"trace\": \"0123\"}\n"

struct fixture {
    char path[64];
    struct buf bytes;
};

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

static void add_run(struct trace_writer *w, uint64_t run)
{
    struct run_row start = {.run = run,
                            .phase = run % 3,
                            .parent = ABSENT,
                            .t_start = 1000000 * run,
                            .method = text("POST"),
                            .path = text("/v1/chat/completions")};
    assert_int_equal(trace_writer_row(w, TABLE_RUN, &start, NULL), TT_OK);
    for (uint64_t i = 0; i < 40; i++) {
        char wire[64];
        int n = snprintf(wire, sizeof wire, "data: {\"run\":%d,\"i\":%d}\n\n", (int)run, (int)i);
        struct read_row read = {run, 1000000 * run + 500 * i * i + i % 7, (uint64_t)n};
        assert_int_equal(trace_writer_read(w, &read, wire, NULL), TT_OK);
    }
    struct run_end_row end = {.run = run, .t_close = 1000000 * run + 999999, .status = 200, .tls_ns = ABSENT};
    end.error = text(run == 1 ? "engine closed the stream" : "");
    assert_int_equal(trace_writer_row(w, TABLE_RUN_END, &end, NULL), TT_OK);
}

/* All but its END. */
static struct trace_writer *write_three_runs(int fd, const char *path, size_t block_bytes, int level)
{
    struct trace_writer_options options = {
        .level = level, .block_bytes = block_bytes, .trace_id = 0x1122334455667788};
    struct trace_writer *w;
    assert_true(fd >= 0);
    assert_int_equal(trace_writer_new(&w, fd, path, META, &options, NULL), TT_OK);
    add_run(w, 0);
    assert_int_equal(trace_writer_meta(w, "{\"facts\": []}", NULL), TT_OK);
    add_run(w, 1);
    assert_int_equal(trace_writer_note(w, "{\"text\": \"hello\"}", NULL), TT_OK);
    add_run(w, 2);
    return w;
}

static void write_trace(const char *path, size_t block_bytes, int level, char id[65])
{
    int fd = io_create_new(path, NULL);
    struct trace_writer *w = write_three_runs(fd, path, block_bytes, level);
    assert_int_equal(trace_writer_finish(w, "clean", "{\"runs\": 3}", NULL), TT_OK);
    snprintf(id, 65, "%s", trace_writer_content_id(w));
    trace_writer_free(w);
    io_close(fd, path, NULL);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char id[65];
    snprintf(f->path, sizeof f->path, "trace-test-%ld.toktape", (long)getpid());
    unlink(f->path);
    write_trace(f->path, 1024, 3, id);
    if (io_read_file(f->path, 1 << 24, &f->bytes, NULL))
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    buf_release(&f->bytes);
    free(f);
    return 0;
}

/* What a reader saw, as one string, so that two readings can be compared. */
struct sight {
    struct buf log;
    size_t blocks;
    int status;
    enum trace_state state;
    char id[65];
};

static void log_data(struct sight *s, const struct trace_item *item)
{
    struct read_row read;
    struct run_end_row end;
    size_t at = 0;
    for (size_t i = 0; i < rows_count(item->rows[TABLE_READ]); i++) {
        rows_get(item->rows[TABLE_READ], i, &read);
        buf_printf(&s->log, "read %d %d %.*s", (int)read.run, (int)read.t, (int)read.nbytes,
                   item->wire.data + at);
        at += (size_t)read.nbytes;
    }
    assert_int_equal(at, item->wire.len);
    for (size_t i = 0; i < rows_count(item->rows[TABLE_RUN_END]); i++) {
        rows_get(item->rows[TABLE_RUN_END], i, &end);
        buf_printf(&s->log, "end %d %d %.*s\n", (int)end.run, (int)end.status, (int)end.error.len,
                   end.error.data);
    }
}

static void look(struct sight *s, const void *bytes, size_t len, int allow_incomplete)
{
    struct trace_reader_options options = {.allow_incomplete = allow_incomplete};
    struct trace_reader *r;
    struct trace_item item;
    memset(s, 0, sizeof *s);
    assert_int_equal(trace_reader_open_memory(&r, bytes, len, &options, NULL), TT_OK);
    trace_reader_hash_content(r);
    while ((s->status = trace_reader_next(r, &item, NULL)) == TT_OK && item.kind != TRACE_STOP) {
        s->blocks++;
        if (item.kind == TRACE_DATA)
            log_data(s, &item);
        else
            buf_append(&s->log, item.json_text.data, item.json_text.len);
    }
    s->state = trace_reader_state(r);
    assert_int_equal(trace_reader_content_id(r, s->id, NULL), TT_OK);
    trace_reader_free(r);
}

static void test_round_trip(void **state)
{
    struct fixture *f = *state;
    struct sight s;
    look(&s, f->bytes.data, f->bytes.len, 0);
    assert_int_equal(s.status, TT_OK);
    assert_int_equal(s.state, TRACE_CLEAN);
    assert_non_null(strstr(buf_text(&s.log), "end 1 200 engine closed the stream\n"));
    assert_non_null(strstr(buf_text(&s.log), "data: {\"run\":2,\"i\":39}"));
    assert_true(s.blocks > 6);
    buf_release(&s.log);
}

static void test_absent_stays_absent(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
    struct sight first, second;
    char id[65], path[] = "trace-test-big.toktape";
    struct buf big = BUF_INIT;
    unlink(path);
    write_trace(path, 1 << 20, 9, id);
    assert_int_equal(io_read_file(path, 1 << 24, &big, NULL), TT_OK);
    look(&first, f->bytes.data, f->bytes.len, 0);
    look(&second, big.data, big.len, 0);
    assert_string_equal(first.id, second.id);
    assert_string_equal(first.id, id);
    assert_true(second.blocks < first.blocks);
    buf_release(&first.log);
    buf_release(&second.log);
    buf_release(&big);
    unlink(path);
}

static void test_repack_says_the_same(void **state)
{
    struct fixture *f = *state;
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
    look(&before, f->bytes.data, f->bytes.len, 0);
    look(&after, packed.data, packed.len, 0);
    assert_string_equal(before.id, after.id);
    buf_release(&before.log);
    buf_release(&after.log);
    buf_release(&packed);
    unlink(path);
}

/* The fixture's trace, whose END says this of its content. */
static void write_with_end(const struct fixture *f, const char *path, const char *streams, const char *id)
{
    cJSON *meta, *end;
    unlink(path);
    int fd = io_create_new(path, NULL);
    struct trace_writer *w = write_three_runs(fd, path, 1024, 3);
    assert_int_equal(trace_read_ends(f->path, &meta, &end, NULL), TT_OK);
    cJSON_DeleteItemFromObject(end, "streams");
    if (streams)
        cJSON_AddItemToObject(end, "streams", cJSON_Parse(streams));
    if (id)
        cJSON_ReplaceItemInObject(end, "content_id", cJSON_CreateString(id));
    char *json = cJSON_PrintUnformatted(end);
    assert_int_equal(trace_writer_unknown(w, BLOCK_END, text(json), NULL), TT_OK);
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
    const struct fixture *f = *state;
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
    assert_int_equal(trace_writer_new(&w, fd, path, META, &options, NULL), TT_OK);
    for (uint64_t run = 0; run < 40; run++) {
        struct read_row read = {run, 10 * run + 1, sizeof wire};
        struct run_end_row end = {.run = run, .error = text("")};
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
    assert_int_equal(trace_writer_new(&w, fd, path, META, &options, NULL), TT_OK);
    assert_int_equal(trace_writer_copy(w, &payload, NULL), TT_OK);
    assert_int_equal(trace_writer_unknown(w, 99, text("later"), NULL), TT_OK);
    add_run(w, 0);
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
    assert_int_equal(trace_writer_new(&w, fd, path, META, &options, NULL), TT_OK);
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

/* Cutting anywhere yields exactly the whole blocks before the cut. */
static void test_every_prefix(void **state)
{
    struct fixture *f = *state;
    struct sight whole, cut;
    size_t blocks = 0;
    look(&whole, f->bytes.data, f->bytes.len, 0);
    for (size_t len = 1; len < f->bytes.len; len++) {
        look(&cut, f->bytes.data, len, 1);
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
            look(&cut, f->bytes.data, len, 0);
            assert_int_equal(cut.status, blocks ? TT_TRUNCATED : TT_DAMAGED);
            buf_release(&cut.log);
        }
    }
    assert_int_equal(blocks, whole.blocks - 1);
    buf_release(&whole.log);
}

static void test_every_flipped_bit(void **state)
{
    struct fixture *f = *state;
    for (size_t bit = 0; bit < f->bytes.len * 8; bit++) {
        struct sight s;
        f->bytes.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        look(&s, f->bytes.data, f->bytes.len, 1);
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
    struct fixture *f = *state;
    struct buf twice = BUF_INIT;
    buf_append(&twice, f->bytes.data, f->bytes.len);
    buf_append(&twice, f->bytes.data, f->bytes.len);
    expect_damage(twice.data, twice.len, "two traces");
    buf_release(&twice);
}

static void test_lost_block_is_seen(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
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
    look(&s, padded.data, padded.len, 1);
    assert_int_equal(s.state, TRACE_TRUNCATED);
    buf_release(&s.log);
    padded.data[padded.len - 1] = 1;
    expect_damage(padded.data, padded.len, "no block begins here");
    buf_release(&padded);
}

static void test_ends(void **state)
{
    struct fixture *f = *state;
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
        cmocka_unit_test(test_repack_says_the_same),
        cmocka_unit_test(test_repack_corrects_digests),
        cmocka_unit_test(test_repack_refuses_an_end_that_lies),
        cmocka_unit_test(test_repack_keeps_ends_behind_reads),
        cmocka_unit_test(test_repack_keeps_what_it_does_not_know),
        cmocka_unit_test(test_repack_fills_blocks_to_the_cap),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_concatenation_is_named),
        cmocka_unit_test(test_lost_block_is_seen),
        cmocka_unit_test(test_zero_tail_is_truncation),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
