/* SPDX-License-Identifier: MIT */
/* Text that looks like macros and escapes comes out as text; prose finds its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/manual.h"
#include "formats/manual_prose.h"
#include "formats/roff.h"

static void assert_text(const char *text, const char *expected)
{
    struct buf out = BUF_INIT;
    roff_text(&out, text, strlen(text));
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void test_text(void **state)
{
    (void)state;
    assert_text("", "");
    assert_text("a  b\nc", "a b c\n");
    assert_text("One. Two! Three", "One.\nTwo!\nThree\n");
    assert_text(".Sh no 'Xr neither", "\\&.Sh no \\(aqXr neither\n");
    assert_text("a\\fB --run half-way", "a\\efB \\-\\-run half-way\n");
    assert_text("a \xe2\x80\x94 b", "a \\[u2014] b\n");
    assert_text("a \xff", "a \\[uFFFFFFFF]\n"); /* no UTF-8: nothing is lost, and nothing read beyond it */
}

static void test_long_lines(void **state)
{
    struct buf text = BUF_INIT, out = BUF_INIT;
    (void)state;
    for (int i = 0; i < 200; i++)
        buf_puts(&text, "'-\\' ");
    roff_text(&out, buf_text(&text), text.len);
    for (const char *line = buf_text(&out); *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    buf_release(&text);
    buf_release(&out);
}

static void test_lines(void **state)
{
    static const char text[] = "  .x --y\n'z'";
    struct buf out = BUF_INIT;
    (void)state;
    roff_lines(&out, text, strlen(text));
    assert_string_equal(buf_text(&out), "  .x \\-\\-y\n\\(aqz\\(aq\n");
    buf_release(&out);
}

static void assert_section(const char *prose, const char *section, const char *expected)
{
    struct bytes text =
        manual_prose_section((struct bytes){(const unsigned char *)prose, strlen(prose)}, section);
    assert_int_equal(text.len, strlen(expected));
    if (text.len)
        assert_memory_equal(text.data, expected, text.len);
}

static void test_prose(void **state)
{
    static const char prose[] = "lead\n.Pp\nmore\n.Sh FILES\nf\n.Sh EXIT STATUS\n0";
    (void)state;
    assert_section(prose, NULL, "lead\n.Pp\nmore\n");
    assert_section(prose, "FILES", "f\n");
    assert_section(prose, "EXIT STATUS", "0");
    assert_section(prose, "EXIT", "");
    assert_section("", NULL, "");
    assert_section("", "FILES", "");
    assert_int_equal(manual_prose("no-such-page").len, 0);
    assert_true(manual_prose("toktape-trace").len > 1000);
}

/* A command of which nobody has written anything has a page all the same. */
static void test_command_without_prose(void **state)
{
    static const struct option_def options[] = {
        {"how", 'w', OPTION_CHOICE, NULL, "a|b", "the way", 0},
        {"where", 0, OPTION_TEXT, "DIR|-", NULL, "the place", 0},
        {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
    };
    static const struct command_help help = {"novel", "[all] IN... [--than NEW...] -o OUT", "Does something.",
                                             options,
                                             "First.\n\n  table\n\nexamples:\n  toktape novel\n\nLast."};
    struct buf out = BUF_INIT;
    (void)state;
    manual_command("something new", &help, &out);
    const char *page = buf_text(&out);
    assert_non_null(strstr(page, ".Nm toktape-novel\n.Nd something new\n"));
    assert_non_null(
        strstr(page, ".Op Ar \\&all\n.Ar \\&IN...\n.Op Fl \\&\\-than Ar \\&NEW...\n.Fl \\&o\n.Ar \\&OUT\n"));
    assert_non_null(strstr(page, ".It Fl w , Fl \\-how Cm \\&a | Cm \\&b\nthe way\n"));
    assert_non_null(strstr(page, ".It Fl \\-where Ar \\&DIR | Ar \\&\\-\nthe place\n"));
    assert_non_null(
        strstr(page, "First.\n.Bd -literal -offset indent\n  table\n.Ed\n.Pp\nLast.\n.Sh EXIT STATUS\n"));
    assert_non_null(
        strstr(page, ".Sh EXAMPLES\n.Bd -literal -offset indent\n  toktape novel\n.Ed\n.Sh SEE ALSO\n"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_prose),
        cmocka_unit_test(test_command_without_prose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
