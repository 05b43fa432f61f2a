/* SPDX-License-Identifier: MIT */
/* The text grammar: every kind of place-holder, decks, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/grammar.h"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static struct grammar *grammar_of(const char *text, uint64_t seed)
{
    struct grammar *g = grammar_new(seed);
    struct error e = {0};
    assert_non_null(g);
    assert_int_equal(grammar_add(g, bytes_of(text), &e), TT_OK);
    return g;
}

static void assert_expands(const char *text, const char *expected)
{
    struct grammar *g = grammar_of(text, 1);
    struct buf out = BUF_INIT;
    struct error e = {0};
    assert_int_equal(grammar_expand(g, "top", &out, &e), TT_OK);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
    grammar_free(g);
}

static void test_place_holders(void **state)
{
    (void)state;
    assert_expands("== top\nplain @ { } text\n", "plain @ { } text");
    assert_expands("== top\na @{b}!\n== b\nword\n", "a word!");
    assert_expands("== top\n@{^b}\n== b\nword\n", "Word");
    assert_expands("== top\n@{+b} @{+c}\n== b\nempty box\n== c\nbox\n", "an empty box a box");
    assert_expands("== top\n@{x:b} @{=x} @{_=x}\n== b\ntwo-part word\n",
                   "two-part word two-part word two_part_word");
    assert_expands("== top\n@{7..7} @{007..7} @{3..3|b}\n== b\nz\n", "7 007 z\nz\nz");
    assert_expands("== top\n@{2..2+b} @{2..2,b}\n== b\nz\n", "z z z, z");
    assert_expands("== top\n[@{skip 0}]\n", "[]");
}

static void test_blocks_and_comments(void **state)
{
    (void)state;
    assert_expands(";; about\n\n== top *\n\n  two\nlines\n\n;; the end\n== other\nx\n", "\n  two\nlines");
    assert_expands("== top\n;; not this\nonly this\n", "only this");
    struct grammar *g = grammar_of("== top *\none\n--\ntwo\n", 3);
    struct buf out = BUF_INIT;
    for (int i = 0; i < 2; i++)
        assert_int_equal(grammar_expand(g, "top", &out, NULL), TT_OK);
    assert_true(strcmp(buf_text(&out), "onetwo") == 0 || strcmp(buf_text(&out), "twoone") == 0);
    buf_release(&out);
    grammar_free(g);
}

/* Every alternative comes once in each round, and no round begins with the last one's end. */
static void test_decks_deal_without_repeats(void **state)
{
    struct grammar *g = grammar_of("== top\na\nb\nc\nd\ne\n", 5);
    struct buf out = BUF_INIT;
    (void)state;
    for (int i = 0; i < 500; i++)
        assert_int_equal(grammar_expand(g, "top", &out, NULL), TT_OK);
    for (size_t i = 0; i < out.len; i++) {
        assert_true(i == 0 || out.data[i] != out.data[i - 1]);
        for (size_t k = i - i % 5; k < i; k++)
            assert_true(out.data[k] != out.data[i]);
    }
    buf_release(&out);
    grammar_free(g);
}

static void test_seed_decides(void **state)
{
    static const char text[] = "== top\n@{0..999999} @{hex 12} @{stamp}\n";
    struct buf out[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct grammar *g = grammar_of(text, i == 2 ? 99 : 42);
        assert_int_equal(grammar_expand(g, "top", &out[i], NULL), TT_OK);
        grammar_free(g);
    }
    assert_string_equal(buf_text(&out[0]), buf_text(&out[1]));
    assert_string_not_equal(buf_text(&out[0]), buf_text(&out[2]));
    for (int i = 0; i < 3; i++)
        buf_release(&out[i]);
}

