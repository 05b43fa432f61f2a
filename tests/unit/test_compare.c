/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/compare_fail_on.h"
#include "analyze/compare_show.h"
#include "tests/unit/made_tape.h"

#define UNITS 10

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * (1 + fabs(want))))
        fail_msg("%.12g, not %.12g", got, want);
}

/* ---- the judge, fed with values ---- */

static struct effect_unit units[UNITS];

static void make_units(void)
{
    for (int i = 0; i < UNITS; i++)
        units[i] = (struct effect_unit){i % 2, i};
}

/* Values with residuals of about `spread` and no trend, shifted by `d`. */
static struct comparison made(enum compare_id id, double *values, double d, double spread)
{
    static const double shape[5] = {1, -2, 2, -2, 1}; /* orthogonal to a line */
    for (int i = 0; i < UNITS; i++)
        values[i] = d * (i % 2) + spread * shape[i / 2] * (i % 2 ? 1 : -1);
    return (struct comparison){.id = id,
                               .parent = COMPARE_HEADLINE,
                               .weight = id == COMPARE_DECODE ? 0.5 : 0.1,
                               .values = values,
                               .session_sd = NAN,
                               .texts_equal = 1};
}

static void gives_verdicts(void **state)
{
    static const struct {
        enum compare_id id;
        double d, spread;
        enum verdict want;
    } cases[] = {
        {COMPARE_DECODE, 0, 0.002, VERDICT_EQUIVALENT},
        {COMPARE_DECODE, -0.05, 0.002, VERDICT_SLOWER},
        {COMPARE_DECODE, 0.05, 0.002, VERDICT_FASTER},
        {COMPARE_TTFT, 0.05, 0.002, VERDICT_SLOWER},
        {COMPARE_PEAK_RSS, -0.05, 0.002, VERDICT_FASTER},
        {COMPARE_DECODE, 0.01, 0.02, VERDICT_INCONCLUSIVE},
        {COMPARE_DECODE, -0.01, 0.0005, VERDICT_EQUIVALENT},
    };
    const struct compare_settings settings = {0.02, 0};
    (void)state;
    make_units();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double values[UNITS];
        struct comparison c = made(cases[i].id, values, cases[i].d, cases[i].spread);
        assert_int_equal(compare_judge(&c, 1, units, UNITS, &settings), TT_OK);
        assert_int_equal(c.verdict, cases[i].want);
        assert_int_equal(c.more_repeats > 0, cases[i].want == VERDICT_INCONCLUSIVE);
        near(c.shift, exp(cases[i].d + c.effect.trend * 0) - 1);
    }
}

static void a_small_real_difference_is_equivalent_and_significant(void **state)
{
    double values[UNITS];
    const struct compare_settings settings = {0.02, 0};
    (void)state;
    make_units();
    struct comparison c = made(COMPARE_DECODE, values, -0.01, 0.0005);
    compare_judge(&c, 1, units, UNITS, &settings);
    assert_true(c.significant && c.equivalent);
}

static void a_session_widens_and_takes_the_suffix(void **state)
{
    double values[UNITS];
    char room[80];
    const struct compare_settings within = {0.02, 1}, independent = {0.02, 0};
    (void)state;
    make_units();
    struct comparison c = made(COMPARE_DECODE, values, -0.05, 0.002);
    compare_judge(&c, 1, units, UNITS, &within);
    assert_string_equal(compare_verdict_text(&c, &within, room), "slower (one session each)");
    double narrow = c.high - c.low;
    c.session_sd = 0.005;
    c.session_df = INFINITY;
    compare_judge(&c, 1, units, UNITS, &within);
    assert_string_equal(compare_verdict_text(&c, &within, room), "slower");
    assert_true(c.high - c.low > 2 * narrow);
    compare_judge(&c, 1, units, UNITS, &independent); /* restarted: no session to speak of */
    near(c.high - c.low, narrow);
    c.session_sd = 0.05;
    compare_judge(&c, 1, units, UNITS, &within);
    assert_int_equal(c.verdict, VERDICT_INCONCLUSIVE);
}

