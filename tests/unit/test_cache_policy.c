/* SPDX-License-Identifier: MIT */
/* What prompts share, what caches of each policy could have held, and what was made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/cache_policy.h"
#include "analyze/cell_cache.h"
#include "analyze/report.h"
#include "formats/prng.h"
#include "made_tape.h"

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

static void bytes_in_common(void **state)
{
    (void)state;
    const struct bytes texts[] = {text("abcd"), text("abxy"),  text(""),
                                  text("abcd"), text("abcde"), text("b")};
    static const uint32_t wanted[6][6] = {{4, 2, 0, 4, 4, 0}, {2, 4, 0, 2, 2, 0}, {0, 0, 0, 0, 0, 0},
                                          {4, 2, 0, 4, 4, 0}, {4, 2, 0, 4, 5, 0}, {0, 0, 0, 0, 0, 1}};
    struct overlap o;
    assert_int_equal(overlap_init(&o, OVERLAP_BYTES, texts, 6), 0);
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 6; k++)
            assert_int_equal(overlap_common(&o, i, k), wanted[i][k]);
    }
    assert_int_equal(overlap_common(&o, 0, 6), 0);
    assert_int_equal(overlap_common(&o, UINT64_MAX, 0), 0);
    overlap_release(&o);
}

/* Ids 1, 300, 5 and 1, 301, 5: the second ids begin with the same byte and are not the same. */
static void ids_in_common(void **state)
{
    (void)state;
    const struct bytes texts[] = {text("\x01\xAC\x02\x05"), text("\x01\xAD\x02\x05"),
                                  text("\x01\xAC\x03\x05"), text("\x01\xAC\x02")};
    struct overlap o;
    assert_int_equal(overlap_init(&o, OVERLAP_TOKENS, texts, 4), 0);
    assert_int_equal(overlap_length(&o, 0), 3);
    assert_int_equal(overlap_common(&o, 0, 1), 1);
    assert_int_equal(overlap_common(&o, 0, 2), 1);
    assert_int_equal(overlap_common(&o, 0, 3), 2);
    overlap_release(&o);
}

static void random_texts_as_compared_one_by_one(void **state)
{
    (void)state;
    unsigned char data[40][12];
    struct bytes texts[40];
    struct prng random;
    struct overlap o;
    prng_seed(&random, 5);
    for (size_t i = 0; i < 40; i++) {
        texts[i] = (struct bytes){data[i], (size_t)(prng_unit(&random) * 12)};
        for (size_t k = 0; k < 12; k++)
            data[i][k] = prng_unit(&random) < 0.8 ? 'a' : 'b';
    }
    assert_int_equal(overlap_init(&o, OVERLAP_BYTES, texts, 40), 0);
    for (size_t i = 0; i < 40; i++) {
        for (size_t k = 0; k < 40; k++) {
            size_t n = 0;
            while (n < texts[i].len && n < texts[k].len && data[i][n] == data[k][n])
                n++;
            assert_int_equal(overlap_common(&o, i, k), n);
        }
    }
    overlap_release(&o);
}

static void too_many_prompts(void **state)
{
    (void)state;
    static struct bytes texts[OVERLAP_PROMPTS_MAX + 1];
    struct overlap o;
    assert_int_equal(overlap_init(&o, OVERLAP_BYTES, texts, OVERLAP_PROMPTS_MAX + 1), TT_LIMIT);
    overlap_release(&o);
}

/* The prompts of the agentic workload as token ids, 100 a system prompt and 25 a user's. */
enum { AX, AY, BX, PROMPTS };

static void put_prompts(struct tape *tape)
{
    unsigned char data[PROMPTS][125];
    struct bytes texts[PROMPTS];
    memset(data, 'A', sizeof data);
    memset(data[BX] + 4, 'B', 96);
    for (int i = 0; i < PROMPTS; i++) {
        memset(data[i] + 100, i == AY ? 'Y' : 'X', 25);
        texts[i] = (struct bytes){data[i], 125};
    }
    assert_int_equal(overlap_init(&tape->overlap, OVERLAP_TOKENS, texts, PROMPTS), 0);
}

/* Phases cold … cold-prefix of some repeats, with what a server says it had cached. */
static void put_repeats(struct tape *tape, uint64_t repeats, const uint64_t *cached)
{
    static const uint64_t prompts[] = {AX, AX, AY, AX, AY, BX};
    for (uint64_t repeat = 0; repeat < repeats; repeat++) {
        for (uint64_t i = 0; i < 6; i++) {
            struct run_figures *run = made_tape_run(tape, repeat, i, 100, 50);
            run->prompt = prompts[i];
            run->t_first_token = 1;
            run->cold = i == PHASE_COLD ? COLD_REQUEST : COLD_NOT_ASKED;
            run_cached(run, cached[i], 125);
        }
    }
}

