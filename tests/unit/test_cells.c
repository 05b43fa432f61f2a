/* SPDX-License-Identifier: MIT */
/* From run figures to rows: what enters a figure, and what is said about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/report.h"
#include "made_tape.h"

struct fixture {
    struct tape tape;
    struct report report;
    struct gates gates;
};

static int set_up(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    *state = &f;
    made_tape_init(&f.tape, "aa", NULL);
    report_init(&f.report);
    return gates_open(&f.gates, GATES_DEFAULT, NULL);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tape_release(&f->tape);
    report_release(&f->report);
    gates_release(&f->gates);
    return 0;
}

static void add_tape(struct fixture *f)
{
    assert_int_equal(report_add(&f->report, &f->tape, NULL), 0);
}

/* Replaces the fixture's tape. */
static void next_tape(struct fixture *f, const char *content_id, const char *meta)
{
    tape_release(&f->tape);
    made_tape_init(&f->tape, content_id, meta);
}

static const struct report_row *finish(struct fixture *f)
{
    assert_int_equal(report_finish(&f->report, &f->gates, NULL), 0);
    return &f->report.blocks[0].rows[0];
}

static const struct report_row *row_of(struct fixture *f)
{
    add_tape(f);
    return finish(f);
}

static void expect_close(double value, double wanted)
{
    if (isnan(wanted) ? !isnan(value) : !(fabs(value - wanted) <= 1e-9 * fabs(wanted)))
        fail_msg("%.17g is not %.17g", value, wanted);
}

static void expect(const struct report_row *row, enum metric metric, double value)
{
    expect_close(row->figures[metric].value, value);
}

static void expect_note(const struct report_row *row, const char *note)
{
    if (text_list_find(&row->notes, note) < 0)
        fail_msg("no note '%s' among %zu, the first being '%s'", note, row->notes.count,
                 row->notes.count ? row->notes.items[0] : "");
}

static void test_medians_of_warm(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_COLD, 500, 5);
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
    made_tape_run(&f->tape, 1, PHASE_WARM, 120, 80);
    made_tape_run(&f->tape, 2, PHASE_WARM, 110, 75);
    made_tape_run(&f->tape, 3, PHASE_WARM, 900, 1)->invalid = INVALID_LOOPING;
    made_tape_run(&f->tape, 4, PHASE_WARM, 800, 2)->early_stop = 1;
    const struct report_row *row = row_of(f);
    expect(row, METRIC_DECODE, 110);
    expect(row, METRIC_TTFT, 75);
    assert_int_equal(row->figures[METRIC_DECODE].n, 3);
    expect_close(row->figures[METRIC_DECODE].spread, 100 * 10.0 / 110.0);
    assert_int_equal(row->figures[METRIC_DECODE].grade, GRADE_A);
    expect(row, METRIC_TTFT_COLD, 5);
    assert_int_equal(row->repeats, 5);
}

static void test_missing_figures_are_absent(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, NAN, NAN);
    const struct report_row *row = row_of(f);
    for (int i = 0; i < METRIC_COUNT; i++)
        expect(row, (enum metric)i, i == METRIC_VALID ? 100 : NAN);
    assert_int_equal(row->figures[METRIC_DECODE].n, 0);
    assert_null(row->cold_method);
    assert_int_equal(row->cold_verified, -1);
}

static void test_tape_without_runs(void **state)
{
    const struct report_row *row = row_of(*state);
    expect(row, METRIC_VALID, NAN);
    assert_int_equal(row->runs_total, 0);
    assert_int_equal(row->thinking_honoured, -1);
}

static void test_worst_grade_counts(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
    made_tape_run(&f->tape, 1, PHASE_WARM, 100, 60)->decode_grade = GRADE_C;
    const struct report_row *row = row_of(f);
    assert_int_equal(row->figures[METRIC_DECODE].grade, GRADE_C);
    assert_int_equal(row->figures[METRIC_TTFT].grade, GRADE_B);
    expect_note(row, "decode is an estimate: few tokens, or their number is not the server's");
}