/* Children are judged below a claim only, and are no surer than it. */
static void causes_need_a_claim(void **state)
{
    double values[3][UNITS];
    const struct compare_settings settings = {0.02, 0};
    (void)state;
    make_units();
    struct comparison items[3] = {made(COMPARE_DECODE, values[0], -0.03, 0.004),
                                  made(COMPARE_STEP, values[1], 0.05, 0.0001),
                                  made(COMPARE_SOC_W, values[2], 0.001, 0.0001)};
    items[1].parent = items[2].parent = 0;
    compare_judge(items, 3, units, UNITS, &settings);
    assert_int_equal(items[0].verdict, VERDICT_SLOWER);
    assert_int_equal(items[1].verdict, VERDICT_SLOWER);
    assert_int_equal(items[2].verdict, VERDICT_EQUIVALENT);
    near(items[1].p_adjusted, items[0].p_adjusted);
    items[0] = made(COMPARE_DECODE, values[0], -0.001, 0.004);
    compare_judge(items, 3, units, UNITS, &settings);
    assert_int_equal(items[1].verdict, VERDICT_NONE);
    assert_true(items[1].low > 0.04);
    assert_true(isnan(items[1].p_adjusted));
}

static void what_never_varies_is_equal_or_changed(void **state)
{
    double values[UNITS];
    const struct compare_settings settings = {0.02, 0};
    (void)state;
    make_units();
    struct comparison c = made(COMPARE_REUSE, values, 0, 0);
    c.is_constant = 1;
    compare_judge(&c, 1, units, UNITS, &settings);
    assert_int_equal(c.verdict, VERDICT_EQUAL);
    assert_true(isnan(c.p));
    c = made(COMPARE_REUSE, values, 0.1, 0);
    c.is_constant = 1;
    compare_judge(&c, 1, units, UNITS, &settings);
    assert_int_equal(c.verdict, VERDICT_CHANGED);
    near(c.shift, exp(0.1) - 1);
}

/* ---- from tapes ---- */

struct sides {
    struct compare_side sides[SIDES], earlier;
    struct compare_table table;
};

static void add_campaign(struct compare_side *side, const char *id, const char *meta, double factor,
                         uint64_t cold, uint64_t repeats)
{
    static const double wobble[5] = {1, 1.004, 0.998, 1.003, 0.999};
    struct tape tape;
    struct error e;
    made_tape_init(&tape, id, meta);
    made_tape_campaign(&tape, repeats);
    for (size_t i = 0; i < tape.run_count; i++) {
        struct run_figures *run = &tape.runs[i];
        run->decode_tok_s = 50 * factor * wobble[(run->repeat + run->phase) % 5];
        run->decode_tokens = 300;
        run->cold = run->phase == PHASE_COLD ? cold : COLD_NOT_ASKED;
    }
    assert_int_equal(compare_side_add(side, &tape, &e), TT_OK);
    tape_release(&tape);
}

static void begin(struct sides *s)
{
    memset(s, 0, sizeof *s);
    compare_side_init(&s->sides[0], "base");
    compare_side_init(&s->sides[1], "new");
    compare_side_init(&s->earlier, "earlier");
}

static void end(struct sides *s)
{
    compare_table_release(&s->table);
    compare_side_release(&s->sides[0]);
    compare_side_release(&s->sides[1]);
    compare_side_release(&s->earlier);
}

static void compare_them(struct sides *s)
{
    struct compare_options options = {.primary = COMPARE_DECODE, .margin = 0.02};
    compare_session_init(&options.session);
    struct error e;
    if (compare_table_make(&s->table, s->sides, &s->earlier, &options, &e))
        fail_msg("%s", e.text);
}

static void repeats_of_one_session_are_told(void **state)
{
    struct sides s;
    char room[80];
    (void)state;
    begin(&s);
    add_campaign(&s.sides[0], "a", NULL, 1, COLD_KEEP, 5);
    add_campaign(&s.sides[1], "b", NULL, 0.95, COLD_KEEP, 5);
    compare_them(&s);
    const struct comparison *c = compare_table_find(&s.table, COMPARE_DECODE);
    assert_non_null(c);
    assert_string_equal(compare_scope(&s.table), "within-session");
    assert_int_equal(s.table.unit_count, 10);
    near(c->shift, -0.05);
    assert_string_equal(compare_verdict_text(c, &s.table.settings, room), "slower (one session each)");
    end(&s);
}

static void restarted_repeats_are_independent(void **state)
{
    struct sides s;
    (void)state;
    begin(&s);
    add_campaign(&s.sides[0], "a", NULL, 1, COLD_RESTART, 5);
    add_campaign(&s.sides[1], "b", NULL, 0.95, COLD_RESTART, 5);
    compare_them(&s);
    assert_string_equal(compare_scope(&s.table), "independent");
    end(&s);
    begin(&s);
    add_campaign(&s.sides[0], "a", NULL, 1, COLD_RESTART, 5);
    add_campaign(&s.sides[1], "b", NULL, 0.95, COLD_REQUEST, 5);
    compare_them(&s);
    assert_string_equal(compare_scope(&s.table), "within-session");
    end(&s);
}

