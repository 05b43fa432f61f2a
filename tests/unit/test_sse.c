/* SPDX-License-Identifier: MIT */
/* The grammar of event streams: the same events however the bytes are cut, and no more memory than an event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/sse.h"

#define EVENT_MAX 32

/* Feeds one piece, in memory of exactly its size that is gone afterwards, and notes what was found. */
static void feed(struct sse *s, const char *bytes, size_t len, struct buf *log)
{
    static const char letters[] = {[SSE_EVENT] = 'E', [SSE_COMMENT] = 'C', [SSE_OVERSIZED] = 'O'};
    unsigned char *copy = malloc(len ? len : 1);
    struct sse_event event;
    int found;
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct bytes in = {copy, len};
    while ((found = sse_next(s, &in, &event)) > 0) {
        buf_printf(log, "%c%d[", letters[found], (int)event.offset);
        buf_append(log, event.text.data, event.text.len);
        buf_puts(log, "] ");
    }
    assert_int_equal(found, SSE_MORE);
    assert_int_equal(in.len, 0);
    free(copy);
}

static void check_cut(const char *input, size_t len, size_t first, size_t second, const char *expected)
{
    struct sse s;
    struct buf log = BUF_INIT;
    sse_init(&s, EVENT_MAX);
    for (int round = 0; round < 2; round++) { /* the second time in memory that has been used */
        buf_clear(&log);
        sse_clear(&s);
        feed(&s, input, first, &log);
        feed(&s, input + first, second - first, &log);
        feed(&s, input + second, len - second, &log);
        buf_printf(&log, "+%d", (int)sse_pending(&s));
        assert_string_equal(buf_text(&log), expected);
    }
    buf_release(&log);
    sse_release(&s);
}

static void check_byte_by_byte(const char *input, size_t len, const char *expected)
{
    struct sse s;
    struct buf log = BUF_INIT;
    sse_init(&s, EVENT_MAX);
    for (size_t i = 0; i < len; i++)
        feed(&s, input + i, 1, &log);
    buf_printf(&log, "+%d", (int)sse_pending(&s));
    assert_string_equal(buf_text(&log), expected);
    buf_release(&log);
    sse_release(&s);
}

/* Every way to cut the input into three pieces, empty ones included. "+N" is what stays incomplete. */
static void check(const char *input, const char *expected)
{
    size_t len = strlen(input);
    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len; second++)
            check_cut(input, len, first, second, expected);
    }
    check_byte_by_byte(input, len, expected);
}

static void ends_lines_three_ways(void **state)
{
    (void)state;
    check("data: a\n\ndata: b\n\n", "E0[a] E9[b] +0");
    check("data: a\r\n\r\ndata: b\r\n\r\n", "E0[a] E11[b] +0");
    check("data: a\r\rdata: b\r\r", "E0[a] E9[b] +0");
    check("data: a\n\r\n\ndata: b\r\n\rdata: c\n\r", "E0[a] E11[b] E21[c] +0");
    check("data: a\r\n\n", "E0[a] +0");
    check("\n\r\n\r\n\ndata: a\n\n\n\n", "E6[a] +0");
}

static void reads_fields(void **state)
{
    (void)state;
    check("data:a\n\n", "E0[a] +0");
    check("data:  a\n\n", "E0[ a] +0");
    check("data\n\n", "E0[] +0");
    check("data:\n\n", "E0[] +0");
    check("data: a\ndata: b\ndata\ndata:c\n\n", "E0[a\nb\n\nc] +0");
    check("data\ndata: b\n\n", "E0[\nb] +0");
    check("data: a\r\ndata: b\r\n\r\n:c\r\n", "E0[a\nb] C20[c] +0");
    check("data: a\rdata: b\r\r:c\r", "E0[a\nb] C17[c] +0");
    check("event: x\ndata: a\nid: 7\nretry: 10\n\n", "E0[a] +0");
    check("event: x\nid: 7\n\ndata: a\n\n", "E16[a] +0");
    check("datax: a\nDATA: b\n data: c\ndat: d\n\n", "+0");
    check("data: a:b: c\n\n", "E0[a:b: c] +0");
    check("foo\ndata: a\n\n", "E0[a] +0");
}

static void reads_comments(void **state)
{
    (void)state;
    check(":\n\n", "C0[] +0");
    check(": keep-alive\n\ndata: a\n\n", "C0[ keep-alive] E14[a] +0");
    check("data: a\n: c\ndata: b\n\n", "C8[ c] E0[a\nb] +0");
    check(":a\r:b\r\n:c\n", "C0[a] C3[b] C7[c] +0");
}

static void passes_over_a_byte_order_mark(void **state)
{
    (void)state;
    check("\xEF\xBB\xBF"
          "data: a\n\n",
          "E0[a] +0");
    check("\xEF\xBB\xBF:x\n", "C0[x] +0");
    check("\xEF\xBB\xBF\n\n", "+0");
    check("\n\xEF\xBB\xBF"
          "data: a\n\n",
          "+0");
    check("\xEF\xBB"
          "data: a\n\n",
          "+0");
}

