/* SPDX-License-Identifier: MIT */
/* What a tokeniser is asked, and what is made of its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/error.h"
#include "record/answer_pieces.h"
#include "wire_answer.h"

#define HEAD          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define DELTA(fields) "data: {\"choices\":[{\"index\":0,\"delta\":{" fields "}}]}\n\n"
#define PIECE(piece)  "{\"id\":1,\"piece\":" piece "}"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static void expect_text(const char *wire, const char *text)
{
    struct bytes found;
    struct answer_text answer = wire_answer(wire, strlen(wire));
    int status = answer_pieces_text(&answer, &found);
    assert_int_equal(status, text ? TT_OK : TT_NOTFOUND);
    if (text) {
        assert_int_equal(found.len, strlen(text));
        assert_memory_equal(found.data, text, found.len);
    }
    answer_text_release(&answer);
}

static void test_text(void **state)
{
    (void)state;
    expect_text(HEAD DELTA("\"role\":\"assistant\",\"content\":null") DELTA("\"content\":\"a\\n\"")
                    DELTA("\"content\":\"b\"") "data: [DONE]\n\n",
                "a\nb");
    expect_text(HEAD DELTA("\"reasoning_content\":\"a\"") DELTA("\"reasoning_content\":\"b\""), "ab");
    expect_text(HEAD DELTA("\"reasoning_content\":\"a\"") DELTA("\"content\":\"b\""), NULL);
    expect_text(HEAD DELTA("\"content\":\"a\"")
                    DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]"),
                NULL);
    expect_text(HEAD DELTA("\"content\":\"\""), NULL);
    expect_text("not HTTP", NULL);
    expect_text("", NULL);
}

/* A megabyte of text is asked about, and no more. */
static void test_too_much_text(void **state)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"; /* 64 */
    struct buf wire = BUF_INIT;
    struct bytes found;
    (void)state;
    buf_puts(&wire, HEAD);
    for (int i = 0; i < (1 << 20) / 64; i++)
        buf_printf(&wire, DELTA("\"content\":\"%s\""), letters);
    struct answer_text answer = wire_answer(buf_text(&wire), wire.len);
    assert_int_equal(answer_pieces_text(&answer, &found), TT_OK);
    assert_int_equal(found.len, 1 << 20);
    answer_text_release(&answer);
    buf_puts(&wire, DELTA("\"content\":\"a\""));
    answer = wire_answer(buf_text(&wire), wire.len);
    assert_int_equal(answer_pieces_text(&answer, &found), TT_NOTFOUND);
    answer_text_release(&answer);
    buf_release(&wire);
}

static void expect_lengths(const char *document, const char *text, const char *lengths)
{
    struct buf found = BUF_INIT;
    int status = answer_pieces_lengths(bytes_of(document), bytes_of(text), &found);
    assert_int_equal(status, lengths ? TT_OK : TT_NOTFOUND);
    if (lengths)
        assert_string_equal(buf_text(&found), lengths);
    buf_release(&found);
}

static void test_lengths(void **state)
{
    (void)state;
    expect_lengths("{\"tokens\":[" PIECE("\"The\"") "," PIECE("\" sea\\n\"") "]}", "The sea\n", "\3\5");
    expect_lengths("{\"x\":[1],\"tokens\":[{\"piece\":\"a\",\"id\":{\"b\":[]}}],\"y\":2}", "a", "\1");
    /* A character of three bytes in two tokens, and an escaped one of four in one. */
    expect_lengths(
        "{\"tokens\":[" PIECE("[32,230]") "," PIECE("[181, 183]") "," PIECE("\"\\ud83c\\udf0a\"") "]}",
        " \xe6\xb5\xb7\xf0\x9f\x8c\x8a", "\2\2\4");
}

static void test_lengths_that_are_none(void **state)
{
    static const char *const documents[] = {
        "",
        "[]",
        "{}",
        "{\"tokens\":7}",
        "{\"tokens\":[]}",
        "{\"tokens\":[5,6]}",
        "{\"tokens\":[{\"id\":1}]}",
        "{\"tokens\":[" PIECE("\"ab\"") "]}",                     /* too little */
        "{\"tokens\":[" PIECE("\"abc\"") "," PIECE("\"d\"") "]}", /* too much */
        "{\"tokens\":[" PIECE("\"abd\"") "]}",                    /* another text */
        "{\"tokens\":[" PIECE("\"\"") "," PIECE("\"abc\"") "]}",  /* a token without text */
        "{\"tokens\":[" PIECE("[97,98,355]") "]}",                /* no byte */
        "{\"tokens\":[" PIECE("[97,98,-1]") "]}",
        "{\"tokens\":[" PIECE("[97,98,99.5]") "]}",
        "{\"tokens\":[" PIECE("[97,98,\"c\"]") "]}",
        "{\"tokens\":[" PIECE("{\"abc\":1}") "]}",
        "{\"tokens\":[" PIECE("null") "]}",
        "{\"tokens\":[" PIECE("\"abc\""), /* cut off */
        "{\"tokens\":[" PIECE("\"abc\"") "]} more",
        "{\"tokens\":[" PIECE("\"abc") "]}",
    };
    (void)state;
    expect_lengths("{\"tokens\":[" PIECE("\"abc\"") "]}", "abc", "\3");
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        expect_lengths(documents[i], "abc", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_too_much_text),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_lengths_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
