/* SPDX-License-Identifier: MIT */
/* Verdicts, tiers and the order of rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/gates.h"
#include "analyze/views.h"

#define ROWS_MAX 8

struct fixture {
    struct gates gates;
    struct report_row rows[ROWS_MAX];
    size_t count;
};

static int set_up(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    *state = &f;
    return gates_open(&f.gates, GATES_DEFAULT, NULL);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->count; i++)
        row_release(&f->rows[i]);
    gates_release(&f->gates);
    return 0;
}

static struct report_row *add(struct fixture *f, const char *label, double decode, double ttft, double reuse,
                              double valid)
{
    struct report_row *row = &f->rows[f->count++];
    assert_int_equal(row_init(row), 0);
    assert_int_equal(row_set_text(&row->label, label), 0);
    row->figures[METRIC_DECODE].value = decode;
    row->figures[METRIC_TTFT].value = ttft;
    row->figures[METRIC_REUSE].value = reuse;
    row->figures[METRIC_VALID].value = valid;
    return row;
}

static void judge(struct fixture *f)
{
    assert_int_equal(gates_judge(&f->gates, f->rows, f->count), 0);
}

/* The level of a lone row with these figures. */
static enum gate_level level_of(struct fixture *f, double ttft, double reuse, double valid)
{
    add(f, "row", 10, ttft, reuse, valid);
    judge(f);
    enum gate_level level = f->rows[0].level;
    row_release(&f->rows[0]);
    f->count = 0;
    return level;
}

static void test_limits(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(level_of(f, 500, 0.8, 100), LEVEL_PASS);
    assert_int_equal(level_of(f, 500.01, 0.8, 100), LEVEL_RESERVE);
    assert_int_equal(level_of(f, 3000, 0.8, 100), LEVEL_RESERVE);
    assert_int_equal(level_of(f, 3000.001, 0.8, 100), LEVEL_ELIMINATED);
    assert_int_equal(level_of(f, 100, 0.5, 100), LEVEL_PASS);
    assert_int_equal(level_of(f, 100, 0.4999, 100), LEVEL_RESERVE);
    assert_int_equal(level_of(f, 100, 0, 100), LEVEL_ELIMINATED);
    assert_int_equal(level_of(f, 100, 1e-9, 100), LEVEL_RESERVE);
    assert_int_equal(level_of(f, 100, 0.8, 95), LEVEL_PASS);
    assert_int_equal(level_of(f, 100, 0.8, 94.999), LEVEL_RESERVE);
    assert_int_equal(level_of(f, 100, 0.8, 80), LEVEL_RESERVE);
    assert_int_equal(level_of(f, 100, 0.8, 79.6), LEVEL_ELIMINATED);
}

static void test_not_measured_never_fails(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(level_of(f, NAN, NAN, NAN), LEVEL_PASS);
    assert_int_equal(level_of(f, NAN, NAN, 90), LEVEL_RESERVE);
    add(f, "row", 10, NAN, NAN, 100);
    judge(f);
    assert_int_equal(f->rows[0].gate_count, 3);
    assert_int_equal(f->rows[0].gates[1].level, LEVEL_NOT_MEASURED);
    assert_true(isnan(f->rows[0].gates[1].limit));
    assert_int_equal(f->rows[0].gate_causes.count, 0);
}

static void test_names_gate_value_and_limit(void **state)
{
    struct fixture *f = *state;
    struct buf text = BUF_INIT;
    add(f, "row", 10, 2150, 0, 79.6);
    judge(f);
    const struct report_row *row = &f->rows[0];
    assert_string_equal(row->gates[0].name, "valid");
    assert_true(fabs(row->gates[0].value - 79.6) < 1e-12);
    assert_true(fabs(row->gates[0].limit - 80) < 1e-12);
    assert_int_equal(row->gates[0].level, LEVEL_ELIMINATED);
    assert_true(fabs(row->gates[1].limit - 1500) < 1e-12);
    assert_int_equal(row->gates[1].level, LEVEL_RESERVE);
    assert_int_equal(row->gate_causes.count, 3);
    assert_string_equal(row->gate_causes.items[0], "valid 79.6 % is below 80 %");
    assert_string_equal(row->gate_causes.items[1], "prefix reuse is 0");
    assert_string_equal(row->gate_causes.items[2], "TTFT 2150 ms is above 1500 ms (over the gate)");
    assert_int_equal(gates_verdict(row, &text), 0);
    assert_string_equal(buf_text(&text),
                        "eliminated: valid 79.6 % is below 80 %; prefix reuse is 0; TTFT 2150 ms is "
                        "above 1500 ms (over the gate)");
    buf_release(&text);
}