static void expect_policy(const char *name, const uint64_t *wanted, uint64_t cold)
{
    static const uint64_t silent[6] = {0};
    struct tape tape;
    struct cache_policy policy;
    uint64_t cacheable[12];
    char shown[CACHE_POLICY_NAME];
    made_tape_init(&tape, "aa", NULL);
    put_prompts(&tape);
    put_repeats(&tape, 2, silent);
    for (size_t i = 0; i < 12; i++)
        tape.runs[i].cold = i % 6 == PHASE_COLD || i % 6 == PHASE_COLD_PREFIX ? cold : COLD_NOT_ASKED;
    assert_int_equal(cache_policy_parse(&policy, name, NULL), 0);
    assert_string_equal(cache_policy_name(&policy, shown), name);
    assert_int_equal(cache_policy_apply(&policy, &tape, cacheable), 0);
    for (size_t i = 0; i < 12; i++) {
        if (cacheable[i] != wanted[i])
            fail_msg("%s: run %zu has %u instead of %u", name, i, (unsigned)cacheable[i],
                     (unsigned)wanted[i]);
    }
    tape_release(&tape);
}

/* A turn of ten tokens, answered with six, and one that goes on behind it. */
static void make_turns(struct tape *tape, const char *meta)
{
    unsigned char data[2][20];
    struct bytes texts[2] = {{data[0], 10}, {data[1], 20}};
    memset(data, 'A', sizeof data);
    memset(data[1] + 10, 'B', 10);
    made_tape_init(tape, "aa", meta);
    assert_int_equal(overlap_init(&tape->overlap, OVERLAP_TOKENS, texts, 2), 0);
    for (uint64_t i = 0; i < 2; i++) {
        struct run_figures *run = made_tape_run(tape, 0, i, 100, 50);
        run->prompt = i;
        run->t_first_token = 1;
        run->parent = i ? 0 : ABSENT;
        run->completion_tokens = 6;
        run_cached(run, 0, 10 + 10 * i);
    }
}

/* An engine holds its answer, too, all but the last token; only a prompt with its own answers has use for it.
 */
static void answers_that_are_carried_on(void **state)
{
    static const struct cache_policy policy = {CACHE_CONVERSATION, 0};
    struct tape tape;
    uint64_t cacheable[2];
    (void)state;
    make_turns(&tape, "{\"options\": {\"live\": true}}");
    assert_int_equal(cache_policy_apply(&policy, &tape, cacheable), 0);
    assert_int_equal(cacheable[1], 15);
    tape.runs[1].parent = ABSENT;
    assert_int_equal(cache_policy_apply(&policy, &tape, cacheable), 0);
    assert_int_equal(cacheable[1], 10);
    tape_release(&tape);
    make_turns(&tape, NULL);
    assert_int_equal(cache_policy_apply(&policy, &tape, cacheable), 0);
    assert_int_equal(cacheable[1], 10);
    tape_release(&tape);
}

/* Conversations at once take turns in the trace; each has only its own past. */
static void repeats_that_take_turns(void **state)
{
    static const uint64_t cached[6] = {0}, wanted[6] = {0, 124, 100, 124, 124, 4};
    static const struct cache_policy policy = {CACHE_CONVERSATION, 0};
    struct tape tape;
    uint64_t cacheable[12];
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    put_prompts(&tape);
    put_repeats(&tape, 2, cached);
    for (size_t i = 0; i < 12; i++)
        tape.runs[i].cold = COLD_NOT_ASKED;
    for (size_t i = 0; i < 6; i++) { /* 0 0, 1 1, ... instead of 0 1 ... 0 1 ... */
        tape.runs[2 * i].phase = tape.runs[2 * i + 1].phase = i;
        tape.runs[2 * i].prompt = tape.runs[2 * i + 1].prompt = (uint64_t[]){AX, AX, AY, AX, AY, BX}[i];
        tape.runs[2 * i].repeat = 0;
        tape.runs[2 * i + 1].repeat = 1;
    }
    assert_int_equal(cache_policy_apply(&policy, &tape, cacheable), 0);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(cacheable[i], wanted[i / 2]);
    tape_release(&tape);
}

