/* SPDX-License-Identifier: MIT */
/* The JSON scanner: exactly RFC 8259 is accepted, and read as it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/jscan.h"
#include "formats/prng.h"

/* The text lies at the very end of its memory, so that a sanitizer sees any look past it. */
static int accepts(const void *text, size_t len)
{
    struct jscan s;
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, text, len);
    jscan_init(&s, copy, len);
    jscan_skip(&s);
    int ok = jscan_finish(&s);
    free(copy);
    return ok;
}

static int accepts_string(const char *text)
{
    return accepts(text, strlen(text));
}

static const char *const valid[] = {"0",
                                    "-0",
                                    "-1",
                                    "10",
                                    "0.5",
                                    "1e5",
                                    "1E+5",
                                    "1e-5",
                                    "-0.0e0",
                                    "123456789012345678901234567890",
                                    "\"\"",
                                    "\"a\"",
                                    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
                                    "\"\x7f\"",
                                    "\"\xff\"",
                                    "\"\\u0000\"",
                                    "\"\\uD800\"",
                                    "true",
                                    "false",
                                    "null",
                                    "[]",
                                    "{}",
                                    "[ ]",
                                    "{ }",
                                    "[1]",
                                    "[1,2]",
                                    " [ 1 , 2 ] ",
                                    "[[],{}]",
                                    "{\"a\":1}",
                                    "{\"a\":1,\"a\":2}",
                                    "{\"\":{\"\":[]}}",
                                    "\t\r\n {\n\"a\" : [ true , false , null ] }\r\n",
                                    "{\"a\":{\"b\":{\"c\":[1,{\"d\":\"}\"}]}},\"e\":\"]\"}"};

static void accepts_valid_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        if (!accepts_string(valid[i]))
            fail_msg("refused: %s", valid[i]);
    }
}

static const char *const invalid[] = {"",
                                      " ",
                                      "-",
                                      "+1",
                                      "01",
                                      "-01",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "1 2",
                                      "NaN",
                                      "Infinity",
                                      "tru",
                                      "truE",
                                      "nul",
                                      "falsee",
                                      "\"",
                                      "\"a",
                                      "\"\\\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u123g\"",
                                      "\"\\u",
                                      "\"\n\"",
                                      "\"\x1f\"",
                                      "'a'",
                                      "\"\\",
                                      "\"\\\"a",
                                      "[",
                                      "]",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[,]",
                                      "[1 2]",
                                      "[1}",
                                      "{",
                                      "}",
                                      "{]",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\"}",
                                      "{\"a\":1",
                                      "{\"a\":1,",
                                      "{\"a\":1,}",
                                      "{,\"a\":1}",
                                      "{a:1}",
                                      "{1:1}",
                                      "{\"a\" 1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\":1]",
                                      "{\"a\":,\"b\":1}",
                                      "[1]]",
                                      "{}{}",
                                      "[]1",
                                      "\"a\"\"b\"",
                                      "\xEF\xBB\xBF{}",
                                      "/**/1",
                                      "[1,/**/2]",
                                      "1\v",
                                      "[\xC2\xA0]",
                                      "[\"a\":1]",
                                      "{\"a\":1:2}",
                                      "{null:1}"};

static void refuses_everything_else(void **state)
{
    struct jscan s;
    (void)state;
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        if (accepts_string(invalid[i]))
            fail_msg("accepted: %s", invalid[i]);
    }
    assert_false(accepts("1\0", 2));
    assert_false(accepts("\"a\0b\"", 5));
    assert_false(accepts("\0", 1));
    assert_false(accepts(NULL, 0));
    jscan_init(&s, "", 0);
    assert_false(jscan_finish(&s)); /* nothing was read, and nothing is no document */
}

/* Every cut of a document is refused, unless what is left is one by itself (a number). */
static void refuses_every_cut(void **state)
{
    static const char text[] =
        " {\"key\\u00e9\": [1.5e-3, true, false, null, {\"a\": \"x\\n\\ud83d\\ude00 \xC3\xA9\"}], \"b\": {}}";
    (void)state;
    assert_true(accepts(text, sizeof text - 1));
    for (size_t len = 0; len < sizeof text - 1; len++)
        assert_false(accepts(text, len));
}

