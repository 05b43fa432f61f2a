/* SPDX-License-Identifier: MIT */
/* What an argument is completed by, from its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/completion_parts.h"

static struct completion_argument of_option(enum option_type type, const char *argument, const char *choices)
{
    struct option_def option = {"name", 0, type, argument, choices, "help", 0};
    return completion_of_option(&option);
}

static struct completion_argument of_operands(const char *operands)
{
    struct command_help help = {"name", operands, "summary", NULL, NULL};
    return completion_of_operands(&help);
}

static void test_options(void **state)
{
    (void)state;
    assert_int_equal(of_option(OPTION_TEXT, "URL", NULL).kind, COMPLETES_NOTHING);
    assert_int_equal(of_option(OPTION_TEXT, "FILE", NULL).kind, COMPLETES_FILES);
    assert_int_equal(of_option(OPTION_TEXT, "DIR", NULL).kind, COMPLETES_FOLDERS);
    assert_int_equal(of_option(OPTION_TEXT, "PROFILED", NULL).kind, COMPLETES_NOTHING);
    assert_int_equal(of_option(OPTION_CHOICE, NULL, "a|b").kind, COMPLETES_WORDS);
    assert_int_equal(of_option(OPTION_TEXT, "LIST", "a|b").kind, COMPLETES_LIST);
    assert_int_equal(of_option(OPTION_LIST, "NAME", "a|b").kind, COMPLETES_WORDS);
    assert_int_equal(of_option(OPTION_TEXT, "NAME|FILE", "a|b").kind, COMPLETES_FILES);
    assert_string_equal(of_option(OPTION_TEXT, "NAME|FILE", "a|b").words, "a|b");
}

static void test_operands(void **state)
{
    (void)state;
    assert_string_equal(of_operands("TRACE...").suffix[0], "toktape");
    assert_null(of_operands("TRACE...").suffix[1]);
    assert_string_equal(of_operands("TRACE|PROFILE.json").suffix[1], "json");
    assert_int_equal(of_operands("[--url URL]").kind, COMPLETES_NOTHING);
    assert_int_equal(of_operands("").kind, COMPLETES_NOTHING);
    assert_string_equal(of_operands("BASE... --against NEW...").suffix[0], "toktape");
    assert_null(of_operands("FILE -o TRACE").suffix[0]);
    assert_string_equal(of_operands("[status|report] PLAN.json").suffix[0], "json");
    assert_int_equal(of_operands("bash|zsh").kind, COMPLETES_WORDS);
    /* More kinds than there is room for: the last ones share it. */
    assert_string_equal(of_operands("TRACE|x.json|x.md").suffix[2], "md");
}

/* Texts cannot end the quotes that they stand in. */
static void test_quotes(void **state)
{
    static const struct option_def options[] = {
        {"odd", 0, OPTION_TEXT, "IT'S:X", NULL, "don't [do]: \\ this; not shown", 0},
        {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
    };
    const struct completion_command command = {"it's", {"name", "", "s", options, NULL}};
    const struct completion_source source = {&command, 1};
    struct error e = {0};
    struct buf out = BUF_INIT;
    (void)state;
    assert_int_equal(completion_write("zsh", &source, &out, &e), TT_OK);
    assert_non_null(strstr(buf_text(&out), "'--odd=[don'\\''t \\[do\\]\\: \\\\ this]:IT'\\''S\\:X: '"));
    assert_non_null(strstr(buf_text(&out), "'name:it'\\''s'"));
    buf_clear(&out);
    assert_int_equal(completion_write("fish", &source, &out, &e), TT_OK);
    assert_non_null(strstr(buf_text(&out), "-l odd -d 'don\\'t [do]: \\\\ this' -x\n"));
    assert_int_equal(completion_write("sh", &source, &out, &e), TT_USAGE);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
