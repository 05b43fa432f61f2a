/* SPDX-License-Identifier: MIT */
/* The published tables from their figures, cell by cell, and hostile names in every renderer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/views.h"
#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/textsafe.h"

#define FIELDS   19
#define ROWS_MAX 40

enum {
    BLOCK = 0,
    TIER = 4,
    MARK,
    MODEL,
    ENGINE,
    VERSION,
    MTP,
    QUANT,
    DECODE,
    PEAK,
    DECODE_50K,
    TTFT,
    REUSE,
    PER_WATT,
    RAM,
    VALID
};

/* The reference figures: split in place, so that fields are plain strings. */
struct campaign {
    struct buf text;
    char *fields[ROWS_MAX][FIELDS];
    size_t count;
};

static void load_campaign(struct campaign *c)
{
    assert_int_equal(io_read_file(TEST_DATA "/reference/campaign-2026-06-03.csv", 1 << 20, &c->text, NULL),
                     0);
    char *line = strchr((char *)c->text.data, '\n') + 1;
    while (*line && c->count < ROWS_MAX) {
        char *end = strchr(line, '\n');
        *end = '\0';
        for (size_t i = 0; i < FIELDS; i++) {
            c->fields[c->count][i] = line;
            line += strcspn(line, ",");
            if (*line)
                *line++ = '\0';
        }
        c->count++;
        line = end + 1;
    }
}

static double number(const char *text)
{
    return *text ? strtod(text, NULL) : NAN;
}

static void fill_row(struct report_row *row, char *const *fields)
{
    static const struct {
        enum metric metric;
        int field;
    } figures[] = {{METRIC_DECODE, DECODE}, {METRIC_PEAK, PEAK},   {METRIC_DECODE_50K, DECODE_50K},
                   {METRIC_TTFT, TTFT},     {METRIC_REUSE, REUSE}, {METRIC_TOK_S_PER_W, PER_WATT},
                   {METRIC_VALID, VALID}};
    struct buf label = BUF_INIT;
    buf_printf(&label, "%s \xC2\xB7 %s %s%s", fields[MODEL], fields[ENGINE], fields[VERSION],
               strcmp(fields[MTP], "1") == 0 ? " \xE2\x96\xB2MTP" : "");
    assert_int_equal(row_init(row), 0);
    assert_int_equal(row_set_text(&row->label, buf_text(&label)), 0);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        row->figures[figures[i].metric].value = number(fields[figures[i].field]);
    row->figures[METRIC_PEAK_RSS].value = number(fields[RAM]) * 1073741824.0;
    buf_release(&label);
}

/* Appends the table of the block that the CSV calls `title`, its rows given in reverse. */
static void render_block(const struct campaign *c, const struct gates *gates, const char *title,
                         int short_titles, struct buf *out)
{
    struct report_row rows[ROWS_MAX];
    struct table table = TABLE_INIT;
    size_t count = 0;
    for (size_t i = c->count; i-- > 0;) {
        if (strcmp(c->fields[i][BLOCK], title) == 0)
            fill_row(&rows[count++], c->fields[i]);
    }
    assert_int_equal(gates_judge(gates, rows, count), 0);
    size_t next = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->fields[i][BLOCK], title) != 0)
            continue;
        assert_int_equal(rows[next].tier, strtol(c->fields[i][TIER], NULL, 10));
        assert_string_equal(gates->marks[rows[next].mark], c->fields[i][MARK]);
        next++;
    }
    table_title(&table, title);
    assert_int_equal(view_tiers(gates, rows, count, short_titles, &table), 0);
    assert_int_equal(table_markdown(&table, out), 0);
    table_release(&table);
    for (size_t i = 0; i < count; i++)
        row_release(&rows[i]);
}