static void test_first_phase_without_warm(void **state)
{
    struct fixture *f = *state;
    next_tape(f, "aa", "{\"workload\":{\"phases\":[{\"name\":\"plan\"},{\"name\":\"act\"}]}}");
    made_tape_run(&f->tape, 0, 1, 50, 20);
    made_tape_run(&f->tape, 0, 0, 70, 30);
    const struct report_row *row = row_of(f);
    expect(row, METRIC_DECODE, 70);
    expect(row, METRIC_TTFT, 30);
    expect_note(row, "decode and TTFT are those of phase 'plan': there is no phase 'warm'");
}

static void test_peak(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
    made_tape_run(&f->tape, 0, PHASE_COLD, 130, 60)->decode_tokens = 64;
    made_tape_run(&f->tape, 1, PHASE_COLD, 140, 60)->decode_tokens = 63;
    made_tape_run(&f->tape, 2, PHASE_COLD, 150, 60)->decode_tokens = ABSENT;
    made_tape_run(&f->tape, 3, PHASE_COLD, 160, 60)->early_stop = 1;
    made_tape_run(&f->tape, 4, PHASE_COLD, 170, 60)->invalid = INVALID_CUT;
    const struct report_row *row = row_of(f);
    expect(row, METRIC_PEAK, 130);
    assert_int_equal(row->figures[METRIC_PEAK].n, 2);
}

static void test_two_early_stops_take_the_peak(void **state)
{
    struct fixture *f = *state;
    made_tape_campaign(&f->tape, 2);
    f->tape.runs[0].early_stop = 1;
    expect_note(row_of(f), "1 of 16 runs stopped before half of max_tokens and are left out of the medians");
    expect(&f->report.blocks[0].rows[0], METRIC_PEAK, 101);
    assert_int_equal(f->report.blocks[0].rows[0].mark, MARK_WINNER);
    report_release(&f->report);
    f->tape.runs[8].early_stop = 1;
    const struct report_row *row = row_of(f);
    expect(row, METRIC_PEAK, NAN);
    assert_int_equal(row->early_stop, 2);
    assert_int_equal(row->mark, MARK_VIABLE);
    expect_note(
        row, "2 of 16 runs stopped before half of max_tokens and are left out of the medians; no peak and no "
             "winner's mark");
}

/* A row never rests on answers that ended early, not even when there are no others. */
static void test_only_early_stops(void **state)
{
    struct fixture *f = *state;
    struct phase_figures phase;
    made_tape_campaign(&f->tape, 2);
    for (size_t i = 0; i < f->tape.run_count; i++)
        f->tape.runs[i].early_stop = 1;
    const struct report_row *row = row_of(f);
    expect(row, METRIC_DECODE, NAN);
    expect(row, METRIC_TTFT, NAN);
    expect(row, METRIC_REUSE, NAN);
    expect(row, METRIC_VALID, 100);
    assert_int_equal(cell_phase(&f->report.cells[0], PHASE_WARM, &phase), 0);
    assert_true(phase.only_early);
    expect_close(phase.decode.value, 100.5);
}

static struct run_figures *pair_half(struct fixture *f, uint64_t repeat, uint64_t phase, uint64_t cached)
{
    struct run_figures *run = made_tape_run(&f->tape, repeat, phase, 100, 60);
    run_cached(run, cached, 1000);
    return run;
}

static void test_reuse_is_a_median_over_pairs(void **state)
{
    struct fixture *f = *state;
    /* Means 0.5, 0.7 and 0.85; the other repeats lack half of their pair. */
    pair_half(f, 0, PHASE_PREFIX_1, 200);
    pair_half(f, 0, PHASE_PREFIX_3, 800);
    pair_half(f, 1, PHASE_PREFIX_1, 600);
    pair_half(f, 1, PHASE_PREFIX_3, 800);
    pair_half(f, 2, PHASE_PREFIX_3, 900);
    pair_half(f, 2, PHASE_PREFIX_2, 0);
    pair_half(f, 2, PHASE_PREFIX_1, 800);
    pair_half(f, 3, PHASE_PREFIX_1, 0);
    pair_half(f, 4, PHASE_PREFIX_1, 0)->early_stop = 1;
    pair_half(f, 4, PHASE_PREFIX_3, 0);
    pair_half(f, 5, PHASE_PREFIX_1, 0)->invalid = INVALID_TIMEOUT;
    pair_half(f, 5, PHASE_PREFIX_3, 0);
    pair_half(f, 6, PHASE_PREFIX_1, 0)->cached_state = CACHED_NULL;
    pair_half(f, 6, PHASE_PREFIX_3, 0);
    const struct report_row *row = row_of(f);
    expect(row, METRIC_REUSE, 0.7);
    assert_int_equal(row->figures[METRIC_REUSE].n, 3);
    assert_int_equal(row->figures[METRIC_REUSE].grade, GRADE_A);
    assert_string_equal(row->cached_state, "mixed");
}

