/* SPDX-License-Identifier: MIT */
/* Comparing two answers frame by frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/schema.h"
#include "replay/answer_trail.h"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static void say(struct answer_trail *trail, enum frame_kind kind, const char *words)
{
    struct chat_frame frame = {.kind = kind};
    if (kind == FRAME_REASONING)
        frame.reasoning = bytes_of(words);
    else
        frame.content = bytes_of(words);
    assert_int_equal(answer_trail_frame(trail, &frame), TT_OK);
}

static void say_all(struct answer_trail *trail, const char *const *words)
{
    answer_trail_init(trail);
    for (size_t i = 0; words[i]; i++)
        say(trail, FRAME_CONTENT, words[i]);
}

static uint64_t diverges(const char *const *one, const char *const *two)
{
    struct answer_trail a, b;
    say_all(&a, one);
    say_all(&b, two);
    uint64_t token = answer_trail_diverges(&a, &b);
    answer_trail_release(&a);
    answer_trail_release(&b);
    return token;
}

static void test_the_first_frame_that_differs(void **state)
{
    static const char *const recorded[] = {"The ", "river ", "runs", NULL},
                             *const same[] = {"The river ", "runs", NULL},
                             *const other[] = {"The ", "rover ", "runs", NULL},
                             *const last[] = {"The ", "river ", "ruts", NULL},
                             *const shorter[] = {"The ", "river ", NULL}, *const none[] = {NULL};
    (void)state;
    assert_int_equal(diverges(recorded, recorded), ABSENT);
    assert_int_equal(diverges(recorded, same), ABSENT); /* the same text in other pieces */
    assert_int_equal(diverges(recorded, other), 1);
    assert_int_equal(diverges(recorded, last), 2);
    assert_int_equal(diverges(recorded, shorter), 2);
    assert_int_equal(diverges(shorter, recorded), 2); /* behind its last one */
    assert_int_equal(diverges(none, recorded), 0);
    assert_int_equal(diverges(none, none), ABSENT);
}

static void test_thinking_is_not_saying(void **state)
{
    struct answer_trail a, b;
    (void)state;
    answer_trail_init(&a);
    answer_trail_init(&b);
    say(&a, FRAME_REASONING, "yes");
    say(&b, FRAME_CONTENT, "yes");
    assert_int_equal(answer_trail_diverges(&a, &b), 0);
    answer_trail_release(&a);
    answer_trail_release(&b);
}

static void test_usage_counts_and_frames_without_text_do_not(void **state)
{
    struct answer_trail a;
    struct chat_frame usage = {.kind = FRAME_USAGE, .has_usage = 1},
                      silent = {.kind = FRAME_USAGE, .has_usage = 1};
    (void)state;
    answer_trail_init(&a);
    say(&a, FRAME_CONTENT, "yes");
    say(&a, FRAME_ROLE, "");
    usage.usage.completion_tokens = 7;
    silent.usage.completion_tokens = ABSENT;
    assert_int_equal(answer_trail_frame(&a, &usage), TT_OK);
    assert_int_equal(answer_trail_frame(&a, &silent), TT_OK);
    assert_int_equal(a.count, 1);
    assert_int_equal(a.tokens, 7);
    answer_trail_clear(&a);
    assert_int_equal(a.tokens, ABSENT);
    answer_trail_release(&a);
}

static void test_what_is_too_long_is_cut_and_says_so(void **state)
{
    static char words[65536];
    struct answer_trail a;
    (void)state;
    memset(words, 'w', sizeof words - 1);
    answer_trail_init(&a);
    for (size_t i = 0; i < ANSWER_TRAIL_MAX / sizeof words + 2; i++)
        say(&a, FRAME_CONTENT, words);
    assert_true(a.is_cut);
    assert_true(a.text.len <= ANSWER_TRAIL_MAX);
    answer_trail_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_frame_that_differs),
        cmocka_unit_test(test_thinking_is_not_saying),
        cmocka_unit_test(test_usage_counts_and_frames_without_text_do_not),
        cmocka_unit_test(test_what_is_too_long_is_cut_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
