/* SPDX-License-Identifier: MIT */
/* Traces that no writer wrote, though every hash in them is right: each is refused for its own reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/block.h"
#include "formats/bytes.h"
#include "formats/compress.h"
#include "formats/digest.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/rows.h"
#include "formats/trace_reader.h"
#include "formats/trace_writer.h"

#define TRACE_ID 7

struct forged {
    struct buf trace;
    uint64_t blocks;
};

/* A block whose payload is `frame`, whatever that is. */
static void forge_frame(struct forged *f, enum block_type type, const void *frame, size_t len, size_t raw_len)
{
    unsigned char raw[BLOCK_HEADER_BYTES];
    struct block_header h = {(uint16_t)type, BLOCK_CRITICAL, (uint32_t)raw_len,   (uint32_t)len,
                             f->blocks++,    TRACE_ID,       xxh64_of(frame, len)};
    block_header_write(&h, raw);
    buf_append(&f->trace, raw, sizeof raw);
    buf_append(&f->trace, frame, len);
}

static void forge(struct forged *f, enum block_type type, const void *payload, size_t len)
{
    struct compressor *c = compressor_new(1);
    struct buf frame = BUF_INIT;
    assert_int_equal(compressor_run(c, payload, len, NULL, 0, &frame, NULL), TT_OK);
    forge_frame(f, type, frame.data, frame.len, len);
    buf_release(&frame);
    compressor_free(c);
}

static void forge_text(struct forged *f, enum block_type type, const char *text)
{
    forge(f, type, text, strlen(text));
}

static struct forged begun(void)
{
    struct forged f = {BUF_INIT, 0};
    forge_text(&f, BLOCK_META, "{\"format\": \"toktape\"}");
    return f;
}

/* Reads to the end or to the first failure, which must stay the same when asked again. */
static void expect(struct forged *f, int wanted, const char *words)
{
    struct trace_reader *r;
    struct trace_item item;
    struct error e = {0};
    struct trace_reader_options options = {.allow_incomplete = 1};
    int status;
    assert_int_equal(trace_reader_open_memory(&r, f->trace.data, f->trace.len, &options, &e), TT_OK);
    trace_reader_hash_content(r);
    do
        status = trace_reader_next(r, &item, &e);
    while (status == TT_OK && item.kind != TRACE_STOP);
    if (status != wanted || (status && !strstr(e.text, words)))
        fail_msg("status %d, '%s'", status, e.text);
    assert_int_equal(trace_reader_next(r, &item, NULL), wanted);
    trace_reader_free(r);
    buf_release(&f->trace);
}

static void expect_data(const void *payload, size_t len, int wanted, const char *words)
{
    struct forged f = begun();
    forge(&f, BLOCK_DATA, payload, len);
    expect(&f, wanted, words);
}

#define EXPECT_DATA(wanted, words, ...)                                                                      \
    do {                                                                                                     \
        const unsigned char payload[] = {__VA_ARGS__};                                                       \
        expect_data(payload, sizeof payload, wanted, words);                                                 \
    } while (0)

static void test_rows_need_columns(void **state)
{
    (void)state;
    EXPECT_DATA(TT_DAMAGED, "impossible number of rows", TABLE_MARK, 2, 5, 0);
    EXPECT_DATA(TT_DAMAGED, "impossible number of rows", TABLE_MARK, 6, 0, 1, 1, ENCODING_VALUE, 2, 0);
    EXPECT_DATA(TT_DAMAGED, "impossible number of rows", TABLE_MARK, 2, 1, 33);
}

/* A few bytes may not stand for more rows than a reader wants to walk through, whoever knows their encoding.
 */
static void test_values_are_counted_in_any_encoding(void **state)
{
    (void)state;
    EXPECT_DATA(TT_LIMIT, "more than 2097152 values", 77, 10, 0x81, 0x80, 0x40, 2, 1, 9, 0, 2, 9, 0);
    EXPECT_DATA(TT_UNSUPPORTED, "does not know", 77, 8, 0xff, 0xff, 0x3f, 1, 1, 9, 1, 0);
}

static void test_reads_share_out_the_wire(void **state)
{
    (void)state;
    EXPECT_DATA(TT_DAMAGED, "the wire has more", PAYLOAD_WIRE, 2, 'a', 'b');
    EXPECT_DATA(TT_DAMAGED, "the wire has more", PAYLOAD_WIRE, 2, 'a', 'b', TABLE_READ, 7, 1, 1, 3,
                ENCODING_VALUE, 2, 1, 0);
    EXPECT_DATA(TT_DAMAGED, "the reads have more", PAYLOAD_WIRE, 2, 'a', 'b', TABLE_READ, 7, 1, 1, 3,
                ENCODING_VALUE, 2, 3, 0);
    EXPECT_DATA(TT_OK, "", PAYLOAD_WIRE, 2, 'a', 'b', TABLE_READ, 7, 1, 1, 3, ENCODING_VALUE, 2, 2, 0);
}

static void expect_frame(const void *frame, size_t len, size_t raw_len)
{
    struct forged f = begun();
    forge_frame(&f, BLOCK_DATA, frame, len, raw_len);
    expect(&f, TT_DAMAGED, "not the frame its header announces");
}

static void test_payloads_are_ordinary_frames(void **state)
{
    const unsigned char skippable[] = {0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0};
    const unsigned char unchecked[] = {0x28, 0xB5, 0x2F, 0xFD, 0x20, 0, 1, 0, 0};
    /* No bytes, in a window of 16 MiB; the checksum is that of nothing. */
    const unsigned char wide[] = {0x28, 0xB5, 0x2F, 0xFD, 0x84, 0x70, 0,    0,   0,
                                  0,    1,    0,    0,    0x99, 0xE9, 0xD8, 0x51};
    unsigned char narrow[sizeof wide];
    struct forged f = begun();
    (void)state;
    expect_frame(skippable, sizeof skippable, 0);
    expect_frame(unchecked, sizeof unchecked, 0);
    expect_frame(wide, sizeof wide, 0);
    memcpy(narrow, wide, sizeof wide);
    narrow[5] = 0x68;
    forge_frame(&f, BLOCK_DATA, narrow, sizeof narrow, 0);
    expect(&f, TT_OK, "");
}