static void test_silent_cache_is_absent_not_zero(void **state)
{
    struct fixture *f = *state;
    pair_half(f, 0, PHASE_PREFIX_1, 0)->cached_state = CACHED_ABSENT;
    pair_half(f, 0, PHASE_PREFIX_3, 0)->cached_state = CACHED_ABSENT;
    const struct report_row *row = row_of(f);
    expect(row, METRIC_REUSE, NAN);
    assert_string_equal(row->cached_state, "absent");
    assert_int_equal(row->level, LEVEL_PASS);
}

static void test_measured_zero_is_zero(void **state)
{
    struct fixture *f = *state;
    pair_half(f, 0, PHASE_PREFIX_1, 0);
    pair_half(f, 0, PHASE_PREFIX_3, 0);
    const struct report_row *row = row_of(f);
    expect(row, METRIC_REUSE, 0);
    assert_int_equal(row->level, LEVEL_ELIMINATED);
}

/* An engine that leaves zeros out, one that may, and one that never reported a number. */
static void test_omitted_zeros(void **state)
{
    static const struct {
        const char *version;
        uint64_t reported;
        double reuse;
    } cases[] = {{"0.12.18", 900, 0.45}, {"0.6.71", 900, NAN}, {"0.12.18", ABSENT, NAN}};
    struct fixture *f = *state;
    for (size_t i = 0; i < 3; i++) {
        char meta[100];
        snprintf(meta, sizeof meta, "{\"engine\":{\"name\":\"rapid-mlx\",\"version\":\"%s\"}}",
                 cases[i].version);
        next_tape(f, "", meta);
        struct run_figures *first = pair_half(f, 0, PHASE_PREFIX_1, 0);
        first->cached_state = CACHED_ABSENT;
        first->cached_tokens = ABSENT;
        struct run_figures *third = pair_half(f, 0, PHASE_PREFIX_3, cases[i].reported);
        if (cases[i].reported == ABSENT)
            third->cached_state = CACHED_ABSENT;
        const struct report_row *row = row_of(f);
        expect(row, METRIC_REUSE, cases[i].reuse);
        if (!isnan(cases[i].reuse)) {
            assert_int_equal(row->figures[METRIC_REUSE].grade, GRADE_B);
            expect_note(row, "1 of 2 runs count as 0 cached tokens, which this engine version leaves out");
        }
        report_release(&f->report);
    }
}

static void test_validity(void **state)
{
    struct fixture *f = *state;
    made_tape_campaign(&f->tape, 5);
    for (size_t i = 0; i < 4; i++)
        f->tape.runs[i * 8 + PHASE_LONG_CONTEXT].invalid = INVALID_TIMEOUT;
    f->tape.runs[PHASE_COLD].invalid = INVALID_LOOPING;
    f->tape.runs[PHASE_WARM].invalid = INVALID_LOOPING | INVALID_CUT;
    const struct report_row *row = row_of(f);
    expect(row, METRIC_VALID, 85);
    assert_int_equal(row->runs_total, 40);
    assert_int_equal(row->runs_failed, 4);
    assert_int_equal(row->runs_ok, 36);
    expect_note(row, "6 of 40 runs not valid: timeout 4, cut 1, looping 2; in cold, warm, long-context");
}

/* Every cause is counted by its name, the last of them too. */
static void test_all_causes_are_named(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60)->invalid = INVALID_LOST;
    made_tape_run(&f->tape, 1, PHASE_WARM, 100, 60)->invalid = INVALID_NO_ANSWER;
    expect_note(row_of(f), "2 of 2 runs not valid: no_answer 1, lost 1; in warm");
}