static void three_traces_a_side_are_units(void **state)
{
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
    struct sides s;
    (void)state;
    begin(&s);
    for (int i = 0; i < 6; i++)
        add_campaign(&s.sides[i % 2], ids[i], NULL, 1 + 0.001 * (i / 2 % 2), COLD_KEEP, 4);
    compare_them(&s);
    assert_true(s.table.unit_is_trace);
    assert_int_equal(s.table.unit_count, 6);
    assert_string_equal(compare_scope(&s.table), "independent");
    end(&s);
}

/* A unit with fewer than half of its phases is out; phases that one side lacks count for neither. */
static void too_few_phases_drop_a_unit(void **state)
{
    struct sides s;
    (void)state;
    begin(&s);
    add_campaign(&s.sides[0], "a", NULL, 1, COLD_KEEP, 5);
    add_campaign(&s.sides[1], "b", NULL, 1, COLD_KEEP, 5);
    struct cell *cell = &s.sides[1].cell;
    for (size_t i = 0; i < cell->run_count; i++) {
        struct run_figures *run = cell->runs[i].figures;
        if ((run->repeat == 0 && run->phase < 4) || (run->repeat == 1 && run->phase < 3) || run->phase == 5)
            run->invalid = INVALID_LOOPING; /* of 5 phases that are left, one unit has 1, another 2 … */
    }
    compare_them(&s);
    const struct comparison *c = compare_table_find(&s.table, COMPARE_DECODE);
    assert_int_equal(c->dropped[0], 0);
    assert_int_equal(c->dropped[1], 2);
    assert_int_equal(c->effect.n[1], 3);
    assert_true(fabs(c->shift) < 0.01);
    end(&s);
}

static void fewer_than_three_give_no_interval(void **state)
{
    struct sides s;
    (void)state;
    begin(&s);
    add_campaign(&s.sides[0], "a", NULL, 1, COLD_KEEP, 5);
    add_campaign(&s.sides[1], "b", NULL, 0.9, COLD_KEEP, 2);
    compare_them(&s);
    const struct comparison *c = compare_table_find(&s.table, COMPARE_DECODE);
    assert_int_equal(c->verdict, VERDICT_INCONCLUSIVE);
    assert_true(isnan(c->low) && isnan(c->p) && c->shift < -0.08);
    end(&s);
}

