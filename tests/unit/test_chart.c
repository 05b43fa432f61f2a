/* SPDX-License-Identifier: MIT */
/* Text on its way into gnuplot's scripts and data files, and how charts are laid out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plots/chart.h"
#include "plots/chart_wrap.h"
#include "plots/palette.h"

static const char *const hostile[] = {
    "`touch x`",
    "$(touch x)",
    "'; system \"touch x\"; '",
    "\"; !touch x",
    "x\\' . system('touch x')",
    "@macro @x",
    "a\nplot x",
    "a\r\n!touch x",
    "\xC3(\x80\xFF",
    "\xE2\x80\xAEtxet",
    "\x1B[31mred\a",
    "{/Bold x}_2^3",
    "|touch x",
    "<script>",
    "",
};

/* What a page's style sheet has for a colour on light becomes one colour on dark. */
static unsigned long colour_at(enum chart_theme theme, size_t i)
{
    return i < INK_COUNT ? palette_ink(theme, (enum ink)i) : palette_engine_colour(theme, i - INK_COUNT);
}

static void test_a_colour_has_one_counterpart(void **state)
{
    (void)state;
    for (size_t i = 0; i < INK_COUNT + ENGINE_CODES; i++) {
        for (size_t k = 0; k < i; k++)
            assert_true(colour_at(CHART_LIGHT, i) != colour_at(CHART_LIGHT, k) ||
                        colour_at(CHART_DARK, i) == colour_at(CHART_DARK, k));
    }
}

/* Nothing between the quotes could end the string, run something or be expanded. */
static void assert_is_one_string(const struct buf *text, char quote)
{
    const char *p = buf_text(text);
    size_t len = strlen(p);
    assert_true(len >= 2 && p[0] == quote && p[len - 1] == quote);
    for (size_t i = 1; i + 1 < len; i++) {
        assert_null(strchr("'\"`\\@", p[i]));
        assert_true((unsigned char)p[i] >= ' ' && p[i] != 0x7F);
    }
}

static void test_hostile_text_stays_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct buf script = BUF_INIT, data = BUF_INIT, fitting = BUF_INIT;
        chart_quote(&script, hostile[i]);
        chart_data_text(&data, hostile[i]);
        chart_quote_fitting(&fitting, hostile[i], 13, 40);
        assert_is_one_string(&script, '\'');
        assert_is_one_string(&data, '"');
        assert_is_one_string(&fitting, '\'');
        buf_release(&script);
        buf_release(&data);
        buf_release(&fitting);
    }
}

/* Marks on an axis are formats of their value: no percent sign stands alone. */
static void test_a_mark_is_no_format(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    chart_quote_tic(&out, "%s 100 %", 13, 400);
    assert_string_equal(buf_text(&out), "'%%s 100 %%'");
    buf_release(&out);
}

static void test_long_text_is_cut_at_a_character(void **state)
{
    char text[3001];
    (void)state;
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 3 * i, "\xE6\xBC\xA2", 3);
    text[3000] = '\0';
    for (double pixels = 0; pixels < 400; pixels += 7) {
        struct buf out = BUF_INIT;
        chart_quote_fitting(&out, text, 13, pixels);
        assert_null(strstr(buf_text(&out), "\xEF\xBF\xBD"));
        assert_non_null(strstr(buf_text(&out), "\xE2\x80\xA6'"));
        assert_true(chart_text_pixels(buf_text(&out), 13) <= pixels + 3 * 13);
        buf_release(&out);
    }
}

static void test_what_is_no_number_is_nan(void **state)
{
    static const double values[] = {1.5, NAN, INFINITY, -INFINITY, -0.25};
    struct buf out = BUF_INIT;
    (void)state;
    chart_numbers(&out, values, 5);
    assert_string_equal(buf_text(&out), "1.5 NaN NaN NaN -0.25 ");
    buf_release(&out);
}

static void test_steps_are_round(void **state)
{
    (void)state;
    assert_float_equal(chart_step(100, 4), 50, 1e-9);
    assert_float_equal(chart_step(80, 4), 20, 1e-9);
    assert_float_equal(chart_step(0.9, 4), 0.5, 1e-9);
    assert_float_equal(chart_step(0, 4), 1, 1e-9);
    assert_float_equal(chart_step(NAN, 4), 1, 1e-9);
}

/* Laying out twice gives the same: docs compares a script before it is written. */
static void test_layout_is_stable(void **state)
{
    static const struct chart_style style = {CHART_SVG, CHART_LIGHT, CHART_COLUMN, NULL};
    struct chart c;
    (void)state;
    for (double height = 10; height < 130; height += 0.37) {
        struct buf once = BUF_INIT, again = BUF_INIT;
        chart_init(&c, "x", "x", &style);
        buf_puts(&c.title,
                 "A title that is long enough to stand on two lines, because it has so many words in it");
        c.plot_height = height;
        assert_int_equal(chart_script(&c, &once, NULL), 0);
        assert_int_equal(chart_script(&c, &again, NULL), 0);
        assert_string_equal(buf_text(&once), buf_text(&again));
        assert_true(c.top > 0 && c.height > c.top + c.plot_height);
        chart_release(&c);
        buf_release(&once);
        buf_release(&again);
    }
}