static void caps_depth(void **state)
{
    char text[2 * (JSCAN_DEPTH_MAX + 1)];
    (void)state;
    for (size_t depth = JSCAN_DEPTH_MAX; depth <= JSCAN_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(accepts(text, 2 * depth), depth == JSCAN_DEPTH_MAX);
    }
    size_t many = 1000000;
    char *deep = malloc(many);
    assert_non_null(deep);
    memset(deep, '[', many);
    assert_false(accepts(deep, many));
    free(deep);
}

/* Mixed nesting up to the cap: which bracket closes which is remembered for every level. */
static void remembers_every_bracket(void **state)
{
    struct prng r;
    (void)state;
    prng_seed(&r, 7);
    for (int round = 0; round < 200; round++) {
        struct buf text = BUF_INIT;
        char closing[JSCAN_DEPTH_MAX];
        for (int i = 0; i < JSCAN_DEPTH_MAX; i++) {
            int is_object = prng_below(&r, 2) != 0;
            buf_puts(&text, is_object ? "{\"k\":" : "[");
            closing[i] = is_object ? '}' : ']';
        }
        buf_puts(&text, "0");
        for (int i = JSCAN_DEPTH_MAX; i-- > 0;)
            buf_putc(&text, closing[i]);
        assert_true(accepts(text.data, text.len));
        size_t wrong = text.len - 1 - prng_below(&r, JSCAN_DEPTH_MAX);
        text.data[wrong] = text.data[wrong] == '}' ? ']' : '}';
        assert_false(accepts(text.data, text.len));
        buf_release(&text);
    }
}

/* --- strings --- */

static void assert_decodes(const char *spelling, const char *expected, size_t expected_len)
{
    struct jscan s;
    struct jscan_text text;
    unsigned char out[JSCAN_DECODED_MAX(100)];
    jscan_init(&s, spelling, strlen(spelling));
    jscan_string(&s, &text);
    assert_true(jscan_finish(&s));
    assert_true(text.len <= 100);
    assert_int_equal(jscan_decode(&text, out), expected_len);
    assert_memory_equal(out, expected, expected_len);
    if (jscan_text_is_plain(&text)) {
        assert_int_equal(text.len, expected_len);
        assert_memory_equal(text.data, expected, expected_len);
    }
}