/* A value a hair over the limit must not be printed as the limit. */
static void test_causes_show_the_difference(void **state)
{
    struct fixture *f = *state;
    add(f, "row", 10, 500.004, 0.8, 100);
    judge(f);
    assert_string_equal(f->rows[0].gate_causes.items[0], "TTFT 500.004 ms is above 500 ms");
}

static void expect_row(const struct fixture *f, size_t i, const char *label, int tier, enum row_mark mark)
{
    assert_string_equal(f->rows[i].label, label);
    assert_int_equal(f->rows[i].tier, tier);
    assert_int_equal(f->rows[i].mark, mark);
}

static void test_tiers_and_order(void **state)
{
    struct fixture *f = *state;
    add(f, "slow", 49.9, 100, 0.8, 100);
    add(f, "dead", 500, 5000, 0.8, 100);
    add(f, "unknown", NAN, 100, 0.8, 100);
    add(f, "half", 50, 100, 0.8, 100);
    add(f, "late", 80, 900, 0.8, 100);
    add(f, "best", 100, 100, 0.8, 100);
    judge(f);
    expect_row(f, 0, "best", 1, MARK_WINNER);
    expect_row(f, 1, "half", 1, MARK_VIABLE);
    expect_row(f, 2, "slow", 2, MARK_VIABLE);
    expect_row(f, 3, "unknown", 2, MARK_VIABLE);
    expect_row(f, 4, "late", 3, MARK_RESERVE);
    expect_row(f, 5, "dead", 4, MARK_ELIMINATED);
}

/* The best decode may belong to a reserve row: then nobody is in tier 1, and the best viable row still wins.
 */
static void test_empty_first_tier(void **state)
{
    struct fixture *f = *state;
    add(f, "viable", 40, 100, 0.8, 100);
    add(f, "late", 100, 900, 0.8, 100);
    judge(f);
    expect_row(f, 0, "viable", 2, MARK_WINNER);
    expect_row(f, 1, "late", 3, MARK_RESERVE);
}

static void test_no_viable_row_no_winner(void **state)
{
    struct fixture *f = *state;
    add(f, "late", 100, 900, 0.8, 100);
    judge(f);
    expect_row(f, 0, "late", 3, MARK_RESERVE);
}

static void test_winner_needs_measured_figures(void **state)
{
    struct fixture *f = *state;
    add(f, "no ttft", 100, NAN, 0.8, 100);
    add(f, "complete", 90, 100, 0.8, 100);
    judge(f);
    expect_row(f, 0, "no ttft", 1, MARK_VIABLE);
    expect_row(f, 1, "complete", 1, MARK_VIABLE);
}

static void test_early_stops_cannot_win(void **state)
{
    struct fixture *f = *state;
    add(f, "row", 100, 100, 0.8, 100)->early_stop = 2;
    judge(f);
    expect_row(f, 0, "row", 1, MARK_VIABLE);
    f->rows[0].early_stop = 1;
    judge(f);
    expect_row(f, 0, "row", 1, MARK_WINNER);
}

static void test_rows_without_decode(void **state)
{
    struct fixture *f = *state;
    add(f, "b", NAN, 100, 0.8, 100);
    add(f, "a", NAN, 100, 0.8, 100);
    judge(f);
    expect_row(f, 0, "a", 2, MARK_VIABLE);
    expect_row(f, 1, "b", 2, MARK_VIABLE);
}

static void test_ties_by_label_then_content_id(void **state)
{
    struct fixture *f = *state;
    text_list_add(&add(f, "same", 100, 100, 0.8, 100)->content_ids, "bb");
    text_list_add(&add(f, "same", 100, 100, 0.8, 100)->content_ids, "aa");
    add(f, "other", 100, 100, 0.8, 100);
    judge(f);
    assert_string_equal(f->rows[0].label, "other");
    assert_string_equal(f->rows[1].content_ids.items[0], "aa");
    assert_string_equal(f->rows[2].content_ids.items[0], "bb");
}

/* Blanked cells keep their value in the row, and only measured ones count as suppressed. */
static void test_suppressed(void **state)
{
    struct fixture *f = *state;
    struct report_row *row = add(f, "dead", 100, 5000, 0.8, 100);
    row->figures[METRIC_PEAK].value = 120;
    judge(f);
    assert_true(f->rows[0].suppressed == (uint64_t)1 << METRIC_PEAK);
    assert_true(fabs(f->rows[0].figures[METRIC_PEAK].value - 120) < 1e-12);
}

