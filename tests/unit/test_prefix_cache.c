/* SPDX-License-Identifier: MIT */
/* The pseudo tokeniser, and what each cache policy still holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "replay/prefix_cache.h"
#include "replay/tokens.h"

static void expect_pieces(const char *text, const char *const *pieces)
{
    size_t left = strlen(text);
    for (; *pieces; pieces++) {
        size_t n = token_length(text, left);
        if (n != strlen(*pieces) || memcmp(text, *pieces, n) != 0)
            fail_msg("'%.*s' instead of '%s'", (int)n, text, *pieces);
        text += n;
        left -= n;
    }
    assert_int_equal(left, 0);
}

static void test_tokens(void **state)
{
    (void)state;
    expect_pieces("Hello there, world", (const char *const[]){"Hello", " there", ",", " world", NULL});
    expect_pieces("incremental 12345", (const char *const[]){"incre", "menta", "l", " 123", "45", NULL});
    expect_pieces("a  b\n\n\tc", (const char *const[]){"a", " ", " b", "\n\n\t", "c", NULL});
    expect_pieces("        x", (const char *const[]){"      ", " ", " x", NULL});
    expect_pieces("<|im_start|>user\nhi<|im_end|>",
                  (const char *const[]){"<|im_start|>", "user", "\n", "hi", "<|im_end|>", NULL});
    expect_pieces("<|im start|> <|a|>",
                  (const char *const[]){"<", "|", "im", " start", "|", ">", " ", "<|a|>", NULL});
    expect_pieces("<|", (const char *const[]){"<", "|", NULL});
    expect_pieces(" ", (const char *const[]){" ", NULL});
    expect_pieces("na\xc3\xafve", (const char *const[]){"na\xc3\xafv", "e", NULL});
    assert_true(token_id(" a", 2) != token_id("a", 1));
    assert_true(token_id("x", 1) < 0x80000000u);
}

static void test_limit_keeps_counting(void **state)
{
    (void)state;
    struct tokens t;
    tokens_init(&t, 2);
    assert_int_equal(tokens_append(&t, "one two three four", 18), TT_OK);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.total, 4);
    tokens_release(&t);
}

/* Prose comes back as the very tokens it was given out as: an answer in the history is still in the cache. */
static void test_prose_is_its_own_tokens(void **state)
{
    (void)state;
    struct prose p, same;
    struct tokens out, again;
    struct buf text = BUF_INIT;
    tokens_init(&out, SIZE_MAX);
    tokens_init(&again, SIZE_MAX);
    prose_init(&p, 7);
    prose_init(&same, 7);
    for (int i = 0; i < 5000; i++) {
        char word[PROSE_TOKEN_MAX], twin[PROSE_TOKEN_MAX];
        prose_next(&p, word);
        prose_next(&same, twin);
        assert_string_equal(word, twin);
        tokens_append_id(&out, token_id(word, strlen(word)));
        buf_puts(&text, word);
    }
    assert_int_equal(tokens_append(&again, buf_text(&text), text.len), TT_OK);
    assert_int_equal(again.count, out.count);
    assert_memory_equal(again.ids, out.ids, out.count * sizeof *out.ids);
    buf_release(&text);
    tokens_release(&out);
    tokens_release(&again);
}

/* A sequence of `shared` numbers that all have, then numbers of its own. */
static const uint32_t *sequence(uint32_t own, size_t shared, size_t count)
{
    static uint32_t ids[1000];
    for (size_t i = 0; i < count; i++)
        ids[i] = (uint32_t)i + (i < shared ? 0 : own * 10000);
    return ids;
}

static void hold(struct prefix_cache *c, uint32_t own, size_t shared, size_t count)
{
    assert_int_equal(prefix_cache_hold(c, sequence(own, shared, count), count), TT_OK);
}

static size_t match(const struct prefix_cache *c, uint32_t own, size_t shared, size_t count)
{
    return prefix_cache_match(c, sequence(own, shared, count), count);
}

static void test_none(void **state)
{
    (void)state;
    struct prefix_cache c;
    prefix_cache_init(&c, CACHE_NONE, 4, 1);
    hold(&c, 1, 50, 100);
    assert_int_equal(match(&c, 1, 50, 100), 0);
    prefix_cache_release(&c);
}

