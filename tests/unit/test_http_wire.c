/* SPDX-License-Identifier: MIT */
/* Taking a response apart: the same head and body however the bytes are cut, and no trust in what they claim.
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
#include "formats/http_wire.h"

#define HEAD_MAX 256

static void feed(struct http_wire *w, const char *bytes, size_t len, struct buf *body)
{
    unsigned char *copy = malloc(len ? len : 1);
    struct bytes part;
    int more;
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct bytes in = {copy, len};
    while ((more = http_wire_next(w, &in, &part)) > 0) {
        assert_true(part.len > 0);
        buf_append(body, part.data, part.len);
    }
    assert_int_equal(more, TT_OK);
    assert_int_equal(in.len, 0);
    free(copy);
}

/* Status and what the framing says at the end, then the body: "200 complete [abc]". */
static void describe(const struct http_wire *w, const struct buf *body, struct buf *out)
{
    buf_clear(out);
    buf_printf(out, "%d%s%s%s [%s]", w->status, w->head_complete ? "" : " no-head",
               w->body_complete ? " complete" : "", w->step == HTTP_BAD ? " bad" : "", buf_text(body));
}

static void check_cut(const char *input, size_t len, size_t first, size_t second, const char *expected)
{
    struct http_wire w;
    struct buf body = BUF_INIT, seen = BUF_INIT;
    http_wire_init(&w, HEAD_MAX);
    for (int round = 0; round < 2; round++) {
        buf_clear(&body);
        http_wire_clear(&w);
        feed(&w, input, first, &body);
        feed(&w, input + first, second - first, &body);
        feed(&w, input + second, len - second, &body);
        http_wire_close(&w);
        describe(&w, &body, &seen);
        assert_string_equal(buf_text(&seen), expected);
    }
    buf_release(&body);
    buf_release(&seen);
    http_wire_release(&w);
}

/* Every way to cut the input into three pieces; then the connection closes. */
static void check(const char *input, const char *expected)
{
    size_t len = strlen(input);
    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len; second++)
            check_cut(input, len, first, second, expected);
    }
}

#define OK      "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static void ends_bodies_three_ways(void **state)
{
    (void)state;
    check(OK "Content-Length: 3\r\n\r\nabc", "200 complete [abc]");
    check(OK "Content-Length: 3\r\n\r\nab", "200 [ab]");
    check(OK "Content-Length: 3\r\n\r\nabcde", "200 complete [abc]");
    check(OK "Content-Length: 0\r\n\r\n", "200 complete []");
    check("HTTP/1.0 200 OK\r\n\r\nabc", "200 complete [abc]");
    check(OK "\r\nabc", "200 complete [abc]");
    check(OK "\r\n", "200 complete []");
    check(CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "200 complete [abcde]");
    check(CHUNKED "3\r\nabc\r\n", "200 [abc]");
    check(CHUNKED "3\r\nab", "200 [ab]");
}

static void reads_chunk_headers(void **state)
{
    (void)state;
    check(CHUNKED "00A\r\n0123456789\r\n0\r\n\r\n", "200 complete [0123456789]");
    check(CHUNKED "a\n0123456789\n0\n\n", "200 complete [0123456789]");
    check(CHUNKED "3;x=y\r\nabc\r\n0;z\r\n\r\n", "200 complete [abc]");
    check(CHUNKED "3 \t;q=\"a;b\"\r\nabc\r\n0\r\n\r\n", "200 complete [abc]");
    check(CHUNKED "1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\nrest", "200 complete [a]");
    check(CHUNKED "1\r\na\r\n0\r\n", "200 complete [a]"); /* the trailer is missing, the body is not */
}

static void refuses_bad_chunk_headers(void **state)
{
    (void)state;
    check(CHUNKED "x\r\nabc", "200 bad []");
    check(CHUNKED "\r\nabc", "200 bad []");
    check(CHUNKED "-1\r\nabc", "200 bad []");
    check(CHUNKED "0x3\r\nabc", "200 bad []");
    check(CHUNKED ";a\r\nabc", "200 bad []");
    check(CHUNKED "3x\r\nabc\r\n", "200 bad []");
    check(CHUNKED "3\rabc\r\n", "200 bad []");
    check(CHUNKED "3\r\nabcd\r\n0\r\n\r\n", "200 bad [abc]");
    check(CHUNKED "3\r\nabc\rd0\r\n\r\n", "200 bad [abc]");
    check(CHUNKED "FFFFFFFFFFFFFFFFF\r\nabc", "200 bad []");
    check(CHUNKED "8000000000000000\r\nabc", "200 bad []");
    check(CHUNKED "7FFFFFFFFFFFFFFF\r\nabc", "200 [abc]");
}