/* 94.96 rounds to 95.0, the limit itself, and 0.4996 to 0.5: the sentences show what was compared. */
static void test_unrounded_values_are_judged_and_shown(void **state)
{
    struct fixture *f = *state;
    add(f, "row", 10, 3000.04, 0.4996, 94.96);
    judge(f);
    const struct report_row *row = &f->rows[0];
    assert_int_equal(row->level, LEVEL_ELIMINATED);
    assert_string_equal(row->gate_causes.items[0], "TTFT 3000.04 ms is above 3000 ms");
    assert_string_equal(row->gate_causes.items[1], "valid 94.96 % is below 95 %");
    assert_string_equal(row->gate_causes.items[2], "prefix reuse 0.4996 is below 0.5");
    assert_true(fabs(row->gates[0].value - 94.96) < 1e-12);
}

/* Passed gates name the limit that was nearest; the worst gate is the verdict. */
static void test_the_worst_gate_is_the_verdict(void **state)
{
    struct fixture *f = *state;
    add(f, "row", 10, 600, 0.8, 100);
    judge(f);
    const struct report_row *row = &f->rows[0];
    assert_int_equal(row->level, LEVEL_RESERVE);
    assert_int_equal(row->gates[0].level, LEVEL_PASS);
    assert_true(fabs(row->gates[0].limit - 95) < 1e-12);
    assert_true(fabs(row->gates[1].limit - 500) < 1e-12);
    assert_int_equal(row->gate_causes.count, 1);
    assert_string_equal(row->gate_causes.items[0], "TTFT 600 ms is above 500 ms");
}

/* Titles of the lines without cells, joined. */
static void expect_titles(const struct fixture *f, int is_short, const char *wanted)
{
    struct table table = TABLE_INIT;
    struct buf titles = BUF_INIT;
    assert_int_equal(view_tiers(&f->gates, f->rows, f->count, is_short, &table), 0);
    for (size_t i = 0; i < table.line_count; i++) {
        if (table.lines[i].title)
            buf_printf(&titles, "%s|", table.lines[i].title);
    }
    assert_string_equal(buf_text(&titles), wanted);
    buf_release(&titles);
    table_release(&table);
}

/* Tiers 2 and 3 have no rows, and so no title; unmeasured columns are dashes. */
static void test_empty_tiers_have_no_title(void **state)
{
    struct fixture *f = *state;
    add(f, "best", 100, 100, NAN, 100);
    add(f, "dead", 90, 5000, 0.8, 100)->figures[METRIC_PEAK].value = 95;
    judge(f);
    expect_titles(f, 0,
                  "\xE2\x98\x85 Tier 1 \xE2\x80\x94 winner + fast|\xE2\x9C\x97 Tier 4 \xE2\x80\x94 "
                  "eliminated|");
    expect_titles(f, 1, "\xE2\x98\x85 Tier 1|\xE2\x9C\x97 Tier 4|");
    struct table table = TABLE_INIT;
    struct buf out = BUF_INIT;
    assert_int_equal(view_tiers(&f->gates, f->rows, f->count, 1, &table), 0);
    assert_int_equal(table_markdown(&table, &out), 0);
    assert_non_null(strstr(buf_text(&out),
                           "| \xE2\x98\x85 | best | 100.0 | \xE2\x80\x94 | \xE2\x80\x94 | 100 | "
                           "\xE2\x80\x94 | \xE2\x80\x94 | \xE2\x80\x94 | 100 |"));
    assert_non_null(strstr(buf_text(&out),
                           "| \xE2\x9C\x97 | ~~dead~~ | ~~90.0~~ | \xE2\x80\x94 | \xE2\x80\x94 | "
                           "~~5000~~ | 0.8 | \xE2\x80\x94 | \xE2\x80\x94 | 100 |"));
    buf_release(&out);
    table_release(&table);
}

/* The built-in profile with some of its text replaced. */
static void use_changed(struct fixture *f, const char *from, const char *to)
{
    const char *text = f->gates.text, *at = strstr(text, from);
    struct buf changed = BUF_INIT;
    struct error e = {0};
    struct gates gates;
    assert_non_null(at);
    buf_append(&changed, text, (size_t)(at - text));
    buf_puts(&changed, to);
    buf_puts(&changed, at + strlen(from));
    if (gates_parse(&gates, buf_text(&changed), changed.len, &e))
        fail_msg("%s", e.text);
    buf_release(&changed);
    gates_release(&f->gates);
    f->gates = gates;
}