static void test_last(void **state)
{
    (void)state;
    struct prefix_cache c;
    prefix_cache_init(&c, CACHE_LAST, 1, 1);
    assert_int_equal(match(&c, 1, 80, 100), 0);
    hold(&c, 1, 80, 120);
    assert_int_equal(match(&c, 1, 80, 120), 119); /* the last token is always computed */
    assert_int_equal(match(&c, 1, 80, 121), 120);
    assert_int_equal(match(&c, 2, 80, 100), 80);
    hold(&c, 2, 0, 100); /* another system: the first is gone */
    assert_int_equal(match(&c, 1, 80, 120), 0);
    assert_int_equal(c.count, 1);
    prefix_cache_release(&c);
}

static void test_slots(void **state)
{
    (void)state;
    struct prefix_cache c;
    prefix_cache_init(&c, CACHE_SLOTS, 2, 1);
    hold(&c, 1, 5, 100); /* shares 5 of 100, the template, with the others */
    hold(&c, 2, 5, 100);
    assert_int_equal(c.count, 2);
    assert_int_equal(match(&c, 1, 5, 100), 99); /* A, B, A */
    hold(&c, 1, 60, 110);                       /* no tenth in common with either: the oldest goes */
    assert_int_equal(c.count, 2);
    assert_int_equal(match(&c, 2, 5, 100), 99);
    assert_int_equal(match(&c, 1, 60, 110), 109);
    hold(&c, 3, 60, 100); /* shares 60: takes that one's slot */
    assert_int_equal(match(&c, 2, 5, 100), 99);
    assert_int_equal(match(&c, 1, 60, 110), 60);
    prefix_cache_release(&c);
}

static void test_unlimited(void **state)
{
    (void)state;
    struct prefix_cache c;
    prefix_cache_init(&c, CACHE_UNLIMITED, 1, 1);
    for (uint32_t own = 1; own <= 100; own++)
        hold(&c, own, 10, 100);
    assert_int_equal(c.count, 100);
    assert_int_equal(match(&c, 1, 10, 100), 99);
    hold(&c, 1, 10, 200); /* a continuation takes the place of its own beginning */
    assert_int_equal(c.count, 100);
    assert_int_equal(match(&c, 1, 10, 200), 199);
    assert_int_equal(c.tokens, 99 * 100 + 200);
    prefix_cache_clear(&c);
    assert_int_equal(match(&c, 1, 10, 100), 0);
    assert_int_equal(c.tokens, 0);
    prefix_cache_release(&c);
}

static void test_blocks(void **state)
{
    (void)state;
    struct prefix_cache c;
    prefix_cache_init(&c, CACHE_LAST, 1, 16);
    hold(&c, 1, 100, 200);
    assert_int_equal(match(&c, 2, 100, 200), 96);
    assert_int_equal(match(&c, 1, 100, 64), 48); /* 63 of 64, in whole blocks */
    assert_int_equal(match(&c, 2, 15, 40), 0);
    assert_int_equal(prefix_cache_match(&c, NULL, 0), 0);
    prefix_cache_release(&c);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct prefix_cache c;
    size_t count = PREFIX_CACHE_TOKENS_MAX / 4 + 1;
    struct tokens t;
    tokens_init(&t, count);
    for (size_t i = 0; i < count; i++)
        tokens_append_id(&t, 0);
    prefix_cache_init(&c, CACHE_UNLIMITED, 1, 1);
    for (uint32_t own = 1; own <= 6; own++) {
        t.ids[0] = own;
        assert_int_equal(prefix_cache_hold(&c, t.ids, t.count), TT_OK);
        assert_true(c.tokens <= PREFIX_CACHE_TOKENS_MAX);
    }
    assert_int_equal(c.count, 3);
    assert_int_equal(prefix_cache_match(&c, t.ids, 10), 9); /* the newest is there */
    t.ids[0] = 1;
    assert_int_equal(prefix_cache_match(&c, t.ids, 10), 0); /* the oldest is gone */
    prefix_cache_release(&c);
    tokens_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_limit_keeps_counting),
        cmocka_unit_test(test_prose_is_its_own_tokens),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_last),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_unlimited),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