static void reads_heads(void **state)
{
    (void)state;
    check("HTTP/1.1 204 No Content\r\n\r\nabc", "204 complete []");
    check("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "304 complete []");
    check("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "200 complete [a]");
    check("HTTP/1.1 500 \r\nContent-Length: 1\r\n\r\na", "500 complete [a]");
    check("HTTP/1.1 200 OK\ncontent-LENGTH:1\n\na", "200 complete [a]");
    check(OK "Transfer-Encoding: gzip, Chunked \r\nContent-Length: 9\r\n\r\n1\r\na\r\n0\r\n\r\n",
          "200 complete [a]");
    check(OK "Transfer-Encoding: chunked, gzip\r\n\r\nabc", "200 complete [abc]");
    check(OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "200 complete [a]");
    check(OK "rubbish\r\n folded: x\r\nContent-Length:\t1 \r\n\r\na", "200 complete [a]");
}

static void passes_over_interim_answers(void **state)
{
    (void)state;
    check("HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\na", "200 complete [a]");
    check("HTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.0 503 Busy\r\n\r\nno",
          "503 complete [no]");
    check("HTTP/1.1 100 Continue\r\n\r\n", "0 no-head []");
    check("HTTP/1.1 101 Switching\r\n\r\nabc\r\n", "0 no-head bad []");
}

static void refuses_what_is_no_http(void **state)
{
    (void)state;
    check("", "0 no-head []");
    check("HTT", "0 no-head []");
    check("\r\n" OK, "0 no-head bad []");
    check("garbage\n", "0 no-head bad []");
    check("HTTP/2 200 OK\r\n\r\n", "0 no-head bad []");
    check("HTTP/1.x 200 OK\r\n\r\n", "0 no-head bad []");
    check("HTTP/1.1  200 OK\r\n\r\n", "0 no-head bad []");
    check("HTTP/1.1 20 OK\r\n\r\n", "0 no-head bad []");
    check("HTTP/1.1 2000 OK\r\n\r\n", "0 no-head bad []");
    check("HTTP/1.1 099 OK\r\n\r\n", "0 no-head bad []");
    check(OK "Content-Length: 1", "200 no-head []");
    check(OK "Content-Length: -1\r\n\r\na", "200 no-head bad []");
    check(OK "Content-Length: 1x\r\n\r\na", "200 no-head bad []");
    check(OK "Content-Length:\r\n\r\na", "200 no-head bad []");
    check(OK "Content-Length: 99999999999999999999\r\n\r\na", "200 no-head bad []");
    check(OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", "200 no-head bad []");
}

static void keeps_the_fields_of_interest(void **state)
{
    struct http_wire w;
    struct buf body = BUF_INIT;
    const char *input =
        "HTTP/1.1 103 Early\r\nServer: early\r\n\r\n"
        "HTTP/1.0 200 OK\r\nServer:  llama.cpp \r\nX: y\r\nContent-Type: text/event-stream\r\n\r\nabc";
    (void)state;
    http_wire_init(&w, HEAD_MAX);
    for (size_t i = 0; i < strlen(input); i++)
        feed(&w, input + i, 1, &body);
    assert_int_equal(w.minor, 0);
    assert_int_equal(w.chunked, 0);
    assert_true(w.content_length == UINT64_MAX);
    assert_int_equal(w.server.len, strlen("llama.cpp"));
    assert_memory_equal(w.server.data, "llama.cpp", w.server.len);
    assert_int_equal(w.content_type.len, strlen("text/event-stream"));
    assert_int_equal(w.body_complete, 0);
    http_wire_close(&w);
    assert_int_equal(w.body_complete, 1);
    http_wire_clear(&w);
    assert_int_equal(w.server.len, 0);
    assert_int_equal(w.status, 0);
    http_wire_release(&w);
    buf_release(&body);
}

static void feed_many(struct http_wire *w, const char *line, int count, struct buf *body)
{
    for (int i = 0; i < count; i++)
        feed(w, line, strlen(line), body);
}

/* Whatever grows without end, the head's cap bounds it. */
static void bounds_every_line(void **state)
{
    static const struct {
        const char *beginning, *endless;
        int body_complete;
    } cases[] = {
        {"HTTP/1.1 200 ", "xxxxxxxxxxxxxxxx", 0},
        {"", "xxxxxxxxxxxxxxxx", 0},
        {OK, "X: y\r\n", 0},
        {OK "X: ", "yyyyyyyyyyyyyyyy", 0},
        {CHUNKED "1;", "xxxxxxxxxxxxxxxx", 0},
        {CHUNKED, "0000000000000000", 0},
        {CHUNKED "0\r\n", "X: y\r\n", 1},
        {CHUNKED "0\r\nX: ", "yyyyyyyyyyyyyyyy", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_wire w;
        struct buf body = BUF_INIT;
        http_wire_init(&w, HEAD_MAX);
        feed(&w, cases[i].beginning, strlen(cases[i].beginning), &body);
        feed_many(&w, cases[i].endless, 1000, &body);
        assert_int_equal(w.step, HTTP_BAD);
        assert_int_equal(w.body_complete, cases[i].body_complete);
        assert_int_equal(body.len, 0);
        assert_true(w.head.capacity <= 2 * HEAD_MAX + 2);
        http_wire_release(&w);
        buf_release(&body);
    }
}

static void a_head_may_be_as_long_as_its_cap(void **state)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct http_wire w;
        struct buf input = BUF_INIT, body = BUF_INIT;
        (void)state;
        http_wire_init(&w, HEAD_MAX);
        buf_puts(&input, OK "X: ");
        while (input.len < HEAD_MAX - 4 + extra)
            buf_putc(&input, 'y');
        buf_puts(&input, "\r\n\r\na");
        feed(&w, buf_text(&input), input.len, &body);
        assert_int_equal(w.head_complete, !extra);
        assert_int_equal(w.step == HTTP_BAD, extra);
        assert_string_equal(buf_text(&body), extra ? "" : "a");
        http_wire_release(&w);
        buf_release(&input);
        buf_release(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_bodies_three_ways),           cmocka_unit_test(reads_chunk_headers),
        cmocka_unit_test(refuses_bad_chunk_headers),        cmocka_unit_test(reads_heads),
        cmocka_unit_test(passes_over_interim_answers),      cmocka_unit_test(refuses_what_is_no_http),
        cmocka_unit_test(keeps_the_fields_of_interest),     cmocka_unit_test(bounds_every_line),
        cmocka_unit_test(a_head_may_be_as_long_as_its_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