static double luminance(unsigned long colour)
{
    double parts[3];
    for (int i = 0; i < 3; i++) {
        double s = (double)(colour >> (16 - 8 * i) & 255) / 255;
        parts[i] = s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

static double contrast(unsigned long a, unsigned long b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* 4.5 for text and 3 for marks, as the accessibility guidelines have it. */
static void test_colours_stand_out(void **state)
{
    (void)state;
    for (int t = CHART_LIGHT; t <= CHART_DARK; t++) {
        enum chart_theme theme = (enum chart_theme)t;
        unsigned long back = palette_ink(theme, INK_BACKGROUND);
        static const enum ink texts[] = {INK_TEXT, INK_MUTED, INK_GOOD, INK_WARN, INK_BAD};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            assert_true(contrast(palette_ink(theme, texts[i]), back) >= 4.5);
        for (size_t i = 0; i < ENGINE_CODES; i++) {
            assert_true(contrast(palette_engine_colour(theme, i), back) >= 3);
            for (size_t k = 0; k < i; k++)
                assert_true(palette_engine_colour(theme, i) != palette_engine_colour(theme, k) &&
                            palette_engine_shape(i) != palette_engine_shape(k));
        }
    }
    assert_int_equal(palette_engine("nobody's"), ENGINE_CODES - 1);
    assert_int_equal(palette_engine("llamacpp"), 0);
}

static void test_counts_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        double largest, most;
        const char *tics;
    } cases[] = {
        {2400, 6, "('0' 0, '500' 500, '1K' 1000, '1.5K' 1500, '2K' 2000)"},
        {1.7e6, 2, "('0' 0, '1M' 1000000)"},
        {3, 8, "('0' 0, '1' 1, '2' 2, '3' 3)"},
        {0, 8, "('0' 0)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_INIT;
        chart_count_tics(&out, cases[i].largest, cases[i].most);
        assert_string_equal(buf_text(&out), cases[i].tics);
        buf_release(&out);
    }
}

static void test_durations_have_fitting_units(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0.0716, "71.6 ms"}, {3.29, "3.29 s"}, {220, "220 s"}, {840, "14 min"}, {19800, "5.5 h"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_INIT;
        chart_duration(&out, cases[i].seconds);
        assert_string_equal(buf_text(&out), cases[i].text);
        buf_release(&out);
    }
}

static void assert_lines(const char *text, double pixels, const char *const *expected)
{
    struct chart_line lines[8];
    size_t count = chart_wrap(text, 10, pixels, lines, 8);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(expected[i]);
        assert_int_equal(lines[i].len, strlen(expected[i]));
        assert_memory_equal(lines[i].text, expected[i], lines[i].len);
    }
    assert_null(expected[count]);
}

static void test_lines_break_where_they_may(void **state)
{
    (void)state;
    assert_lines("", 100, (const char *const[]){NULL});
    assert_lines("one two", 30, (const char *const[]){"one", "two", NULL});
    assert_lines("n = 5 repeats", 40, (const char *const[]){"n = 5", "repeats", NULL});
    assert_lines("with n = 5 repeats", 78, (const char *const[]){"with", "n = 5 repeats", NULL});
    assert_lines("falls to 103.6 tok/s", 80, (const char *const[]){"falls to", "103.6 tok/s", NULL});
    assert_lines("llama \xC2\xB7 b1 \xE2\x96\xB2MTP", 60,
                 (const char *const[]){"llama \xC2\xB7", "b1 \xE2\x96\xB2MTP", NULL});
}

static void test_a_word_too_wide_is_broken(void **state)
{
    (void)state;
    assert_lines("Llama-Instruct-Q4 fast", 60, (const char *const[]){"Llama-", "Instruct-Q4", "fast", NULL});
    assert_lines("\xE9\x80\x9A\xE4\xB9\x89\xE5\x8D\x83", 26,
                 (const char *const[]){"\xE9\x80\x9A\xE4\xB9\x89", "\xE5\x8D\x83", NULL});
    assert_lines("\xE9\x80\x9A\xE4\xB9\x89", 1, (const char *const[]){"\xE9\x80\x9A", "\xE4\xB9\x89", NULL});
    assert_lines("\xE4\xB9", 1, (const char *const[]){"\xE4\xB9", NULL}); /* cut short */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_text_stays_text),
        cmocka_unit_test(test_a_mark_is_no_format),
        cmocka_unit_test(test_long_text_is_cut_at_a_character),
        cmocka_unit_test(test_what_is_no_number_is_nan),
        cmocka_unit_test(test_steps_are_round),
        cmocka_unit_test(test_layout_is_stable),
        cmocka_unit_test(test_durations_have_fitting_units),
        cmocka_unit_test(test_counts_are_told_apart),
        cmocka_unit_test(test_lines_break_where_they_may),
        cmocka_unit_test(test_a_word_too_wide_is_broken),
        cmocka_unit_test(test_colours_stand_out),
        cmocka_unit_test(test_a_colour_has_one_counterpart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