static void decodes_escapes(void **state)
{
#define FFFD "\xEF\xBF\xBD"
    static const struct {
        const char *spelling, *expected;
    } cases[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
        {"\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!"},
        {"\"\\uDBFF\\uDFFF\"", "\xF4\x8F\xBF\xBF"},
        {"\"\\ud83d\"", FFFD},
        {"\"\\ude00\"", FFFD},
        {"\"\\ud83d\\ud83d\\ude00\"", FFFD "\xF0\x9F\x98\x80"},
        {"\"\\ud83d\\u0041\"", FFFD "A"},
        {"\"\\ud83d\\ue000\"", FFFD "\xEE\x80\x80"},
        {"\"\\ud83dx\"", FFFD "x"},
        {"\"\\ud83d\\n\"", FFFD "\n"},
        {"\"\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80\"", "\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80"},
        {"\"a\xFFz\"", "a" FFFD "z"},
        {"\"\xC3\"", FFFD},
        {"\"\xE4\xB8\"", FFFD FFFD},
        {"\"\xC0\x80\"", FFFD FFFD},
        {"\"\xED\xA0\x80\"", FFFD FFFD FFFD},
        {"\"\xC3\\u00a9\"", FFFD "\xC2\xA9"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_decodes(cases[i].spelling, cases[i].expected, strlen(cases[i].expected));
    assert_decodes("\"a\\u0000b\"", "a\0b", 3);
}

/* The scanner looks at eight bytes at a time: a byte that matters is found at every place among them. */
static void finds_each_byte_at_each_place(void **state)
{
    static const char *const specials[] = {"\\n",  "\\u00e9", "\xC3\xA9", "\x01", "\x1f", " ",
                                           "\x7f", "\xFF",    "!",        "#",    "]",    "["};
    char text[64];
    (void)state;
    for (size_t len = 0; len <= 20; len++) {
        for (size_t at = 0; at <= len; at++) {
            for (size_t k = 0; k < sizeof specials / sizeof *specials; k++) {
                struct jscan s;
                struct jscan_text found;
                int n = snprintf(text, sizeof text, "\"%.*s%s%.*s\"", (int)at, "abcdefghijklmnopqrstuvwxyz",
                                 specials[k], (int)(len - at), "zyxwvutsrqponmlkjihgfedcba");
                int is_control = (unsigned char)specials[k][0] < 0x20;
                assert_int_equal(accepts(text, (size_t)n), !is_control);
                assert_false(accepts(text, (size_t)n - 1));
                jscan_init(&s, text, (size_t)n);
                jscan_string(&s, &found);
                if (is_control)
                    continue;
                assert_int_equal(found.len, (size_t)n - 2);
                assert_int_equal(found.has_escapes, specials[k][0] == '\\');
                assert_int_equal(found.has_high_bytes, (unsigned char)specials[k][0] >= 0x80);
            }
        }
    }
}

/* High bytes that stand behind the closing quote are none of the string's. */
static void looks_no_further_than_the_quote(void **state)
{
    static const char text[] = "[\"abc\",\"\xC3\xA9\"]";
    struct jscan s;
    struct jscan_text found;
    (void)state;
    jscan_init(&s, text, sizeof text - 1);
    jscan_enter(&s);
    assert_true(jscan_element(&s));
    jscan_string(&s, &found);
    assert_int_equal(found.has_high_bytes, 0);
    assert_true(jscan_element(&s));
    jscan_string(&s, &found);
    assert_int_equal(found.has_high_bytes, 1);
}

static void compares_keys_whatever_their_spelling(void **state)
{
    static const struct {
        const char *spelling;
        int same;
    } cases[] = {{"\"content\"", 1},
                 {"\"c\\u006fntent\"", 1},
                 {"\"\\u0063\\u006Fntent\"", 1},
                 {"\"conten\"", 0},
                 {"\"contents\"", 0},
                 {"\"c\\u006fnten\"", 0},
                 {"\"c\\u006fntents\"", 0},
                 {"\"\"", 0},
                 {"\"\\u0000\"", 0},
                 {"\"content\\u0000\"", 0},
                 {"\"Content\"", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jscan s;
        struct jscan_text text;
        jscan_init(&s, cases[i].spelling, strlen(cases[i].spelling));
        jscan_string(&s, &text);
        assert_int_equal(jscan_text_is(&text, "content"), cases[i].same);
    }
}

/* --- numbers --- */

static struct jscan_number number_of(const char *spelling)
{
    struct jscan s;
    struct jscan_number number;
    jscan_init(&s, spelling, strlen(spelling));
    jscan_number(&s, &number);
    assert_true(jscan_finish(&s));
    return number;
}

static void keeps_counts_exact(void **state)
{
    static const struct {
        const char *spelling;
        uint64_t integer;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"8265", 8265},
        {"9007199254740993", 9007199254740993u},
        {"9223372036854775807", 9223372036854775807u},
        {"9223372036854775808", 9223372036854775808u},
        {"9223372036854775809", UINT64_MAX},
        {"18446744073709551615", UINT64_MAX},
        {"99999999999999999999", UINT64_MAX},
        {"-1", UINT64_MAX},
        {"1.5", UINT64_MAX},
        {"12.0", 12},
        {"1e3", 1000},
        {"1.5e1", 15},
        {"1e-1", UINT64_MAX},
        {"-2.0", UINT64_MAX},
        {"1e16", UINT64_MAX},
        {"1e999", UINT64_MAX},
        {"0e999", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (number_of(cases[i].spelling).integer != cases[i].integer)
            fail_msg("%s read as %llu", cases[i].spelling,
                     (unsigned long long)number_of(cases[i].spelling).integer);
    }
}

static void reads_doubles_as_the_c_library(void **state)
{
    struct prng r;
    char text[80];
    (void)state;
    prng_seed(&r, 42);
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = prng_next(&r);
        double v;
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v))
            continue;
        snprintf(text, sizeof text, "%.*g", 1 + (int)prng_below(&r, 20), v);
        assert_true(number_of(text).value == strtod(text, NULL));
        snprintf(text, sizeof text, "%.*f", (int)prng_below(&r, 12), (double)(bits % 100000000) / 977.0);
        assert_true(number_of(text).value == strtod(text, NULL));
    }
}