static void counts_what_is_incomplete(void **state)
{
    (void)state;
    check("", "+0");
    check("data: a", "+7");
    check("data: a\n", "+8");
    check("data: a\n\ndata: b\nda", "E0[a] +10");
    check("data: a\n\n: com", "E0[a] +5");
    check("event: x\n", "+9");
}

static void passes_over_what_is_too_large(void **state)
{
    (void)state;
    check("data: 01234567890123456789012345678901\n\ndata: a\n\n",
          "E0[01234567890123456789012345678901] E40[a] +0");
    check("data: 012345678901234567890123456789012\n\ndata: a\n\n", "O0[] E41[a] +0");
    check("data: 0123456789012345\ndata: 012345678901234\n\ndata: a\n\n",
          "E0[0123456789012345\n012345678901234] E46[a] +0");
    check("data: 0123456789012345\ndata: 0123456789012345\n\ndata: a\n\n", "O0[] E47[a] +0");
    check("data: 0123456789012345678901234567890123456789012345678901234567890\ndata: x\n\n:c\n",
          "O0[] C77[c] +0");
    check("x: 0123456789012345678901234567890123456789012345678901234567890\ndata: a\n\n", "E0[a] +0");
}

/* Half a kilobyte of comment comes whole; the cut of a longer one does not depend on the pieces. */
static void cuts_long_comments(void **state)
{
    struct sse s;
    struct buf log = BUF_INIT;
    char line[3 * SSE_COMMENT_MAX];
    (void)state;
    memset(line, 'c', sizeof line);
    line[0] = ':';
    line[sizeof line - 1] = '\n';
    for (size_t cut = 0; cut < sizeof line; cut += 97) {
        sse_init(&s, 1 << 20);
        buf_clear(&log);
        feed(&s, line, cut, &log);
        feed(&s, line + cut, sizeof line - cut, &log);
        assert_int_equal(log.len, strlen("C0[") + SSE_COMMENT_MAX + strlen("] "));
        sse_release(&s);
    }
    buf_release(&log);
}

/* A line without end, of any field, costs a few times the cap and no more. */
static void an_endless_line_is_bounded(void **state)
{
    static const char *const beginnings[] = {"data: ", ":", "id: ", "data: a\ndata: ", "rubbish"};
    static char filler[1 << 20];
    (void)state;
    memset(filler, 'x', sizeof filler);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        struct sse s;
        struct buf log = BUF_INIT;
        sse_init(&s, 1 << 20);
        feed(&s, beginnings[i], strlen(beginnings[i]), &log);
        for (int n = 0; n < 100; n++) {
            feed(&s, filler, sizeof filler, &log);
            assert_true(s.line.capacity + s.data.capacity <= (size_t)5 << 20);
        }
        assert_int_equal(log.len, 0);
        feed(&s, "\n\ndata: after\n\n", 15, &log);
        assert_non_null(strstr(buf_text(&log), "[after] "));
        buf_release(&log);
        sse_release(&s);
    }
}

/* Many lines, each short: data adds up to the cap and then is dropped. */
static void endless_lines_are_bounded(void **state)
{
    struct sse s;
    struct buf log = BUF_INIT;
    (void)state;
    sse_init(&s, 1 << 16);
    for (int i = 0; i < 200000; i++) {
        feed(&s, "data: abcdefghij\r", 17, &log);
        assert_true(s.line.capacity + s.data.capacity <= (size_t)1 << 19);
    }
    feed(&s, "\r", 1, &log);
    assert_string_equal(buf_text(&log), "O0[] ");
    buf_release(&log);
    sse_release(&s);
}

/* Searching for line ends stays linear when the other kind never, or always, comes. */
static void mixed_line_ends_cost_no_more(void **state)
{
    static char bytes[4 << 20];
    struct sse s;
    struct sse_event event;
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        memset(bytes, kind == 0 ? '\r' : '\n', sizeof bytes);
        if (kind == 2) {
            memset(bytes, '\r', sizeof bytes);
            bytes[sizeof bytes - 1] = '\n';
        }
        struct bytes in = {(unsigned char *)bytes, sizeof bytes};
        sse_init(&s, EVENT_MAX);
        assert_int_equal(sse_next(&s, &in, &event), SSE_MORE);
        assert_int_equal(s.offset, sizeof bytes);
        sse_release(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_lines_three_ways),
        cmocka_unit_test(reads_fields),
        cmocka_unit_test(reads_comments),
        cmocka_unit_test(passes_over_a_byte_order_mark),
        cmocka_unit_test(counts_what_is_incomplete),
        cmocka_unit_test(passes_over_what_is_too_large),
        cmocka_unit_test(cuts_long_comments),
        cmocka_unit_test(an_endless_line_is_bounded),
        cmocka_unit_test(endless_lines_are_bounded),
        cmocka_unit_test(mixed_line_ends_cost_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
