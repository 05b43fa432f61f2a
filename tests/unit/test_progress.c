/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "formats/error.h"
#include "formats/schema.h"
#include "formats/textsafe.h"
#include "record/progress.h"

static struct progress typical(void)
{
    return (struct progress){.phase = "prefix-test-1",
                             .repeat = 0,
                             .repeats = 2,
                             .index = 2,
                             .total = 16,
                             .tokens = 212,
                             .max_tokens = 400,
                             .tok_s = 801.4,
                             .ttft_ms = 337.2,
                             .elapsed_s = 12,
                             .remaining_s = 65};
}

static void expect_line(const struct progress *p, size_t width, const char *want)
{
    struct buf line = BUF_INIT;
    assert_int_equal(progress_line(p, width, &line), TT_OK);
    assert_string_equal(buf_text(&line), want);
    buf_release(&line);
}

static void expect_duration(double seconds, const char *want)
{
    struct buf text = BUF_INIT;
    assert_int_equal(progress_duration(seconds, &text), TT_OK);
    assert_string_equal(buf_text(&text), want);
    buf_release(&text);
}

static void test_durations(void **state)
{
    (void)state;
    expect_duration(0, "0:00");
    expect_duration(-3, "0:00");
    expect_duration(7.4, "0:07");
    expect_duration(59.6, "1:00");
    expect_duration(754, "12:34");
    expect_duration(3723, "1:02:03");
}

static void test_a_usual_line_fits_into_eighty_columns(void **state)
{
    (void)state;
    struct progress p = typical();
    struct buf line = BUF_INIT;
    p.elapsed_s = 754;
    p.remaining_s = 3599;
    assert_int_equal(progress_line(&p, 79, &line), TT_OK);
    static const char *const parts[] = {"[ 3/16]", "prefix-test-1", "1/2",   "212/400", "801",
                                        "tok/s",   "TTFT 337 ms",   "12:34", "~59:59"};
    const char *at = buf_text(&line);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        at = strstr(at, parts[i]);
        if (!at)
            fail_msg("'%s' is not in its place in '%s'", parts[i], buf_text(&line));
    }
    buf_release(&line);
}

static void test_no_width_is_ever_passed(void **state)
{
    (void)state;
    struct progress p = typical();
    static const char *const phases[] = {
        "cold", "long-context", "\xE9\x95\xB7\xE3\x81\x84\xE5\x90\x8D\xE5\x89\x8D",
        "a-name-that-is-far-longer-than-any-sensible-name-of-a-phase-would-ever-be"};
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        p.phase = phases[i];
        for (size_t width = 0; width < 120; width++) {
            struct buf line = BUF_INIT;
            assert_int_equal(progress_line(&p, width, &line), TT_OK);
            assert_true(text_width(buf_text(&line)) <= width);
            buf_release(&line);
        }
    }
}

static void test_what_is_not_known_is_left_out(void **state)
{
    (void)state;
    struct progress p = typical();
    p.tokens = ABSENT;
    p.tok_s = p.ttft_ms = p.remaining_s = NAN;
    struct buf line = BUF_INIT;
    assert_int_equal(progress_line(&p, 80, &line), TT_OK);
    static const char *const unknown[] = {"tok", "TTFT", "nan", "left", "~", "18446744073709551615"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(strstr(buf_text(&line), unknown[i]));
    assert_non_null(strstr(buf_text(&line), "0:12"));
    buf_release(&line);
}

static void test_a_phase_cannot_steer_the_terminal(void **state)
{
    (void)state;
    struct progress p = typical();
    p.phase = "x\x1b[2J\n";
    struct buf line = BUF_INIT;
    assert_int_equal(progress_line(&p, 80, &line), TT_OK);
    assert_null(strchr(buf_text(&line), '\x1b'));
    assert_null(strchr(buf_text(&line), '\n'));
    buf_release(&line);
}

static void test_numbers_keep_their_width(void **state)
{
    (void)state;
    struct progress p = typical();
    expect_line(&p, 79, "[ 3/16] prefix-test-1 1/2  212/400 tok   801 tok/s  TTFT 337 ms  0:12 / ~1:05");
    p.tok_s = 7.31;
    p.ttft_ms = 4.27;
    p.tokens = 3;
    expect_line(&p, 79, "[ 3/16] prefix-test-1 1/2    3/400 tok   7.3 tok/s  TTFT 4.3 ms  0:12 / ~1:05");
    p.ttft_ms = 46964;
    expect_line(&p, 79, "[ 3/16] prefix-test-1 1/2    3/400 tok   7.3 tok/s  TTFT 47.0 s  0:12 / ~1:05");
    p.remaining_s = INFINITY;
    expect_line(&p, 90, "[ 3/16] prefix-test-1 1/2    3/400 tok   7.3 tok/s  TTFT 47.0 s  0:12 / ~99:59:59");
}

static void test_no_room_gives_an_empty_line(void **state)
{
    (void)state;
    struct progress p = typical();
    expect_line(&p, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_a_usual_line_fits_into_eighty_columns),
        cmocka_unit_test(test_no_width_is_ever_passed),
        cmocka_unit_test(test_what_is_not_known_is_left_out),
        cmocka_unit_test(test_a_phase_cannot_steer_the_terminal),
        cmocka_unit_test(test_numbers_keep_their_width),
        cmocka_unit_test(test_no_room_gives_an_empty_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