static void policies(void **state)
{
    (void)state;
    /*                    cold  warm  Y    X    Y    B     cold warm  Y    X    Y    B */
    expect_policy("conversation", (uint64_t[]){0, 124, 100, 124, 124, 4, 0, 124, 100, 124, 124, 4},
                  COLD_KEEP);
    expect_policy("last", (uint64_t[]){0, 124, 100, 100, 100, 4, 4, 124, 100, 100, 100, 4}, COLD_KEEP);
    expect_policy("unlimited", (uint64_t[]){0, 124, 100, 124, 124, 4, 124, 124, 124, 124, 124, 124},
                  COLD_KEEP);
    expect_policy("block:32", (uint64_t[]){0, 96, 96, 96, 96, 0, 0, 96, 96, 96, 96, 0}, COLD_KEEP);
    /* One slot for A's continuations, whatever the user says, and one for B. */
    expect_policy("slots:2", (uint64_t[]){0, 124, 100, 100, 100, 4, 100, 124, 100, 100, 100, 124}, COLD_KEEP);
    expect_policy("slots:1", (uint64_t[]){0, 124, 100, 100, 100, 4, 4, 124, 100, 100, 100, 4}, COLD_KEEP);
}

static void cold_runs(void **state)
{
    (void)state;
    /* A restart forgets; a request that bypasses the cache finds nothing in it and leaves it alone. */
    expect_policy("unlimited", (uint64_t[]){0, 124, 100, 124, 124, 0, 0, 124, 100, 124, 124, 0},
                  COLD_RESTART);
    expect_policy("unlimited", (uint64_t[]){0, 124, 100, 124, 124, 0, 0, 124, 124, 124, 124, 0},
                  COLD_REQUEST);
}

static void bytes_are_taken_for_tokens_of_one_length(void **state)
{
    (void)state;
    const struct bytes texts[] = {text("aaaabbbb"), text("aaaacccc")};
    const struct cache_policy last = {CACHE_LAST, 0};
    struct tape tape;
    uint64_t cacheable[3];
    made_tape_init(&tape, "aa", NULL);
    assert_int_equal(overlap_init(&tape.overlap, OVERLAP_BYTES, texts, 2), 0);
    for (uint64_t i = 0; i < 3; i++) {
        struct run_figures *run = made_tape_run(&tape, 0, i, 1, 1);
        run->prompt = i ? 1 : 0;
        run->t_first_token = 1;
        run_cached(run, 0, 1001);
    }
    tape.runs[2].prompt_tokens = ABSENT;
    assert_int_equal(cache_policy_apply(&last, &tape, cacheable), 0);
    assert_true(cacheable[0] == 0 && cacheable[1] == 500 && cacheable[2] == ABSENT);
    tape_release(&tape);
}

static void names_of_policies(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "slots", "slots:", "slots:0", "slots:-1", "slots:2x", "block:9999999999999",
        "slots:1025", "lasts"};
    struct cache_policy policy;
    struct error e = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cache_policy_parse(&policy, bad[i], &e), TT_USAGE);
    assert_non_null(strstr(e.text, "'lasts' is no cache policy: conversation, last,"));
}

struct made {
    struct tape tape;
    struct report report;
    struct gates gates;
};