/* Spellings longer than any engine writes: still the value, at worst off in the last bit. */
static void survives_long_numbers(void **state)
{
    size_t len = 100000;
    char *text = malloc(len + 10);
    (void)state;
    assert_non_null(text);
    memset(text, '3', len);
    text[len] = '\0';
    assert_true(isinf(number_of(text).value));
    text[1] = '.';
    assert_true(fabs(number_of(text).value - 10.0 / 3) < 1e-15);
    memcpy(text + len, "e-2", 4);
    assert_true(fabs(number_of(text).value - 1.0 / 30) < 1e-17);
    memset(text, '0', len);
    text[1] = '.';
    memcpy(text + len, "1", 2);
    assert_true(number_of(text).value >= 0 && number_of(text).value < 1e-300);
    free(text);
    assert_true(isinf(number_of("1e99999999999999999999").value));
    assert_true(number_of("-1e-99999999999999999999").value == 0);
}

static void raw_is_the_spelling(void **state)
{
    static const char text[] = "{\"a\":  {\"b\" : [1, \"x\"] } ,\"c\":1}";
    struct jscan s;
    struct jscan_text key;
    (void)state;
    jscan_init(&s, text, sizeof text - 1);
    jscan_enter(&s);
    assert_true(jscan_member(&s, &key));
    struct bytes raw = jscan_raw(&s);
    assert_int_equal(raw.len, 17);
    assert_memory_equal(raw.data, "{\"b\" : [1, \"x\"] }", 17);
    assert_true(jscan_member(&s, &key));
    jscan_skip(&s);
    assert_false(jscan_member(&s, &key));
    assert_true(jscan_finish(&s));
}

static void a_failure_sticks(void **state)
{
    struct jscan s;
    struct jscan_text text;
    struct jscan_number number;
    (void)state;
    jscan_init(&s, "[1, \"a\"]", 8);
    jscan_string(&s, &text); /* it is an array */
    assert_true(s.failed);
    assert_int_equal(text.len, 0);
    jscan_number(&s, &number);
    jscan_enter(&s);
    assert_false(jscan_element(&s));
    assert_false(jscan_member(&s, &text));
    assert_int_equal(jscan_raw(&s).len, 0);
    assert_int_equal(jscan_type(&s), JSCAN_NONE);
    assert_false(jscan_finish(&s));
}

/* Whoever asks for members of an array gets none, and no document that is taken for valid. */
static void one_bracket_is_not_the_other(void **state)
{
    struct jscan s;
    struct jscan_text key;
    (void)state;
    jscan_init(&s, "[\"a\":1}", 7);
    jscan_enter(&s);
    while (jscan_member(&s, &key))
        jscan_skip(&s);
    assert_false(jscan_finish(&s));
    jscan_init(&s, "{1]", 3);
    jscan_enter(&s);
    while (jscan_element(&s))
        jscan_skip(&s);
    assert_false(jscan_finish(&s));
}

static void assert_member(const char *document, const char *expected)
{
    struct bytes found =
        jscan_member_of((struct bytes){(const unsigned char *)document, strlen(document)}, "b");
    assert_int_equal(found.len, strlen(expected));
    assert_memory_equal(found.len ? (const char *)found.data : "", expected, found.len);
}

static void finds_a_member_of_a_document(void **state)
{
    (void)state;
    assert_member("{\"a\": 1, \"b\": [2, {\"b\": 3}], \"c\": 4}", "[2, {\"b\": 3}]");
    assert_member("{\"b\": 1, \"\\u0062\": 2}", "2");
    assert_member("{\"a\": {\"b\": 1}}", "");
    assert_member("[\"b\"]", "");
    assert_member("{\"b\": 1} x", "");
    assert_member("{\"b\": 1", "");
    assert_member("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_valid_documents),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(caps_depth),
        cmocka_unit_test(remembers_every_bracket),
        cmocka_unit_test(decodes_escapes),
        cmocka_unit_test(finds_each_byte_at_each_place),
        cmocka_unit_test(looks_no_further_than_the_quote),
        cmocka_unit_test(compares_keys_whatever_their_spelling),
        cmocka_unit_test(keeps_counts_exact),
        cmocka_unit_test(reads_doubles_as_the_c_library),
        cmocka_unit_test(survives_long_numbers),
        cmocka_unit_test(raw_is_the_spelling),
        cmocka_unit_test(finds_a_member_of_a_document),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(one_bracket_is_not_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
