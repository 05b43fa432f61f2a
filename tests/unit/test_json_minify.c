/* SPDX-License-Identifier: MIT */
/* Minifying keeps every spelling, and refuses with place and reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/json_minify.h"

static void assert_minified(const char *text, const char *expected)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    assert_int_equal(json_minify(text, strlen(text), &out, &e), TT_OK);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void assert_refused_n(const char *text, size_t len, int code, const char *sentence)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    assert_int_equal(json_minify(text, len, &out, &e), code);
    assert_string_equal(e.text, sentence);
    assert_int_equal(json_minify(text, len, &out, NULL), code);
    buf_release(&out);
}

static void assert_refused(const char *text, int code, const char *sentence)
{
    assert_refused_n(text, strlen(text), code, sentence);
}

static void test_white_space_goes(void **state)
{
    (void)state;
    assert_minified(" { \"a\" : [ 1 , { } , [ ] ,\n\t\"b c\" ] ,\r\n\"d\":null } \n",
                    "{\"a\":[1,{},[],\"b c\"],\"d\":null}");
    assert_minified("[[],[[]],{\"x\":{\"y\":[true,false]}}]", "[[],[[]],{\"x\":{\"y\":[true,false]}}]");
    assert_minified(" 7 ", "7");
    assert_minified("\"  inside  stays  \"", "\"  inside  stays  \"");
}

static void test_spelling_stays(void **state)
{
    (void)state;
    assert_minified("[ 1.50, 1E+3, -0, 12345678901234567890123, 1e-400 ]",
                    "[1.50,1E+3,-0,12345678901234567890123,1e-400]");
    assert_minified("[ \"\\u00e9\\/\\n \\\\ \\\" \", \"é → 日本\", \"\\ud83d\\ude00\" ]",
                    "[\"\\u00e9\\/\\n \\\\ \\\" \",\"é → 日本\",\"\\ud83d\\ude00\"]");
    assert_minified("{\"b\":1,\"a\":2,\"b\":3}", "{\"b\":1,\"a\":2,\"b\":3}");
    assert_minified("\"a \\\\u0000 b\"", "\"a \\\\u0000 b\""); /* an escaped backslash, no NUL */
}

static void test_grammar_errors_have_a_place(void **state)
{
    (void)state;
    assert_refused("", TT_SYNTAX, "JSON is missing at line 1, column 1");
    assert_refused("  ", TT_SYNTAX, "JSON is not valid at line 1, column 3");
    assert_refused("{\"a\":1,}", TT_SYNTAX, "JSON is not valid at line 1, column 7");
    assert_refused("[1 2]", TT_SYNTAX, "JSON is not valid at line 1, column 4");
    assert_refused("{\n  \"a\": tru\n}", TT_SYNTAX, "JSON is not valid at line 2, column 8");
    assert_refused("{\"a\" 1}", TT_SYNTAX, "JSON is not valid at line 1, column 2");
    assert_refused("{a:1}", TT_SYNTAX, "JSON is not valid at line 1, column 2");
    assert_refused("[1]\n[2]", TT_SYNTAX, "JSON is not valid at line 2, column 1");
    assert_refused("[01]", TT_SYNTAX, "JSON is not valid at line 1, column 2");
    assert_refused("[\"a", TT_SYNTAX, "JSON is not valid at line 1, column 2");
    assert_refused("[1", TT_SYNTAX, "JSON is not valid at line 1, column 3");
    assert_refused("[}", TT_SYNTAX, "JSON is not valid at line 1, column 2");
    assert_refused("\xEF\xBB\xBF{}", TT_SYNTAX, "JSON is not valid at line 1, column 1");
    assert_refused_n("[1]\0", 4, TT_SYNTAX, "JSON is not valid at line 1, column 4");
}

static void test_strings_must_be_sendable(void **state)
{
    (void)state;
    assert_refused("[\"a\",\n \"b\\u0000c\"]", TT_SYNTAX,
                   "JSON has a \\u0000, which cannot be sent as text, in the string at line 2, column 2");
    assert_refused("{\"x\\u0000\":1}", TT_SYNTAX,
                   "JSON has a \\u0000, which cannot be sent as text, in the string at line 1, column 2");
    assert_refused("[\"\\ud83d\"]", TT_SYNTAX,
                   "JSON has half of a surrogate pair in the string at line 1, column 2");
    assert_refused("[\"\\ude00\\ud83d\"]", TT_SYNTAX,
                   "JSON has half of a surrogate pair in the string at line 1, column 2");
    assert_refused("[\"\\uD83D\\u0041\"]", TT_SYNTAX,
                   "JSON has half of a surrogate pair in the string at line 1, column 2");
    assert_refused("[\"caf\xE9\"]", TT_SYNTAX,
                   "JSON has bytes that are not UTF-8 in the string at line 1, column 2");
    assert_refused("[\"\xC3\"]", TT_SYNTAX,
                   "JSON has bytes that are not UTF-8 in the string at line 1, column 2");
}

static void fill(char *text, size_t depth)
{
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
}

static void test_depth_is_capped(void **state)
{
    char text[200];
    (void)state;
    fill(text, 64);
    assert_minified(text, text);
    fill(text, 65);
    assert_refused(text, TT_LIMIT, "JSON is nested too deeply at line 1, column 65");
}

static void test_output_is_capped(void **state)
{
    struct buf out;
    struct error e = {0};
    (void)state;
    buf_init(&out, 4);
    assert_int_equal(json_minify("[1,2,3]", 7, &out, &e), TT_LIMIT);
    assert_string_equal(e.text, "no room for JSON of 7 bytes");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_white_space_goes),
        cmocka_unit_test(test_spelling_stays),
        cmocka_unit_test(test_grammar_errors_have_a_place),
        cmocka_unit_test(test_strings_must_be_sendable),
        cmocka_unit_test(test_depth_is_capped),
        cmocka_unit_test(test_output_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
