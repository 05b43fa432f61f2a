/* SPDX-License-Identifier: MIT */
/* Masking: what goes, what stays, and that neither depends on where reads were cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/mask_segments.h"
#include "formats/mask_wire.h"

static const struct mask_key key = {{1, 2, 3}};

static void expect_json(const char *text, const char *masked)
{
    char copy[1024];
    struct mask_json m;
    for (size_t piece = 1; piece < 4; piece++) {
        size_t len = strlen(text);
        memcpy(copy, text, len + 1);
        mask_json_init(&m, &key);
        for (size_t at = 0; at < len; at += piece)
            mask_json_run(&m, (unsigned char *)copy + at, len - at < piece ? len - at : piece);
        assert_string_equal(copy, masked);
    }
}

static void test_json(void **state)
{
    (void)state;
    expect_json("{\"content\": \"two words\", \"n\": [1, -2.5e3, true, null]}",
                "{\"content\": \"XXXXXXXXX\", \"n\": [1, -2.5e3, true, null]}");
    expect_json("{\"finish_reason\":\"tool_calls\",\"type\":\"text secret\",\"model\":\"/home/a\"}",
                "{\"finish_reason\":\"tool_calls\",\"type\":\"textXXXXXXX\",\"model\":\"XXXXXXX\"}");
    expect_json("{\"contents\":1,\"secret\":2,\"con\":3,\"inde\\u0078\":4}",
                "{\"contentX\":1,\"seXXXX\":2,\"con\":3,\"inde\\u0078\":4}");
    expect_json("[\"a\\n\\\"b\\u00e9\\u4e2d\\ud83d\\ude00\"]", "[\"X\\/\\/X\\u00d7\\u25d7\\ud8d7\\udcd7\"]");
    expect_json("[\"\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80\"]", "[\"\xC3\x97\xE2\x97\x97\xF0\x90\x97\x97\"]");
    expect_json("{\"token_ids\":[10,205],\"logprobs\":{\"content\":[{\"logprob\":-0.5}]},\"index\":7}",
                "{\"token_ids\":[11,111],\"logprobs\":{\"content\":[{\"logprob\":-1.1}]},\"index\":7}");
}

static void test_text(void **state)
{
    (void)state;
    expect_json("[DONE]", "[DONE]");
    expect_json("[DONE] then", "[DONE] XXXX");
    expect_json("plain secret 42", "XXXXX XXXXXX XX");
    expect_json("{\"a\": secret, \"usage\": 42}", "{\"a\": XXXXXX, \"XXXXX\": XX}");
    expect_json("{\"a\": 01}", "{\"a\": 0X}");
    expect_json("{'name': 'secret'}", "{'XXXX': 'XXXXXX'}");
}

/* Ids of calls are changed, but the same ones in the same way, and different ones differently. */
static void test_ids(void **state)
{
    char text[] =
        "{\"id\":\"abc1\",\"tool_calls\":[{\"id\":\"call_a1\"},{\"id\":\"call_a2\"},{\"id\":\"call_a1\"}]}";
    struct mask_json m;
    (void)state;
    mask_json_init(&m, &key);
    mask_json_run(&m, (unsigned char *)text, strlen(text));
    const char *a = strstr(text, "[{\"id\":\"") + 8, *b = a + 17, *c = b + 17;
    assert_memory_equal(text, "{\"id\":\"XXXX\"", 12);
    assert_memory_equal(a, c, 7);
    assert_memory_not_equal(a, b, 7);
    assert_memory_equal(a, b, 6);
    assert_memory_not_equal(a, "call_a1", 7);
}

static void expect_wire(const char *text, const char *masked)
{
    char copy[2048];
    size_t len = strlen(text);
    for (size_t piece = 1; piece <= len; piece += piece < 4 ? 1 : len) {
        struct mask_wire *w = mask_wire_new(&key);
        memcpy(copy, text, len + 1);
        for (size_t at = 0; at < len; at += piece)
            assert_int_equal(
                mask_wire_run(w, (unsigned char *)copy + at, len - at < piece ? len - at : piece), TT_OK);
        mask_wire_free(w);
        assert_string_equal(copy, masked);
    }
}

#define HEAD "HTTP/1.1 200 XX\r\nContent-Type: text/event-stream\r\n"