/* Over eight years of steps the clock never goes back, and its dates are dates. */
static void test_clock_advances_through_the_calendar(void **state)
{
    struct grammar *g = grammar_of("== top\n@{skip 90000}@{stamp}\n", 6);
    struct buf out = BUF_INIT;
    char before[32] = "";
    int leap_days = 0;
    (void)state;
    for (int i = 0; i < 5000; i++) {
        buf_clear(&out);
        assert_int_equal(grammar_expand(g, "top", &out, NULL), TT_OK);
        assert_int_equal(out.len, strlen("2031-05-12T00:00:00.000Z"));
        assert_true(strcmp(before, buf_text(&out)) < 0);
        memcpy(before, buf_text(&out), out.len + 1);
        assert_true(memcmp(before + 5, "01", 2) >= 0 && memcmp(before + 5, "12", 2) <= 0);
        assert_true(memcmp(before + 8, "01", 2) >= 0 && memcmp(before + 8, "31", 2) <= 0);
        leap_days += memcmp(before + 4, "-02-29", 6) == 0;
        assert_true(memcmp(before + 4, "-02-30", 6) != 0);
    }
    assert_true(memcmp(before, "2038", 4) >= 0);
    assert_true(leap_days > 0);
    buf_release(&out);
    grammar_free(g);
}

static void test_first_date(void **state)
{
    struct grammar *g = grammar_of("== top\n@{day}\n", 6);
    struct buf out = BUF_INIT;
    (void)state;
    assert_int_equal(grammar_expand(g, "top", &out, NULL), TT_OK);
    assert_string_equal(buf_text(&out), "2031-05-12");
    buf_release(&out);
    grammar_free(g);
}

static void assert_bad_expansion(const char *text, int code, const char *sentence)
{
    struct grammar *g = grammar_of(text, 1);
    struct buf out = BUF_INIT;
    struct error e = {0};
    assert_int_equal(grammar_expand(g, "top", &out, &e), code);
    assert_string_equal(e.text, sentence);
    buf_release(&out);
    grammar_free(g);
}

static void test_bad_place_holders_are_refused(void **state)
{
    (void)state;
    assert_bad_expansion("== other\nx\n", TT_SYNTAX, "the grammar has no rule 'top'");
    assert_bad_expansion("== top\n", TT_SYNTAX, "the grammar has no rule 'top'");
    assert_bad_expansion("== top\n@{nothing}\n", TT_SYNTAX, "the grammar has no rule 'nothing'");
    assert_bad_expansion("== top\n@{}\n", TT_SYNTAX, "the grammar has a malformed '@{}'");
    assert_bad_expansion("== top\n@{=x}\n", TT_SYNTAX, "the grammar has a malformed '@{x}'");
    assert_bad_expansion("== top\n@{9..1}\n", TT_SYNTAX, "the grammar has a malformed '@{9..1}'");
    assert_bad_expansion("== top\n@{9}\n", TT_SYNTAX, "the grammar has a malformed '@{9}'");
    assert_bad_expansion("== top\n@{1..2?top}\n", TT_SYNTAX, "the grammar has a malformed '@{1..2?top}'");
    assert_bad_expansion("== top\n@{5000..5000|b}\n== b\nz\n", TT_SYNTAX,
                         "the grammar has a malformed '@{5000..5000|b}'");
    assert_bad_expansion("== top\n@{hex many}\n", TT_SYNTAX, "the grammar has a malformed '@{many}'");
    assert_bad_expansion("== top\n@{top}\n", TT_LIMIT, "the grammar's rule 'top' is nested too deeply");
}

static void assert_bad_grammar(const char *text, const char *sentence)
{
    struct grammar *g = grammar_new(1);
    struct error e = {0};
    assert_int_equal(grammar_add(g, bytes_of(text), &e), TT_SYNTAX);
    assert_string_equal(e.text, sentence);
    grammar_free(g);
}

static void test_bad_grammars_are_refused(void **state)
{
    (void)state;
    assert_bad_grammar("stray\n", "the grammar has 'stray' outside of a rule");
    assert_bad_grammar("== a\nx\n== a\ny\n", "the grammar has rule 'a' twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place_holders),
        cmocka_unit_test(test_blocks_and_comments),
        cmocka_unit_test(test_decks_deal_without_repeats),
        cmocka_unit_test(test_seed_decides),
        cmocka_unit_test(test_clock_advances_through_the_calendar),
        cmocka_unit_test(test_first_date),
        cmocka_unit_test(test_bad_place_holders_are_refused),
        cmocka_unit_test(test_bad_grammars_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