static void test_only_last_attempts(void **state)
{
    struct fixture *f = *state;
    struct run_figures *first = made_tape_run(&f->tape, 0, PHASE_WARM, 10, 999);
    first->is_last_attempt = 0;
    first->invalid = INVALID_TRANSPORT_CUT;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60)->attempt = 1;
    const struct report_row *row = row_of(f);
    assert_int_equal(row->runs_total, 1);
    expect(row, METRIC_VALID, 100);
    expect(row, METRIC_TTFT, 60);
}

static void test_campaign_row(void **state)
{
    struct fixture *f = *state;
    static const uint64_t rss[][2] = {{10, 3000}, {20, 5000}, {30, 4000}};
    made_tape_campaign(&f->tape, 3);
    made_tape_memory(&f->tape, SERIES_RSS, 0, rss, 3);
    const struct report_row *row = row_of(f);
    expect(row, METRIC_DECODE, 101);
    expect(row, METRIC_PEAK, 102);
    expect(row, METRIC_DECODE_50K, 72);
    expect(row, METRIC_TTFT, 67);
    expect(row, METRIC_TTFT_COLD, 812);
    expect(row, METRIC_TTFT_PREFIX, 211);
    expect(row, METRIC_TTFT_LONG, 9100);
    expect(row, METRIC_TURN, 4211);
    expect(row, METRIC_PREFILL, 9200);
    expect(row, METRIC_REUSE, 0.8);
    expect(row, METRIC_PEAK_RSS, 5000);
    expect(row, METRIC_STEADY_RSS, 4294967297.0);
    assert_string_equal(row->cold_method, "request");
    assert_int_equal(row->cold_verified, 1);
    assert_string_equal(row->cached_state, "number");
    assert_int_equal(row->thinking_honoured, 1);
    assert_int_equal(row->tier, 1);
    assert_int_equal(row->mark, MARK_WINNER);
    expect_note(row, "24 valid runs gave 8 different texts: validity and acceptance rest on those");
}

static void test_speculative_figures(void **state)
{
    struct fixture *f = *state;
    static const uint64_t drafts[][2] = {{100, 90}, {300, 150}};
    for (uint64_t i = 0; i < 2; i++) {
        struct run_figures *run = made_tape_run(&f->tape, i, PHASE_WARM, 100, 60);
        run->draft_tokens = drafts[i][0];
        run->draft_accepted = drafts[i][1];
        run->steps = 100;
        run->step_tokens = 200 + 40 * i;
        run->step_ms = 20;
    }
    const struct report_row *row = row_of(f);
    expect(row, METRIC_ACCEPTANCE, 0.6); /* 240 of 400, not the mean of 0.9 and 0.5 */
    assert_int_equal(row->figures[METRIC_ACCEPTANCE].n, 2);
    expect(row, METRIC_TOKENS_PER_STEP, 2.2);
    expect(row, METRIC_STEP, 20);
    assert_string_equal(row->speculative, "other");
}

static void test_cold_that_was_not(void **state)
{
    struct fixture *f = *state;
    for (uint64_t repeat = 0; repeat < 5; repeat++) {
        struct run_figures *run = made_tape_run(&f->tape, repeat, PHASE_COLD, 100, 60);
        run->cold = repeat ? COLD_KEEP : COLD_REQUEST;
        run_cached(run, repeat ? 7000 + repeat : 64, 7530);
    }
    const struct report_row *row = row_of(f);
    assert_string_equal(row->cold_method, "keep+request");
    assert_int_equal(row->cold_verified, 0);
    expect_note(row, "'cold' of repeat 2 was not cold (keep): 7001 prompt tokens were cached");
    expect_note(row, "'cold' of repeat 4 was not cold (keep): 7003 prompt tokens were cached");
    expect_note(row, "1 more cold runs were not cold");
}

static void test_cold_that_nobody_confirms(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_COLD, 100, 60)->cold = COLD_RESTART;
    const struct report_row *row = row_of(f);
    assert_string_equal(row->cold_method, "restart");
    assert_int_equal(row->cold_verified, -1);
}