static void test_documents_are_objects_without_nul(void **state)
{
    static const char with_nul[] = "{\"a\": \"b\0c\"}";
    struct forged f = {BUF_INIT, 0};
    (void)state;
    forge_text(&f, BLOCK_META, "[1]");
    expect(&f, TT_DAMAGED, "no JSON object");
    f = begun();
    forge(&f, BLOCK_META, with_nul, sizeof with_nul - 1);
    expect(&f, TT_DAMAGED, "not valid JSON at line 1, column 9");
}

static void test_documents_and_tables_have_a_cap(void **state)
{
    struct forged f = begun();
    (void)state;
    for (int i = 0; i < TRACE_META_MAX; i++)
        forge_text(&f, BLOCK_META, "{}");
    expect(&f, TT_LIMIT, "too many META");
    f = begun();
    for (int i = 0; i < 400; i++) {
        unsigned char payload[] = {0, 0, 7, 1, 1, 1, ENCODING_VALUE, 2, 0, 0};
        payload[0] = (unsigned char)(0x80 | (i & 0x7f));
        payload[1] = (unsigned char)(1 + i / 128);
        forge(&f, BLOCK_DATA, payload, sizeof payload);
    }
    expect(&f, TT_LIMIT, "too many different tables");
}

/* The description alone, as `info` reads it, is refused for the same reason. */
static void test_a_description_over_the_cap(void **state)
{
    static char document[JSON_DOCUMENT_MAX + 64];
    struct forged f = {BUF_INIT, 0};
    struct error e = {0};
    cJSON *meta, *end;
    (void)state;
    memset(document, ' ', sizeof document - 1);
    memcpy(document, "{}", 2);
    forge_text(&f, BLOCK_META, document);
    assert_int_equal(io_write_file("hostile-test.toktape", f.trace.data, f.trace.len, NULL), TT_OK);
    assert_int_equal(trace_read_ends("hostile-test.toktape", &meta, &end, &e), TT_LIMIT);
    io_remove("hostile-test.toktape", NULL);
    expect(&f, TT_DAMAGED, "over the limit");
}

/* ---- what a writer refuses to write ---- */

static struct trace_writer *writer_to_nowhere(int *fd)
{
    struct trace_writer_options options = {.level = 1, .trace_id = TRACE_ID};
    struct trace_writer *w;
    *fd = io_open_stream("/dev/null", NULL);
    assert_int_equal(trace_writer_new(&w, *fd, "null", "{}", &options, NULL), TT_OK);
    return w;
}

static void test_no_row_makes_a_block_too_large(void **state)
{
    static unsigned char large[(size_t)3 << 20];
    struct bytes part = {large, sizeof large}, none = {large, 0};
    struct probe_row row = {.method = none, .path = part, .headers = part, .body = part};
    struct error e = {0};
    int fd;
    (void)state;
    struct trace_writer *w = writer_to_nowhere(&fd);
    assert_int_equal(trace_writer_row(w, TABLE_PROBE, &row, &e), TT_LIMIT);
    row.headers = none;
    assert_int_equal(trace_writer_row(w, TABLE_PROBE, &row, &e), TT_OK);
    assert_int_equal(trace_writer_finish(w, "clean", NULL, &e), TT_OK);
    trace_writer_free(w);
    io_close(fd, "null", NULL);
}

static void test_a_long_summary_does_not_cost_the_end(void **state)
{
    static char summary[70000];
    struct error e = {0};
    int fd;
    (void)state;
    struct trace_writer *w = writer_to_nowhere(&fd);
    memset(summary, 'x', sizeof summary - 1);
    summary[0] = summary[sizeof summary - 2] = '"';
    assert_int_equal(trace_writer_finish(w, "clean", summary, &e), TT_OK);
    trace_writer_free(w);
    io_close(fd, "null", NULL);
}

/* Tables of newer versions: more kinds than a block may have, but never at a time. */
static void test_copying_many_tables(void **state)
{
    struct payload payload = {0};
    struct error e = {0};
    int fd;
    (void)state;
    struct trace_writer *w = writer_to_nowhere(&fd);
    for (unsigned char table = 20; table < 100; table++) {
        const unsigned char raw[] = {table, 7, 1, 1, 1, ENCODING_VALUE, 2, 0, 0};
        assert_int_equal(payload_decode(&payload, raw, sizeof raw, &e), TT_OK);
        if (trace_writer_copy(w, &payload, &e))
            fail_msg("%s", e.text);
    }
    assert_int_equal(trace_writer_finish(w, "clean", NULL, &e), TT_OK);
    payload_release(&payload);
    trace_writer_free(w);
    io_close(fd, "null", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_need_columns),
        cmocka_unit_test(test_values_are_counted_in_any_encoding),
        cmocka_unit_test(test_reads_share_out_the_wire),
        cmocka_unit_test(test_payloads_are_ordinary_frames),
        cmocka_unit_test(test_documents_are_objects_without_nul),
        cmocka_unit_test(test_documents_and_tables_have_a_cap),
        cmocka_unit_test(test_a_description_over_the_cap),
        cmocka_unit_test(test_no_row_makes_a_block_too_large),
        cmocka_unit_test(test_a_long_summary_does_not_cost_the_end),
        cmocka_unit_test(test_copying_many_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
