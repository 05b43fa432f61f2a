/* SPDX-License-Identifier: MIT */
/* What the specification shows and lists is what the code writes and reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/io.h"
#include "formats/rows.h"
#include "formats/trace_reader.h"
#include "formats/trace_writer.h"

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

static void test_vector_of_the_specification(void **state)
{
    struct trace_writer_options options = {.trace_id = 1};
    struct trace_writer *w;
    struct mark_row mark = {1, ABSENT, ABSENT, text("idle_begin"), text("")};
    int fd = io_open_stream("/dev/null", NULL);
    (void)state;
    assert_int_equal(trace_writer_new(&w, fd, "null", "{\"format\": \"toktape\"}", &options, NULL), TT_OK);
    assert_int_equal(trace_writer_row(w, TABLE_MARK, &mark, NULL), TT_OK);
    assert_int_equal(trace_writer_finish(w, "clean", NULL, NULL), TT_OK);
    assert_string_equal(trace_writer_content_id(w),
                        "cedada12eb299f447a8cbdb5ea7dfcb049e653fe0e308fb5a22745a80b0d8e1f");
    trace_writer_free(w);
    io_close(fd, "null", NULL);
}

/* The bytes that the specification shows, line by line: pairs of hex digits, then three blanks or more and
 * words. */
static void append_hex_line(struct buf *out, const char *line)
{
    unsigned byte;
    int used;
    for (; sscanf(line, " %2x%n", &byte, &used) == 1; line += used)
        buf_putc(out, (int)byte);
}

static void shown_bytes(struct buf *out)
{
    struct buf page = BUF_INIT;
    assert_int_equal(io_read_file(TEST_DATA "/../formats/FORMAT.md", 1 << 20, &page, NULL), TT_OK);
    const char *line = strstr(buf_text(&page), "\n## 12. ");
    assert_non_null(line);
    line = strstr(line, "\n```\n") + 5;
    for (; *line != '`'; line = strchr(line, '\n') + 1) {
        const char *word = strstr(line, "   "), *end = strchr(line, '\n');
        char text[128];
        size_t len = (size_t)((word && word < end ? word : end) - line);
        assert_true(len < sizeof text);
        memcpy(text, line, len);
        text[len] = '\0';
        append_hex_line(out, text);
    }
    buf_release(&page);
}

/* Reads the trace, whose last document must be its note; how many blocks it has. */
static size_t count_blocks(const struct buf *trace, char id[SHA256_HEX_BYTES])
{
    struct trace_reader_options options = {.allow_incomplete = 1};
    struct trace_reader *r;
    struct trace_item item;
    size_t blocks = 0;
    int notes = 0;
    assert_int_equal(trace_reader_open_memory(&r, trace->data, trace->len, &options, NULL), TT_OK);
    trace_reader_hash_content(r);
    while (trace_reader_next(r, &item, NULL) == TT_OK && item.kind != TRACE_STOP) {
        blocks++;
        notes += item.kind == TRACE_NOTE && strstr((const char *)item.json_text.data, "{\"text\": \"hi\"}");
    }
    assert_int_equal(notes, 1);
    assert_int_equal(trace_reader_state(r), TRACE_TRUNCATED);
    assert_int_equal(trace_reader_content_id(r, id, NULL), TT_OK);
    trace_reader_free(r);
    return blocks;
}

/* The trace that the specification shows is read, says what it says there, and its payload is what is
 * written. */
static void test_bytes_of_the_specification(void **state)
{
    static const size_t data_payload = 94 + BLOCK_HEADER_BYTES + 9, payload_len = 58;
    struct mark_row mark = {1, ABSENT, ABSENT, text("idle_begin"), text("")};
    struct buf bytes = BUF_INIT, raw = BUF_INIT;
    struct batch batch = {0};
    struct cuts cuts = {0};
    char id[SHA256_HEX_BYTES];
    (void)state;
    shown_bytes(&bytes);
    assert_int_equal(bytes.len, 312);
    assert_int_equal(count_blocks(&bytes, id), 3);
    assert_string_equal(id, "cedada12eb299f447a8cbdb5ea7dfcb049e653fe0e308fb5a22745a80b0d8e1f");
    assert_int_equal(batch_add(&batch, schema_table(TABLE_MARK), &mark), TT_OK);
    assert_int_equal(batch_encode(&batch, &raw, &cuts), TT_OK);
    assert_int_equal(raw.len, payload_len);
    assert_memory_equal(raw.data, bytes.data + data_payload, payload_len);
    mem_free(cuts.at);
    batch_release(&batch);
    buf_release(&raw);
    buf_release(&bytes);
}

/* The specification lists every table with its columns and types, in the words of the schema. */
static void test_specification_lists_the_schema(void **state)
{
    struct buf page = BUF_INIT;
    (void)state;
    assert_int_equal(io_read_file(TEST_DATA "/../formats/FORMAT.md", 1 << 20, &page, NULL), TT_OK);
    for (uint64_t t = 1; t < TABLE_MAX; t++) {
        const struct table_def *def = schema_table(t);
        struct buf row = BUF_INIT;
        buf_printf(&row, "| %d `%s` | ", (int)t, def->name);
        for (size_t c = 0; c < def->column_count; c++)
            buf_printf(&row, "%s%d %s %c", c ? ", " : "", (int)def->columns[c].id, def->columns[c].name,
                       def->columns[c].type == COLUMN_U64 ? 'n' : 'b');
        buf_puts(&row, " |\n");
        if (!strstr(buf_text(&page), buf_text(&row)))
            fail_msg("FORMAT.md lacks: %s", buf_text(&row));
        buf_release(&row);
    }
    buf_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector_of_the_specification),
        cmocka_unit_test(test_bytes_of_the_specification),
        cmocka_unit_test(test_specification_lists_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