static void earlier_recordings_tell_how_sessions_differ(void **state)
{
    static const char *const ids[] = {"c", "d", "e", "f"};
    static const double factors[] = {1, 1.01, 0.99, 1};
    double values[4], mean = 0, squares = 0;
    struct sides s;
    (void)state;
    begin(&s);
    add_campaign(&s.sides[0], "a", NULL, 1, COLD_KEEP, 5);
    add_campaign(&s.sides[1], "b", NULL, 0.95, COLD_KEEP, 5);
    for (int i = 0; i < 4; i++)
        add_campaign(&s.earlier, ids[i], NULL, factors[i], COLD_KEEP, 5);
    compare_them(&s);
    for (int i = 0; i < 4; i++)
        mean += (values[i] = log(factors[i])) / 4;
    for (int i = 0; i < 4; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    const struct comparison *c = compare_table_find(&s.table, COMPARE_DECODE);
    near(c->session_sd, sqrt(squares / 3));
    near(c->session_df, 3);
    end(&s);
}

#define MTP "{\"speculative\": {\"kind\": \"mtp\"}}"

static void set_texts(struct compare_side *side, const char *text)
{
    for (size_t i = 0; i < side->cell.run_count; i++) {
        struct run_figures *run = side->cell.runs[i].figures;
        memset(run->text_sha256, text[0], 64);
        run->step_ms = 40 + (double)(run->repeat % 3) * 0.01;
    }
}

static void other_texts_put_the_verdict_on_steps(void **state)
{
    struct sides s;
    char room[80];
    for (int differ = 0; differ < 2; differ++) {
        begin(&s);
        add_campaign(&s.sides[0], "a", MTP, 1, COLD_KEEP, 5);
        add_campaign(&s.sides[1], "b", MTP, 0.9, COLD_KEEP, 5);
        set_texts(&s.sides[0], "x");
        set_texts(&s.sides[1], differ ? "y" : "x");
        compare_them(&s);
        const struct comparison *c = compare_table_find(&s.table, COMPARE_DECODE);
        const struct comparison *step = compare_table_find(&s.table, COMPARE_STEP);
        assert_int_equal(step != NULL, differ);
        assert_int_equal(c->verdict, differ ? VERDICT_TEXT_DIFFERS : VERDICT_SLOWER);
        if (differ) {
            assert_string_equal(compare_verdict_text(c, &s.table.settings, room),
                                "text differs in 30 of 30 runs");
            assert_int_equal(step->verdict, VERDICT_EQUIVALENT);
            near(step->weight, 0.5);
        }
        end(&s);
    }
    (void)state;
}

static void refuses_other_workloads(void **state)
{
    struct sides s;
    struct error e = {0};
    (void)state;
    begin(&s);
    add_campaign(&s.sides[0], "a", "{\"workload\": {\"name\": \"one\", \"sha256\": \"12\"}}", 1, COLD_KEEP,
                 1);
    add_campaign(&s.sides[1], "b", "{\"workload\": {\"name\": \"one\", \"sha256\": \"34\"}}", 1, COLD_KEEP,
                 1);
    assert_int_equal(compare_sides_fit(&s.sides[0], &s.sides[1], &e), TT_USAGE);
    assert_non_null(strstr(e.text, "'one' (12)"));
    assert_non_null(strstr(e.text, "'one' (34)"));
    end(&s);
}

/* ---- --fail-on ---- */

static void reads_clauses(void **state)
{
    static const char *const wrong[] = {"",
                                        "decode",
                                        "decode slower",
                                        "speed slower 2%",
                                        "decode up 2%",
                                        "decode slower x%",
                                        "decode slower 2% or",
                                        "acceptance less 2%",
                                        "decode slower -1%"};
    struct fail_clause f;
    struct error e;
    (void)state;
    assert_int_equal(fail_clause_parse(&f, " decode  slower 2.5 % ", &e), TT_OK);
    assert_true(f.id == COMPARE_DECODE && f.sign == -1);
    near(f.limit, 0.025);
    assert_int_equal(fail_clause_parse(&f, "ttft_ms slower 0", &e), TT_OK);
    assert_int_equal(f.sign, 1);
    assert_int_equal(fail_clause_parse(&f, "ram more 5%", &e), TT_OK);
    assert_int_equal(f.sign, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(fail_clause_parse(&f, wrong[i], &e), TT_USAGE);
}

static void clauses_have_their_own_test(void **state)
{
    double values[UNITS];
    const struct compare_settings settings = {0.02, 0};
    struct comparison c;
    struct fail_clause f[2];
    struct compare_table table = {.items = &c, .count = 1};
    (void)state;
    make_units();
    c = made(COMPARE_DECODE, values, -0.03, 0.004);
    compare_judge(&c, 1, units, UNITS, &settings);
    fail_clause_parse(&f[0], "decode slower 2%", NULL);
    fail_clause_parse(&f[1], "decode slower 4%", NULL);
    assert_true(fail_clauses_test(f, 2, &table));
    assert_true(f[0].has_fired && !f[1].has_fired);
    near(f[0].alpha, 0.025);
    near(f[0].p, c.p / 2);
    fail_clause_parse(&f[0], "decode faster 2%", NULL);
    assert_false(fail_clauses_test(f, 1, &table));
    near(f[0].p, 1 - c.p / 2);
    fail_clause_parse(&f[0], "prefill slower 1%", NULL);
    assert_false(fail_clauses_test(f, 1, &table));
    assert_false(f[0].is_tested);
}

static void rounds_to_three_digits(void **state)
{
    (void)state;
    near(compare_round(123456), 123000);
    near(compare_round(-0.0012345), -0.00123);
    near(compare_round(99.95), 100);
    assert_true(isnan(compare_round(NAN)));
    assert_true(signbit(compare_round(-0.0)) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_verdicts),
        cmocka_unit_test(a_small_real_difference_is_equivalent_and_significant),
        cmocka_unit_test(a_session_widens_and_takes_the_suffix),
        cmocka_unit_test(causes_need_a_claim),
        cmocka_unit_test(what_never_varies_is_equal_or_changed),
        cmocka_unit_test(repeats_of_one_session_are_told),
        cmocka_unit_test(restarted_repeats_are_independent),
        cmocka_unit_test(three_traces_a_side_are_units),
        cmocka_unit_test(too_few_phases_drop_a_unit),
        cmocka_unit_test(fewer_than_three_give_no_interval),
        cmocka_unit_test(earlier_recordings_tell_how_sessions_differ),
        cmocka_unit_test(other_texts_put_the_verdict_on_steps),
        cmocka_unit_test(refuses_other_workloads),
        cmocka_unit_test(reads_clauses),
        cmocka_unit_test(clauses_have_their_own_test),
        cmocka_unit_test(rounds_to_three_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