static void test_published_tables(void **state)
{
    (void)state;
    struct campaign c = {0};
    struct gates gates;
    struct buf out = BUF_INIT, expected = BUF_INIT;
    load_campaign(&c);
    assert_int_equal(c.count, 18);
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    render_block(&c, &gates, "MacBook Pro M5 Max 128 GB \xC2\xB7 Q4", 0, &out);
    buf_putc(&out, '\n');
    render_block(&c, &gates, "Mac mini M4 Pro 64 GB \xC2\xB7 Q5", 1, &out);
    assert_int_equal(io_read_file(TEST_DATA "/reference/tables-expected.md", 1 << 20, &expected, NULL), 0);
    if (expected.data[expected.len - 1] != '\n')
        buf_putc(&expected, '\n');
    assert_string_equal(buf_text(&out), buf_text(&expected));
    buf_release(&c.text);
    buf_release(&out);
    buf_release(&expected);
    gates_release(&gates);
}

static void small_table(struct table *table, const char *name)
{
    table_column(table, "name", "name", ALIGN_LEFT);
    table_column(table, "value", "value", ALIGN_RIGHT);
    table_row(table);
    table_text(table, name, STYLE_NONE);
    table_number(table, 1.25, 1, (struct decimals){DECIMAL_FIXED, 1}, STYLE_NONE);
}

typedef int renderer(const struct table *table, struct buf *out);

static int plain_terminal(const struct table *table, struct buf *out)
{
    return table_terminal(table, 0, 0, out);
}

static void expect_rendered(renderer *render, const char *name, const char *wanted)
{
    struct table table = TABLE_INIT;
    struct buf out = BUF_INIT;
    small_table(&table, name);
    assert_int_equal(render(&table, &out), 0);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
    table_release(&table);
}

