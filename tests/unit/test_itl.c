/* SPDX-License-Identifier: MIT */
#include "measure_fixture.h"

#include "analyze/cell_itl.h"
#include "analyze/identity.h"
#include "made_tape.h"

static void expect_percentiles(const double *got, double p50, double p90, double p95, double p99)
{
    near(got[0], p50);
    near(got[1], p90);
    near(got[2], p95);
    near(got[3], p99);
}

/* Reads of 2, 3, 1 and 4 tokens: gaps of 30, 10 and 60 ms.
 * even: 10 10 10 | 10 | 15 15 15 15; zero: 30 0 0 | 10 | 60 0 0 0; step: 30 | 10 | 60. */
static void gives_gaps_to_tokens_in_three_ways(void **state)
{
    (void)state;
    struct event ev[] = {{100, TEXT("a")}, {100, TEXT("b")}, {130, TEXT("c")},        {130, TEXT("d")},
                         {130, TEXT("e")}, {140, TEXT("f")}, {200, TEXT("g")},        {200, TEXT("h")},
                         {200, TEXT("i")}, {200, TEXT("j")}, {201, FINISH("length")}, {201, USAGE(9, 10)}};
    struct run_figures f = measure(ev, sizeof ev / sizeof ev[0]);
    expect_percentiles(f.itl_ms[ITL_EVEN], 12.5, 15, 15, 15);
    expect_percentiles(f.itl_ms[ITL_ZERO], 0, 39, 49.5, 57.9);
    expect_percentiles(f.itl_ms[ITL_STEP], 30, 54, 57, 59.4);
    near(f.step_ms, 30);
}

#define COUNTED(words, n)                                                                                    \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" words "\"},\"finish_reason\":null}],"        \
          "\"timings\":{\"predicted_n\":" #n "}")

/* The read at 110 ms shows text of a token that was counted before: its gap is part of the next one's, where
 * tokens share. 20 and 10 ms are steps of their own. */
static void a_read_without_a_token_waits(void **state)
{
    (void)state;
    struct event ev[] = {{100, COUNTED("a", 1)},
                         {110, COUNTED("b", 1)},
                         {130, COUNTED("c", 3)},
                         {131, FINISH("length")},
                         {131, USAGE(9, 3)}};
    struct run_figures f = measure(ev, sizeof ev / sizeof ev[0]);
    assert_int_equal(f.token_source, TOKENS_FROM_TIMINGS);
    expect_percentiles(f.itl_ms[ITL_EVEN], 15, 15, 15, 15);
    expect_percentiles(f.itl_ms[ITL_ZERO], 15, 27, 28.5, 29.7);
    expect_percentiles(f.itl_ms[ITL_STEP], 15, 19, 19.5, 19.9);
}

/* One token a read: the three ways are one. A read of one token alone has no gap at all. */
static void has_one_answer_without_bursts(void **state)
{
    (void)state;
    struct event ev[] = {
        {100, TEXT("a")}, {110, TEXT("b")}, {140, TEXT("c")}, {141, FINISH("length")}, {141, USAGE(9, 3)}};
    struct run_figures f = measure(ev, sizeof ev / sizeof ev[0]);
    for (int policy = 0; policy < ITL_POLICIES; policy++)
        expect_percentiles(f.itl_ms[policy], 20, 28, 29, 29.8);
    struct event one[] = {{100, TEXT("a")}, {110, FINISH("length")}, {110, USAGE(9, 1)}};
    f = measure(one, 3);
    for (int policy = 0; policy < ITL_POLICIES; policy++)
        assert_true(isnan(f.itl_ms[policy][0]) && isnan(f.itl_ms[policy][3]));
}

static void knows_the_policies_by_name(void **state)
{
    (void)state;
    for (int i = 0; i < ITL_POLICIES; i++)
        assert_int_equal(itl_policy_find(itl_policy_name((enum itl_policy)i)), i);
    assert_int_equal(itl_policy_find("mean"), ITL_POLICIES);
}

static void add_run(struct tape *tape, uint64_t repeat, double even, double step, enum token_source source)
{
    struct run_figures *run = made_tape_run(tape, repeat, PHASE_WARM, 50, 100);
    for (int i = 0; i < ITL_PERCENTILES; i++) {
        run->itl_ms[ITL_EVEN][i] = even + i;
        run->itl_ms[ITL_ZERO][i] = i;
        run->itl_ms[ITL_STEP][i] = step + i;
    }
    run->steps = 10;
    run->step_tokens = 20;
    run->token_source = source;
}

/* Medians over the base runs of the phase: a run that stopped early or is not valid takes no part. */
static void a_phase_is_the_median_of_its_runs(void **state)
{
    (void)state;
    struct tape tape;
    struct identity id;
    struct text_list labels = {0};
    struct cell cell;
    struct itl_phase phase;
    made_tape_init(&tape, "", NULL);
    add_run(&tape, 0, 10, 30, TOKENS_FROM_TIMINGS);
    add_run(&tape, 1, 14, 40, TOKENS_FROM_TIMINGS);
    add_run(&tape, 2, 11, 36, TOKENS_EVEN_SPLIT);
    add_run(&tape, 3, 99, 99, TOKENS_FROM_IDS);
    tape.runs[3].early_stop = 1;
    add_run(&tape, 4, 98, 98, TOKENS_FROM_IDS);
    tape.runs[4].invalid = INVALID_LOOPING;
    assert_int_equal(identity_read(&id, &tape, &labels, NULL), TT_OK);
    cell_init(&cell, &id, (struct cache_policy){0});
    assert_int_equal(cell_add(&cell, &tape, NULL), TT_OK);
    assert_int_equal(cell_itl(&cell, 0, &phase), TT_OK);
    assert_string_equal(phase.name, "warm");
    assert_int_equal(phase.total, 5);
    assert_int_equal(phase.valid, 4);
    assert_int_equal(phase.early, 1);
    near(phase.itl[0].value, 11);
    near(phase.itl[3].value, 14);
    near(phase.step[0].value, 36);
    near(phase.tokens_per_step.value, 2);
    assert_int_equal(phase.itl[0].n, 3);
    assert_int_equal(phase.sources[TOKENS_FROM_TIMINGS], 2);
    assert_int_equal(phase.sources[TOKENS_EVEN_SPLIT], 1);
    assert_int_equal(phase.sources[TOKENS_FROM_IDS], 0);
    cell.itl = ITL_ZERO;
    assert_int_equal(cell_itl(&cell, 0, &phase), TT_OK);
    near(phase.itl[3].value, 3);
    near(phase.step[3].value, 39);
    cell_release(&cell);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_gaps_to_tokens_in_three_ways), cmocka_unit_test(a_read_without_a_token_waits),
        cmocka_unit_test(has_one_answer_without_bursts),      cmocka_unit_test(knows_the_policies_by_name),
        cmocka_unit_test(a_phase_is_the_median_of_its_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