static void test_marks_and_losses(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60)->thinking_not_honoured = 1;
    made_tape_run(&f->tape, 1, PHASE_WARM, 100, 60)->clock_jump = 1;
    f->tape.stalls = 3;
    f->tape.lost_samples = 7;
    f->tape.closed = "interrupted";
    const struct report_row *row = row_of(f);
    assert_int_equal(row->thinking_honoured, 0);
    assert_string_equal(row->closed, "interrupted");
    expect_note(row, "1 of 2 runs where the engine thought although it was told not to");
    expect_note(row, "1 of 2 runs lie over a sleep or a step of the clock");
    expect_note(row, "the recorder had to wait for its disk 3 times");
    expect_note(row, "7 sensor samples were lost");
    expect_note(row, "the recording was interrupted");
}

static void test_pooled_traces(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
    add_tape(f);
    add_tape(f);
    next_tape(f, "bb", "{\"synthetic\":true}");
    made_tape_run(&f->tape, 0, PHASE_WARM, 110, 60);
    made_tape_run(&f->tape, 1, PHASE_WARM, 120, 60);
    f->tape.closed = "repaired";
    add_tape(f);
    const struct report_row *row = finish(f);
    assert_int_equal(f->report.cell_count, 1);
    assert_int_equal(row->repeats, 3);
    expect(row, METRIC_DECODE, 110);
    assert_int_equal(row->content_ids.count, 2);
    assert_string_equal(row->content_ids.items[0], "aa");
    assert_int_equal(row->synthetic, 1);
    assert_string_equal(row->closed, "repaired");
    assert_true(report_is_partial(&f->report));
    assert_int_equal(f->report.warnings.count, 1);
    assert_string_equal(f->report.warnings.items[0],
                        "'test.toktape' is the same recording as 'test.toktape'; it counts once");
    expect_note(row, "synthetic: played or made from a profile, not measured");
}

static void test_different_workloads_are_named(void **state)
{
    struct fixture *f = *state;
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
    add_tape(f);
    next_tape(f, "bb", "{\"workload\":{\"name\":\"mine\",\"sha256\":\"fedcba9876543210\"}}");
    made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
    expect_note(row_of(f),
                "traces of different workloads are pooled: agentic-8 0123456789ab and mine fedcba987654");
}

static void test_cells_and_blocks(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *meta;
        size_t cells, blocks;
    } steps[] = {
        {NULL, 1, 1},
        {"{\"engine\":{\"context\":8192}}", 2, 1},
        {"{\"engine\":{\"version\":\"b9999\"}}", 3, 1},
        {"{\"speculative\":{\"kind\":\"draft-mtp\"}}", 4, 1},
        {"{\"model\":{\"quant\":\"Q4_0\"}}", 5, 1},
        {"{\"model\":{\"quant\":\"Q5_K_S\"}}", 6, 2},
        {"{\"host\":{\"power_mode\":\"low\"}}", 7, 3},
        {"{\"host\":{\"ram_bytes\":137438953472}}", 8, 4},
        {"{\"host\":{\"machine_name\":\"Other\"}}", 9, 5},
        {"{\"engine\":{\"binary\":\"/elsewhere\"}}", 9, 5},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char id[8];
        snprintf(id, sizeof id, "%zu", i);
        next_tape(f, id, steps[i].meta);
        made_tape_run(&f->tape, 0, PHASE_WARM, 100, 60);
        add_tape(f);
        assert_int_equal(f->report.cell_count, steps[i].cells);
    }
    finish(f);
    assert_int_equal(f->report.block_count, 5);
    assert_string_equal(f->report.blocks[0].title, "Test Box 64 GB \xC2\xB7 Q4 \xC2\xB7 high power mode");
    assert_string_equal(f->report.blocks[1].title, "Test Box 64 GB \xC2\xB7 Q5");
    assert_string_equal(f->report.blocks[2].title, "Test Box 64 GB \xC2\xB7 Q4 \xC2\xB7 low power mode");
    assert_string_equal(f->report.blocks[3].title, "Test Box 128 GB \xC2\xB7 Q4");
    /* Rows that look alike say in what they differ. */
    expect_note(&f->report.blocks[0].rows[0], "Q4_K_M, context 65536, slots 1");
}