static void test_wire(void **state)
{
    (void)state;
    expect_wire("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Secret: four words\r\n\r\n"
                ": secret\n: keepalive 12/34\nevent: message_stop\nid: secret7\nsecret\ndata: {\"content\":\n"
                "data: \"secret\", \"usage\": {\"prompt_tokens\": 12}}\r\n\r\ndata: [DONE]\n\n",
                HEAD
                "X-XXXXXX: XXXX XXXXX\r\n\r\n"
                ": XXXXXX\n: keepalive 12/34\nevent: message_stop\nid: XXXXXXX\nXXXXXX\ndata: {\"content\":\n"
                "data: \"XXXXXX\", \"usage\": {\"prompt_tokens\": 12}}\r\n\r\ndata: [DONE]\n\n");
    expect_wire(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;secret=1\r\n{\"tex\r\n9\r\nt\":\"seal\"\r\n"
        "1\r\n}\r\n0\r\nSecret: affirm\r\n\r\nmore 1",
        "HTTP/1.1 200 XX\r\nTransfer-Encoding: chunked\r\n\r\n5;XXXXXX=X\r\n{\"tex\r\n9\r\nt\":\"XXXX\"\r\n"
        "1\r\n}\r\n0\r\nSeXXXX: XXXXXX\r\n\r\nXXXX X");
    expect_wire("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\na\x01{\"b\":1}",
                "HTTP/1.1 200 XX\r\nContent-Encoding: gzip\r\n\r\nXXXXXXXXX");
    expect_wire("no http: secret\nmore", "XX XXXXX XXXXXX\nXXXX");
}

static void test_metrics(void **state)
{
    char text[] =
        "# HELP secret words\nllamacpp:tokens_total{model=\"a \\\"b\\\"\"} 12.5\nnope a metric 7\nup 1\n";
    (void)state;
    mask_metrics((unsigned char *)text, strlen(text));
    assert_string_equal(
        text,
        "# XXXX XXXXXX XXXXX\nllamacpp:tokens_total{model=\"XX\\\\X\\\\\"} 12.5\nXXXX X XXXXXX X\nup 1\n");
}

static void add_segment(struct mask_segments *s, const char *text)
{
    static const unsigned char digest[32];
    struct segment_row row = {{digest, sizeof digest}, {(const unsigned char *)text, strlen(text)}};
    assert_int_equal(mask_segments_add(s, &row), TT_OK);
}

static void expect_segments(struct mask_segments *s, const char *masked)
{
    struct segment_row row;
    struct buf all = BUF_INIT;
    size_t place = 0;
    while (mask_segments_next(s, &row, &place))
        buf_printf(&all, "%.*s|", (int)row.data.len, (const char *)row.data.data);
    assert_string_equal(buf_text(&all), masked);
    buf_release(&all);
}

/* A piece may begin inside a string, and bodies share pieces. */
static void test_segments(void **state)
{
    static const unsigned char first[] = {0, 1, 3}, second[] = {0, 2, 3};
    struct mask_segments s;
    (void)state;
    mask_segments_init(&s);
    add_segment(&s, "{\"content\":\"four");
    add_segment(&s, "five\", \"n\":");
    add_segment(&s, " 175\", \"index\":");
    add_segment(&s, "12}");
    add_segment(&s, "named by nobody");
    mask_segments_mask(&s, &key, (struct bytes){first, sizeof first});
    expect_segments(&s, "{\"content\":\"XXXX|XXXX\", \"n\":|");
    mask_segments_mask(&s, &key, (struct bytes){second, sizeof second});
    expect_segments(&s, "XXXX\", \"index\":|12}|");
    mask_segments_mask_rest(&s, &key);
    expect_segments(&s, "XXXXX XX XXXXXX|");
    mask_segments_release(&s);
}

static void check_list(const struct mask_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        assert_null(strchr(list->words[i].text, MASK_CHARACTER));
        assert_true(i == 0 || strcmp(list->words[i - 1].text, list->words[i].text) < 0);
    }
}

static void test_words(void **state)
{
    (void)state;
    check_list(&mask_names);
    check_list(&mask_values);
    check_list(&mask_headers);
    check_list(&mask_fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_json),    cmocka_unit_test(test_text),
                                       cmocka_unit_test(test_ids),     cmocka_unit_test(test_wire),
                                       cmocka_unit_test(test_metrics), cmocka_unit_test(test_segments),
                                       cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