static const struct report_row *make_row(struct made *m, const char *policy, const uint64_t *cached)
{
    made_tape_init(&m->tape, "aa", NULL);
    put_prompts(&m->tape);
    put_repeats(&m->tape, 2, cached);
    report_init(&m->report);
    assert_int_equal(cache_policy_parse(&m->report.policy, policy, NULL), 0);
    assert_int_equal(gates_open(&m->gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(report_add(&m->report, &m->tape, NULL), 0);
    assert_int_equal(report_finish(&m->report, &m->gates, NULL), 0);
    return &m->report.blocks[0].rows[0];
}

static void release(struct made *m)
{
    tape_release(&m->tape);
    report_release(&m->report);
    gates_release(&m->gates);
}

static void close_to(double value, double wanted)
{
    if (!(fabs(value - wanted) < 1e-12))
        fail_msg("%.17g is not %.17g", value, wanted);
}

/* A server that holds one sequence: the second question Y finds only the system prompt. */
static void figures_of_one_slot(void **state)
{
    (void)state;
    static const uint64_t cached[] = {0, 124, 100, 100, 100, 4};
    struct made m;
    const struct report_row *row = make_row(&m, "conversation", cached);
    close_to(row->figures[METRIC_REUSE].value, 0.8);
    close_to(row->figures[METRIC_TRUE_HIT_RATE].value, 200.0 / 224.0);
    assert_int_equal(row->figures[METRIC_TRUE_HIT_RATE].n, 2);
    assert_int_equal(row->figures[METRIC_TRUE_HIT_RATE].grade, GRADE_A);
    close_to(row->figures[METRIC_WASTED_TOKENS].value, 48);
    const struct cell_run *runs = m.report.cells[0].runs;
    close_to(run_hit_rate(&runs[PHASE_PREFIX_1]), 1);
    close_to(run_hit_rate(&runs[PHASE_PREFIX_3]), 100.0 / 124.0);
    assert_true(isnan(run_hit_rate(&runs[PHASE_COLD_PREFIX]))); /* 4 cacheable tokens say nothing */
    release(&m);
}

/* A server that still has X after Y and all of A after B. */
static void carry_over_is_named(void **state)
{
    (void)state;
    static const uint64_t cached[] = {0, 124, 100, 124, 124, 4};
    struct made m;
    const struct report_row *row = make_row(&m, "last", cached);
    assert_true(run_hit_rate(&m.report.cells[0].runs[PHASE_PREFIX_2]) > 1.2); /* not clamped */
    close_to(row->figures[METRIC_TRUE_HIT_RATE].value, 1); /* under conversation nothing is carried over */
    release(&m);

    static const uint64_t after_b[] = {124, 124, 100, 100, 100, 100};
    row = make_row(&m, "last", after_b);
    assert_true(text_list_find(&row->notes,
                               "carry-over: 'cold-prefix' of repeat 2 had 100 prompt tokens cached where the "
                               "policy allows 4") >= 0);
    for (size_t i = 0; i < row->notes.count; i++) /* what was to be cold is named as that, not twice */
        assert_null(strstr(row->notes.items[i], "carry-over: 'cold' "));
    release(&m);
}

static double reuse_by_ttft(double warm_ms, double prefix_ms, uint64_t prefix_prompt)
{
    struct made m;
    double scratch[16];
    made_tape_init(&m.tape, "aa", NULL);
    for (uint64_t repeat = 0; repeat < 3; repeat++) {
        const double jitter = (double)repeat;
        made_tape_run(&m.tape, repeat, PHASE_COLD, 100, 1000 + jitter)->prompt_tokens = 1000;
        made_tape_run(&m.tape, repeat, PHASE_WARM, 100, warm_ms + jitter)->prompt_tokens = 1000;
        made_tape_run(&m.tape, repeat, PHASE_PREFIX_1, 100, prefix_ms + jitter)->prompt_tokens =
            prefix_prompt;
    }
    report_init(&m.report);
    assert_int_equal(report_add(&m.report, &m.tape, NULL), 0);
    double reuse = cell_reuse_by_ttft(&m.report.cells[0], 2, scratch);
    tape_release(&m.tape);
    report_release(&m.report);
    return reuse;
}

static void reuse_of_a_silent_server(void **state)
{
    (void)state;
    close_to(reuse_by_ttft(100, 280, 1000), 0.8);
    close_to(reuse_by_ttft(100, 280, 1100), 0.8);
    assert_true(isnan(reuse_by_ttft(100, 280, 1101)));
    assert_true(isnan(reuse_by_ttft(998, 999, 1000))); /* cold and warm cannot be told apart */
}

static void a_cold_run_that_was_too_fast(void **state)
{
    (void)state;
    struct made m;
    made_tape_init(&m.tape, "aa", NULL);
    for (uint64_t repeat = 0; repeat < 3; repeat++)
        made_tape_run(&m.tape, repeat, PHASE_COLD, 100, repeat == 1 ? 90 : 800)->cold = COLD_REQUEST;
    report_init(&m.report);
    assert_int_equal(gates_open(&m.gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(report_add(&m.report, &m.tape, NULL), 0);
    assert_int_equal(report_finish(&m.report, &m.gates, NULL), 0);
    assert_true(text_list_find(&m.report.blocks[0].rows[0].notes,
                               "'cold' of repeat 2 was hardly cold: 90 ms to the first token, 800 ms in the "
                               "other repeats") >= 0);
    release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_in_common),
        cmocka_unit_test(ids_in_common),
        cmocka_unit_test(random_texts_as_compared_one_by_one),
        cmocka_unit_test(too_many_prompts),
        cmocka_unit_test(policies),
        cmocka_unit_test(answers_that_are_carried_on),
        cmocka_unit_test(repeats_that_take_turns),
        cmocka_unit_test(cold_runs),
        cmocka_unit_test(bytes_are_taken_for_tokens_of_one_length),
        cmocka_unit_test(names_of_policies),
        cmocka_unit_test(figures_of_one_slot),
        cmocka_unit_test(carry_over_is_named),
        cmocka_unit_test(reuse_of_a_silent_server),
        cmocka_unit_test(a_cold_run_that_was_too_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