static void expect_blocks(const char *by, size_t blocks, const char *title)
{
    struct fixture f;
    struct error e = {0};
    made_tape_init(&f.tape, "aa", NULL);
    report_init(&f.report);
    assert_int_equal(gates_open(&f.gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(block_by_parse(&f.report.block_by, by, &e), 0);
    add_tape(&f);
    next_tape(&f, "bb", "{\"model\":{\"quant\":\"Q8_0\"}}");
    add_tape(&f);
    next_tape(&f, "cc", "{\"host\":{\"power_mode\":\"low\"}}");
    add_tape(&f);
    finish(&f);
    assert_int_equal(f.report.block_count, blocks);
    assert_string_equal(f.report.blocks[0].title, title);
    tape_release(&f.tape);
    report_release(&f.report);
    gates_release(&f.gates);
}

static void test_blocks_by_choice(void **state)
{
    struct error e = {0};
    unsigned by;
    (void)state;
    expect_blocks("machine,power,quant", 3, "Test Box 64 GB \xC2\xB7 Q4 \xC2\xB7 high power mode");
    expect_blocks("quant,machine", 2, "Test Box 64 GB \xC2\xB7 Q4");
    expect_blocks("machine", 1, "Test Box 64 GB");
    expect_blocks("none", 1, "all machines");
    assert_int_equal(block_by_parse(&by, "machine,colour", &e), TT_USAGE);
    assert_string_equal(e.text, "blocks are made by machine, power and quant, or none, not by 'colour'");
    assert_int_equal(block_by_parse(&by, "", &e), TT_USAGE);
    assert_int_equal(block_by_parse(&by, "machine,", &e), TT_USAGE);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_names_from_a_file(void **state)
{
    struct fixture *f = *state;
    struct error e = {0};
    static const char path[] = "/tmp/toktape-test-names.json";
    put_file(path,
             "{\"models\":{\"Qwen3-8B-Q4_K_M.gguf\":\"Qwen A=B\"},\"machines\":{\"Test Box\":\"Box 1\"}}");
    assert_int_equal(report_names(&f->report, path, &e), 0);
    const struct report_row *row = row_of(f);
    assert_string_equal(row->model, "Qwen A=B");
    assert_string_equal(f->report.blocks[0].title, "Box 1 64 GB \xC2\xB7 Q4");
    put_file(path, "{\"models\":{\"a\":3}}");
    assert_int_equal(report_names(&f->report, path, &e), TT_USAGE);
    assert_non_null(strstr(e.text, "the name of model 'a' is no text"));
    put_file(path, "{\"model\":{}}");
    assert_int_equal(report_names(&f->report, path, &e), TT_USAGE);
    remove(path);
    assert_true(report_names(&f->report, path, &e) != 0);
}

int main(void)
{
#define WITH_TAPE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_TAPE(test_medians_of_warm),
        WITH_TAPE(test_names_from_a_file),
        cmocka_unit_test(test_blocks_by_choice),
        WITH_TAPE(test_missing_figures_are_absent),
        WITH_TAPE(test_tape_without_runs),
        WITH_TAPE(test_worst_grade_counts),
        WITH_TAPE(test_first_phase_without_warm),
        WITH_TAPE(test_peak),
        WITH_TAPE(test_two_early_stops_take_the_peak),
        WITH_TAPE(test_only_early_stops),
        WITH_TAPE(test_reuse_is_a_median_over_pairs),
        WITH_TAPE(test_silent_cache_is_absent_not_zero),
        WITH_TAPE(test_measured_zero_is_zero),
        WITH_TAPE(test_omitted_zeros),
        WITH_TAPE(test_validity),
        WITH_TAPE(test_all_causes_are_named),
        WITH_TAPE(test_only_last_attempts),
        WITH_TAPE(test_campaign_row),
        WITH_TAPE(test_speculative_figures),
        WITH_TAPE(test_cold_that_was_not),
        WITH_TAPE(test_cold_that_nobody_confirms),
        WITH_TAPE(test_marks_and_losses),
        WITH_TAPE(test_pooled_traces),
        WITH_TAPE(test_different_workloads_are_named),
        WITH_TAPE(test_cells_and_blocks),
    };
    return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