/* Thresholds, the share of tier 1, what a winner needs, titles and marks are all the profile's. */
static void test_rules_are_data(void **state)
{
    struct fixture *f = *state;
    use_changed(f, "\"above\": 500,", "\"above\": 90,");
    use_changed(f, "\"fast_share\": 0.5", "\"fast_share\": 0.9");
    use_changed(f, "\"decode_tok_s\", \"ttft_ms\", \"valid_pct\"", "\"prefix_reuse\"");
    use_changed(f, "\xE2\x9C\x93 Tier 2\"", "second\"");
    use_changed(f, "\"blank\": [\"peak\", \"tok_s_per_w\"]", "\"blank\": [\"reuse\"]");
    add(f, "best", 100, NAN, NAN, 100);
    add(f, "near", 89, NAN, 0.8, 100);
    add(f, "late", 95, 91, 0.8, 100);
    add(f, "dead", 95, 5000, 0.8, 100);
    judge(f);
    expect_row(f, 0, "best", 1, MARK_VIABLE); /* its reuse was not measured */
    expect_row(f, 1, "near", 2, MARK_VIABLE);
    expect_row(f, 2, "late", 3, MARK_RESERVE);
    assert_true(f->rows[3].suppressed == (uint64_t)1 << METRIC_REUSE);
    expect_titles(f, 1, "\xE2\x98\x85 Tier 1|second|\xE2\x9A\xA0 Tier 3|\xE2\x9C\x97 Tier 4|");
}

static void expect_refused(const char *text, const char *complaint)
{
    struct gates gates;
    struct error e = {0};
    assert_int_not_equal(gates_parse(&gates, text, strlen(text), &e), 0);
    if (!strstr(e.text, complaint))
        fail_msg("'%s' does not say '%s'", e.text, complaint);
    gates_release(&gates);
}

static void test_refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    expect_refused("", "JSON");
    expect_refused("[]", "profile");
    expect_refused("{\"profile\": \"x\", \"version\": 2}", "version");
    expect_refused("{\"profile\": \"x\", \"version\": 1, \"speed\": 1}", "speed");
    expect_refused("{\"profile\":\"x\",\"version\":1,\"gates\":[{\"name\":\"a\",\"metric\":\"nonsense\"}]}",
                   "nonsense");
    expect_refused(
        "{\"profile\":\"x\",\"version\":1,\"gates\":[{\"name\":\"a\",\"metric\":\"ttft_ms\",\"rules\":[]}]}",
        "no rules");
    expect_refused(
        "{\"profile\":\"x\",\"version\":1,\"gates\":[{\"name\":\"a\",\"metric\":\"ttft_ms\",\"rules\":["
        "{\"above\":1,\"below\":2,\"level\":\"reserve\"}]}]}",
        "one of");
    expect_refused(
        "{\"profile\":\"x\",\"version\":1,\"gates\":[{\"name\":\"a\",\"metric\":\"ttft_ms\",\"rules\":["
        "{\"above\":1,\"level\":\"dead\"}]}]}",
        "'dead'");
    expect_refused("{\"profile\":\"x\",\"version\":1,\"gates\":[],\"tiers\":{\"fast_share\":2}}",
                   "fast_share");
}

static void test_missing_file(void **state)
{
    (void)state;
    struct gates gates;
    struct error e = {0};
    assert_int_not_equal(gates_open(&gates, "/nonexistent/gates.json", &e), 0);
    assert_non_null(strstr(e.text, "/nonexistent/gates.json"));
    gates_release(&gates);
}

int main(void)
{
#define WITH_ROWS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_ROWS(test_limits),
        WITH_ROWS(test_not_measured_never_fails),
        WITH_ROWS(test_names_gate_value_and_limit),
        WITH_ROWS(test_causes_show_the_difference),
        WITH_ROWS(test_tiers_and_order),
        WITH_ROWS(test_empty_first_tier),
        WITH_ROWS(test_no_viable_row_no_winner),
        WITH_ROWS(test_winner_needs_measured_figures),
        WITH_ROWS(test_early_stops_cannot_win),
        WITH_ROWS(test_rows_without_decode),
        WITH_ROWS(test_ties_by_label_then_content_id),
        WITH_ROWS(test_suppressed),
        WITH_ROWS(test_unrounded_values_are_judged_and_shown),
        WITH_ROWS(test_the_worst_gate_is_the_verdict),
        WITH_ROWS(test_empty_tiers_have_no_title),
        WITH_ROWS(test_rules_are_data),
        cmocka_unit_test(test_refuses_what_it_does_not_understand),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests_name("gates", tests, NULL, NULL);
}