static void expect_markdown(const char *name, const char *wanted)
{
    struct buf out = BUF_INIT;
    assert_int_equal(text_markdown(&out, name), 0);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void test_markdown_escapes(void **state)
{
    (void)state;
    expect_markdown("a|b<script>", "a\\|b&lt;script&gt;");
    expect_markdown("`rm -rf`", "\\`rm -rf\\`");
    expect_markdown("one\ntwo\r\n\tthree", "one two   three");
    expect_markdown("**bold** __x__ mlx_vlm _y", "\\*\\*bold\\*\\* \\_\\_x\\_\\_ mlx_vlm \\_y");
    expect_markdown("[x](y) ![z]", "\\[x\\](y) \\!\\[z\\]");
    expect_markdown("&amp; ~~no~~ \\|", "&amp;amp; \\~\\~no\\~\\~ \\\\\\|");
    expect_markdown("http://x.y www.z.w", "http\\://x.y www\\.z.w");
    expect_markdown("\x1b[31mred", "\xEF\xBF\xBD\\[31mred");
    expect_markdown("a\xE2\x80\xAE"
                    "b",
                    "a\xEF\xBF\xBD"
                    "b");
    expect_markdown("\xF0\x9F\xA6\x99 llama", "\xF0\x9F\xA6\x99 llama");
    expect_markdown("bad \xFF\xC0\xAF", "bad \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    expect_markdown("Qwen-27B \xC2\xB7 mlx_vlm 0.6.0", "Qwen-27B \xC2\xB7 mlx_vlm 0.6.0");
}

static void test_markdown_table(void **state)
{
    (void)state;
    expect_rendered(table_markdown, "a|b<script>\n",
                    "| name | value |\n|:--|--:|\n| a\\|b&lt;script&gt;  | 1.3 |\n");
    expect_rendered(table_markdown, "", "| name | value |\n|:--|--:|\n| | 1.3 |\n");
}

static void test_terminal_table(void **state)
{
    (void)state;
    expect_rendered(plain_terminal, "plain", "name   value\nplain    1.3\n");
    /* Wide characters take two columns, combining marks none. */
    expect_rendered(plain_terminal, "\xE6\xA8\xA1\xE5\x9E\x8B",
                    "name  value\n\xE6\xA8\xA1\xE5\x9E\x8B    1.3\n");
    expect_rendered(plain_terminal, "\xF0\x9F\xA6\x99", "name  value\n\xF0\x9F\xA6\x99      1.3\n");
    expect_rendered(plain_terminal,
                    "e\xCC\x81"
                    "e",
                    "name  value\ne\xCC\x81"
                    "e      1.3\n");
    /* Nothing that moves the cursor, rings, breaks lines or reorders text. */
    expect_rendered(plain_terminal, "\x1b[2J\a\b\n\xC2\x9B\x7f\xE2\x81\xA6",
                    "name        value\n"
                    "\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD    1.3\n");
}

/* A table with a text, a column without any value and three numbers, in `width` columns. */
static void expect_width(const char *name, size_t width, const char *wanted)
{
    struct table table = TABLE_INIT;
    struct buf out = BUF_INIT;
    table_column(&table, "mark", "", ALIGN_NONE);
    table_column(&table, "name", "name", ALIGN_NONE);
    table_column(&table, "prefill", "prefill t/s", ALIGN_RIGHT);
    table_column(&table, "ram", "RAM GB", ALIGN_RIGHT);
    table_column(&table, "steps", "tokens a step", ALIGN_RIGHT);
    table_row(&table);
    table_text(&table, "+", STYLE_NONE);
    table_text(&table, name, STYLE_NONE);
    table_number(&table, 1234, 1, (struct decimals){DECIMAL_FIXED, 0}, STYLE_NONE);
    table_absent(&table);
    table_number(&table, 2, 1, (struct decimals){DECIMAL_FIXED, 1}, STYLE_NONE);
    table_notef(&table, "a note of ten words that are broken where it ends");
    assert_int_equal(table_terminal(&table, width, 0, &out), 0);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
    table_release(&table);
}

static void test_width(void **state)
{
    (void)state;
    static const char note[] = "\n- a note of ten words that are broken where it ends\n";
    char wanted[512];
    snprintf(wanted, sizeof wanted,
             "   name            prefill t/s  RAM GB  tokens a step\n"
             "+  a name of four         1234       \xE2\x80\x94            2.0\n%s",
             note);
    expect_width("a name of four", 0, wanted);
    expect_width("a name of four", 53, wanted);
    snprintf(wanted, sizeof wanted,
             "                   prefill  RAM  tokens\n"
             "   name                t/s   GB  a step\n"
             "+  a name of four     1234    \xE2\x80\x94     2.0\n"
             "\n- a note of ten words that are broken\n  where it ends\n");
    expect_width("a name of four", 39, wanted);
    expect_width("a name of four", 35,
                 "                 prefill RAM tokens\n"
                 "  name               t/s  GB a step\n"
                 "+ a name of four    1234   \xE2\x80\x94    2.0\n"
                 "\n- a note of ten words that are\n  broken where it ends\n");
    expect_width("a name of four", 31,
                 "                 prefill tokens\n"
                 "  name               t/s a step\n"
                 "+ a name of four    1234    2.0\n"
                 "\n- a note of ten words that are\n  broken where it ends\n- not measured: RAM GB\n");
    expect_width("a name of eleven words \xC2\xB7 mlx", 40,
                 "                          prefill tokens\n"
                 "  name                        t/s a step\n"
                 "+ a name of eleven words     1234    2.0\n"
                 "    \xC2\xB7 mlx\n"
                 "\n- a note of ten words that are broken\n  where it ends\n- not measured: RAM GB\n");
}

static void test_groups_of_columns(void **state)
{
    (void)state;
    expect_width("a name of eleven words", 32,
                 "                         prefill\n"
                 "   name                      t/s\n"
                 "+  a name of eleven         1234\n"
                 "     words\n"
                 "\n"
                 "                         tokens\n"
                 "   name                  a step\n"
                 "+  a name of eleven         2.0\n"
                 "     words\n"
                 "\n- a note of ten words that are\n  broken where it ends\n- not measured: RAM GB\n");
}

static void expect_line(const char *text, size_t width, size_t wanted_len, size_t wanted_next)
{
    size_t next;
    assert_int_equal(text_line(text, width, &next), wanted_len);
    assert_int_equal(next, wanted_next);
}

static void test_lines_of_text(void **state)
{
    (void)state;
    expect_line("", 4, 0, 0);
    expect_line("abcd", 4, 4, 4);
    expect_line("ab cd", 4, 2, 3);
    expect_line("abcd e", 4, 4, 5);
    expect_line("abcdef", 4, 4, 4);
    expect_line("a", 0, 1, 1);
    /* Two wide characters take four columns; a mark stays with its letter; a broken byte is a character. */
    expect_line("\xE6\xA8\xA1\xE5\x9E\x8B\xE6\xA8\xA1", 5, 6, 6);
    expect_line("abcde\xCC\x81xy", 5, 7, 7);
    expect_line("\xFF\xFF\xFF", 2, 2, 2);
}

static void test_colours_only_when_asked(void **state)
{
    (void)state;
    struct table table = TABLE_INIT;
    struct buf out = BUF_INIT;
    small_table(&table, "x");
    table_row(&table);
    table_text(&table, "bad", STYLE_BAD);
    table_absent(&table);
    assert_int_equal(table_terminal(&table, 0, 0, &out), 0);
    assert_null(strchr(buf_text(&out), '\033'));
    buf_clear(&out);
    assert_int_equal(table_terminal(&table, 0, 1, &out), 0);
    assert_non_null(strstr(buf_text(&out), "\033[31mbad\033[0m"));
    buf_release(&out);
    table_release(&table);
}

static void test_csv(void **state)
{
    (void)state;
    expect_rendered(table_csv, "plain", "name,value\nplain,1.25\n");
    expect_rendered(table_csv, "a,\"b\"", "name,value\n\"a,\"\"b\"\"\",1.25\n");
    expect_rendered(table_csv, "=1+2", "name,value\n\"'=1+2\",1.25\n");
    expect_rendered(table_csv, " @SUM(A1)", "name,value\n\"' @SUM(A1)\",1.25\n");
    expect_rendered(table_csv, "-x\ny", "name,value\n\"'-x y\",1.25\n");
    expect_rendered(table_csv, "", "name,value\n,1.25\n");
}

/* A value that was not measured is a dash for people and nothing for spreadsheets. */
static void test_absent(void **state)
{
    (void)state;
    struct table table = TABLE_INIT;
    struct buf out = BUF_INIT;
    table_column(&table, "value", "value", ALIGN_RIGHT);
    table_row(&table);
    table_number(&table, NAN, 1, (struct decimals){DECIMAL_FIXED, 1}, STYLE_STRIKE);
    assert_int_equal(table_markdown(&table, &out), 0);
    assert_string_equal(buf_text(&out), "| value |\n|--:|\n| \xE2\x80\x94 |\n");
    buf_clear(&out);
    assert_int_equal(table_csv(&table, &out), 0);
    assert_string_equal(buf_text(&out), "value\n\n");
    buf_release(&out);
    table_release(&table);
}

static void test_lines_must_be_full(void **state)
{
    (void)state;
    struct table table = TABLE_INIT;
    small_table(&table, "x");
    assert_int_equal(table_status(&table), 0);
    table_row(&table);
    table_text(&table, "only one", STYLE_NONE);
    assert_int_equal(table_status(&table), TT_LIMIT);
    table_release(&table);
    small_table(&table, "x");
    table_text(&table, "one too many", STYLE_NONE);
    assert_int_equal(table_status(&table), TT_LIMIT);
    table_release(&table);
}

static void test_empty_tiers_have_no_title(void **state)
{
    (void)state;
    struct gates gates;
    struct report_row row;
    struct table table = TABLE_INIT;
    struct buf out = BUF_INIT;
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(row_init(&row), 0);
    row_set_text(&row.label, "only");
    assert_int_equal(gates_judge(&gates, &row, 1), 0);
    assert_int_equal(view_tiers(&gates, &row, 1, 1, &table), 0);
    assert_int_equal(table_markdown(&table, &out), 0);
    assert_null(strstr(buf_text(&out), "Tier 1"));
    assert_non_null(strstr(buf_text(&out), "| **\xE2\x9C\x93 Tier 2** ||||||||||\n| \xE2\x9C\x93 | only |"));
    assert_null(strstr(buf_text(&out), "Tier 3"));
    buf_release(&out);
    table_release(&table);
    row_release(&row);
    gates_release(&gates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_tables),
        cmocka_unit_test(test_markdown_escapes),
        cmocka_unit_test(test_markdown_table),
        cmocka_unit_test(test_terminal_table),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_groups_of_columns),
        cmocka_unit_test(test_lines_of_text),
        cmocka_unit_test(test_colours_only_when_asked),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_lines_must_be_full),
        cmocka_unit_test(test_empty_tiers_have_no_title),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
