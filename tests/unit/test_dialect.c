/* SPDX-License-Identifier: MIT */
/* Other tools' figures, each worked out by hand from the tool's own definitions. */
#include "dialect_fixture.h"

struct answered {
    const struct event *events;
    size_t count;
};

/* One trace of these answers, run n in phase n; 1 ms of connecting before each. */
static void ask(struct asked *q, const char *tool, const struct answered *answers, size_t count)
{
    struct fixture f;
    open_trace(&f);
    for (size_t i = 0; i < count; i++)
        fixture_answer(&f, i, 0, answers[i].events, answers[i].count);
    close_trace(&f);
    ask_trace(q, tool, f.path);
    unlink(f.path);
}

/* Two answers that bring the quirks out: a role chunk long before the text, two tokens in one read, an end of
 * sequence without text, reasoning, and [DONE] behind the usage. */
static const struct event plain[] = {{40, ROLE},          {100, TEXT("a")}, {130, TEXT("b")},
                                     {130, TEXT("c")},    {150, TEXT("d")}, {160, FINISH("stop")},
                                     {165, USAGE(10, 5)}, {170, DONE}};
static const struct event thinking[] = {
    {60, ROLE}, {100, THINK("x")}, {120, TEXT("y")}, {140, FINISH("stop")}, {145, USAGE(20, 3)}, {150, DONE}};

#define ANSWERED(events)                                                                                     \
    {                                                                                                        \
        events, sizeof(events) / sizeof *(events)                                                            \
    }

static const struct answered two[] = {ANSWERED(plain), ANSWERED(thinking)};

/* The role chunk is its first token and the finish chunk its last: TTFT 40 and 60, latency 160 and 140. Gaps:
 * 60 30 0 20 10 and 40 20 20. */
static void vllm(void **state)
{
    struct asked q;
    (void)state;
    ask(&q, "vllm", two, 2);
    expect(&q, "completed", STAT_SUM, 2);
    expect(&q, "ttft_ms", STAT_MEAN, 50);
    expect(&q, "ttft_ms", STAT_MEDIAN, 50);
    expect(&q, "ttft_ms", STAT_STD, 10);
    expect(&q, "ttft_ms", STAT_P99, 59.8);
    expect_ours(&q, "ttft_ms", STAT_MEAN, 100);
    expect(&q, "tpot_ms", STAT_MEAN, (30 + 40) / 2.0);
    expect(&q, "tpot_ms", STAT_STD, 5);
    expect_ours(&q, "tpot_ms", STAT_MEAN, (60 / 4.0 + 40 / 2.0) / 2);
    expect(&q, "itl_ms", STAT_MEAN, 25);
    expect(&q, "itl_ms", STAT_MEDIAN, 20);
    expect(&q, "itl_ms", STAT_STD, sqrt(300));
    expect(&q, "itl_ms", STAT_P99, 58.6);
    expect_ours(&q, "itl_ms", STAT_MEAN, (15 + 15 + 20 + 20) / 4.0);
    expect(&q, "e2el_ms", STAT_MEAN, 150);
    expect(&q, "total_output_tokens", STAT_SUM, 8);
    expect(&q, "output_throughput", STAT_MEAN, 8 / 1000.14);
    expect(&q, "max_output_tokens_per_s", STAT_MAX, 6);
    assert_true(isnan(figure_of_tool(&q, "output_throughput", STAT_MEAN).ours));
    leave(&q);
}

/* A progress report has choices and is a first token, too; a usage that comes with choices is none, so that
 * the text is counted. */
static void vllm_takes_any_choices(void **state)
{
    static const struct event ev[] = {
        {20, CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}],"
                   "\"prompt_progress\":{\"total\":100,\"cache\":0,\"processed\":50,\"time_ms\":9}")},
        {25, ": keep-alive\n\n"},
        {100, TEXT("a")},
        {110, TEXT("b")},
        {120, CHUNK("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}")},
        {121, DONE}};
    const struct answered answers[] = {ANSWERED(ev)};
    struct asked q;
    (void)state;
    ask(&q, "vllm", answers, 1);
    expect(&q, "ttft_ms", STAT_MEAN, 20);
    expect(&q, "itl_ms", STAT_MEAN, (80 + 10 + 10) / 3.0);
    expect(&q, "total_output_tokens", STAT_SUM, 2);
    expect(&q, "tpot_ms", STAT_MEAN, 100);
    leave(&q);
}

/* Content alone: the reasoning of the second answer is waited through. The read of two tokens is one
 * response; ITL is in whole nanoseconds. */
static void genai_perf(void **state)
{
    struct asked q;
    (void)state;
    ask(&q, "genai-perf", two, 2);
    expect(&q, "request_count", STAT_SUM, 2);
    expect(&q, "time_to_first_token", STAT_MEAN, 110);
    expect(&q, "time_to_first_token", STAT_MIN, 100);
    expect(&q, "time_to_first_token", STAT_MAX, 120);
    expect(&q, "time_to_first_token", STAT_P99, 119.8);
    expect(&q, "time_to_first_token", STAT_STD, 10);
    expect(&q, "time_to_second_token", STAT_MEAN, 30);
    expect(&q, "request_latency", STAT_MEAN, 135);
    expect(&q, "inter_token_latency", STAT_MEAN, 16.666667);
    expect(&q, "output_token_throughput_per_request", STAT_MAX, 4 / 0.150);
    expect(&q, "output_token_throughput_per_request", STAT_MIN, 1 / 0.120);
    expect(&q, "output_sequence_length", STAT_MEAN, 2.5);
    expect_ours(&q, "output_sequence_length", STAT_MEAN, 4);
    leave(&q);
}

/* Any text; one mean of each request over N − 1, without the end of sequence; population deviation. */
static void aiperf(void **state)
{
    struct asked q;
    (void)state;
    ask(&q, "aiperf", two, 2);
    expect(&q, "time_to_first_token", STAT_MEAN, 100);
    expect(&q, "time_to_second_token", STAT_MEAN, 25);
    expect(&q, "request_latency", STAT_MEAN, 135);
    expect(&q, "inter_token_latency", STAT_MEAN, (50 / 3.0 + 20) / 2);
    expect(&q, "inter_token_latency", STAT_STD, (20 - 50 / 3.0) / 2);
    expect(&q, "inter_chunk_latency", STAT_MEAN, (30 + 0 + 20 + 20) / 4.0);
    expect(&q, "inter_chunk_latency", STAT_MIN, 0);
    expect(&q, "output_token_throughput_per_user", STAT_MEAN, (60 + 50) / 2.0);
    expect(&q, "prefill_throughput_per_user", STAT_MEAN, (10 / 0.1 + 20 / 0.1) / 2);
    expect(&q, "output_sequence_length", STAT_MEAN, 3);
    leave(&q);
}

/* N of the usage, latency to [DONE], TPOT with the TTFT in it, means weighed by tokens, percentiles that are
 * values of the list. */
static void guidellm(void **state)
{
    struct asked q;
    (void)state;
    ask(&q, "guidellm", two, 2);
    expect(&q, "request_latency", STAT_MEAN, 0.160);
    expect(&q, "request_latency", STAT_MEDIAN, 0.150);
    expect(&q, "request_latency", STAT_P90, 0.170);
    expect(&q, "time_to_first_token_ms", STAT_MEAN, 100);
    expect(&q, "inter_token_latency_ms", STAT_MEAN, (12.5 * 4 + 10 * 2) / 6);
    expect(&q, "inter_token_latency_ms", STAT_MEDIAN, 12.5);
    expect(&q, "inter_token_latency_ms", STAT_STD, sqrt((2 * 25 / 9.0 + 4 * 25 / 36.0) / 6));
    expect(&q, "time_per_output_token_ms", STAT_MEAN, (30 * 5 + 40 * 3) / 8.0);
    expect(&q, "time_per_output_token_ms", STAT_MEDIAN, 30);
    expect(&q, "output_token_count", STAT_MEAN, 4);
    leave(&q);
}

/* From connecting on, content alone, E2E ÷ N, sample deviation, end of the body; an answer of reasoning alone
 * has a TTFT of 0, and that counts. */
static void llmperf(void **state)
{
    static const struct event silent[] = {
        {80, THINK("x")}, {90, THINK("y")}, {95, FINISH("stop")}, {95, USAGE(9, 3)}, {99, DONE}};
    const struct answered three[] = {ANSWERED(plain), ANSWERED(thinking), ANSWERED(silent)};
    struct asked q;
    (void)state;
    ask(&q, "llmperf", two, 2);
    expect(&q, "ttft_s", STAT_MEAN, (0.101 + 0.121) / 2);
    expect(&q, "ttft_s", STAT_STD, 0.020 / sqrt(2));
    expect(&q, "ttft_s", STAT_P99, 0.101 + 0.99 * 0.020);
    expect(&q, "inter_token_latency_s", STAT_MEAN, (0.151 / 4 + 0.121) / 2);
    expect(&q, "end_to_end_latency_s", STAT_MEAN, (0.171 + 0.151) / 2);
    expect(&q, "request_output_throughput_token_per_s", STAT_MEAN, (4 / 0.171 + 1 / 0.151) / 2);
    expect(&q, "number_output_tokens", STAT_STD, 3 / sqrt(2));
    leave(&q);
    ask(&q, "llmperf", three, 3);
    expect(&q, "num_completed_requests", STAT_SUM, 3);
    expect(&q, "ttft_s", STAT_MEAN, (0.101 + 0.121 + 0) / 3);
    expect(&q, "inter_token_latency_s", STAT_MEAN, (0.151 / 4 + 0.121 + 0) / 3);
    leave(&q);
}

/* Whole nanoseconds from when the request was due to [DONE]; an answer of one token has no TPOT. */
static void mlperf(void **state)
{
    static const struct event four[] = {
        {100, TEXT("a")}, {130, TEXT("b")}, {160, FINISH("length")}, {165, USAGE(10, 4)}, {170, DONE}};
    static const struct event one[] = {
        {100, TEXT("a")}, {110, FINISH("length")}, {110, USAGE(10, 1)}, {111, DONE}};
    const struct answered three[] = {ANSWERED(four), ANSWERED(thinking), ANSWERED(one)};
    struct asked q;
    (void)state;
    ask(&q, "mlperf", three, 3);
    expect(&q, "samples", STAT_SUM, 3);
    expect(&q, "latency_ns", STAT_P50, 151e6); /* of 112, 151, 171: place floor(1.5) */
    expect(&q, "latency_ns", STAT_P99, 171e6);
    expect(&q, "latency_ns", STAT_MEAN, 144666666);
    expect(&q, "first_token_latency_ns", STAT_MIN, 101e6);
    expect(&q, "time_per_output_token_ns", STAT_MIN, 23333333);
    expect(&q, "time_per_output_token_ns", STAT_MAX, 25000000);
    expect(&q, "time_per_output_token_ns", STAT_MEAN, 24166666);
    expect(&q, "time_per_output_token_ns", STAT_P50, 25000000); /* of two: place floor(1) */
    expect(&q, "token_count", STAT_SUM, 8);
    leave(&q);
}

#define CACHED(prompt, n, cached)                                                                            \
    CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":" #prompt ",\"completion_tokens\":" #n                \
          ",\"prompt_tokens_details\":{\"cached_tokens\":" #cached "}}")

/* With connecting, whole milliseconds, to [DONE], tool calls no text, a mean of two tokens for a peak, and
 * the pair's reuse as a ratio of sums. */
static void asiai(void **state)
{
    static const struct event cold[] = {
        {50, TEXT("a")}, {50.5, FINISH("length")}, {51, USAGE(10, 2)}, {51, DONE}};
    static const struct event warm[] = {{90, CALL("f", "{}")},   {100.7, TEXT("a")},   {110.7, TEXT("b")},
                                        {120.7, FINISH("stop")}, {121, USAGE(100, 4)}, {130.7, DONE}};
    static const struct event first[] = {
        {50, TEXT("a")}, {60, TEXT("b")}, {70, TEXT("c")}, {80, FINISH("stop")}, {81, CACHED(1000, 4, 800)},
        {82, DONE}};
    static const struct event third[] = {
        {50, TEXT("a")}, {60, TEXT("b")}, {70, TEXT("c")}, {80, FINISH("stop")}, {81, CACHED(3000, 4, 1500)},
        {82, DONE}};
    const struct answered answers[] = {ANSWERED(cold), ANSWERED(warm), ANSWERED(first), ANSWERED(third)};
    struct asked q;
    (void)state;
    ask(&q, "asiai", answers, 4);
    expect(&q, "ttft", STAT_MEDIAN, 101);
    expect_ours(&q, "ttft", STAT_MEDIAN, 90);
    expect(&q, "dec", STAT_MEDIAN, 3 / 0.030);
    expect_ours(&q, "dec", STAT_MEDIAN, 97.7198697068404); /* 3 ÷ 30.7 ms */
    expect(&q, "peak", STAT_MAX, 1000);
    assert_true(isnan(figure_of_tool(&q, "peak", STAT_MAX).ours));
    assert_true(isnan(figure_of_tool(&q, "long_ctx", STAT_MEDIAN).theirs));
    expect(&q, "reuse", STAT_MEAN, 0.575);
    expect_ours(&q, "reuse", STAT_MEAN, 0.65);
    leave(&q);
}

#define THREE(n)                                                                                             \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":null}],"                \
          "\"timings\":{\"predicted_n\":" #n "}")

/* A chunk is no token: three of three tokens each, as the server counts. Ours: 6 tokens in 60 ms, 10 ms each.
 */
static void a_chunk_is_no_token(void **state)
{
    static const struct event ev[] = {{100, THREE(3)},         {130, THREE(6)},     {160, THREE(9)},
                                      {161, FINISH("length")}, {162, USAGE(10, 9)}, {163, DONE}};
    static const struct event uncounted[] = {
        {100, TEXT("x")}, {130, TEXT("y")}, {160, TEXT("z")}, {161, FINISH("length")}, {163, DONE}};
    static const struct {
        const char *tool, *key;
        double theirs, ours;
    } cases[] = {{"vllm", "itl_ms", 61 / 3.0, 10},
                 {"vllm", "tpot_ms", 61 / 8.0, 10},
                 {"aiperf", "inter_chunk_latency", 30, 10},
                 {"aiperf", "inter_token_latency", 60 / 8.0, 10},
                 {"genai-perf", "inter_token_latency", 60 / 8.0, 10},
                 {"guidellm", "inter_token_latency_ms", 60 / 8.0, 10},
                 {"llmperf", "inter_token_latency_s", 0.161 / 9, 0.010}};
    const struct answered answers[] = {ANSWERED(ev)}, without[] = {ANSWERED(uncounted)};
    struct asked q;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask(&q, cases[i].tool, answers, 1);
        expect(&q, cases[i].key, STAT_MEAN, cases[i].theirs);
        expect_ours(&q, cases[i].key, STAT_MEAN, cases[i].ours);
        leave(&q);
    }
    ask(&q, "guidellm", without, 1); /* no usage: its chunks are its tokens */
    expect(&q, "output_token_count", STAT_MEAN, 3);
    expect(&q, "inter_token_latency_ms", STAT_MEAN, 30);
    leave(&q);
}

/* An error in the stream is a failure to some and nothing to others; an answer that was cut is one to all. */
static void counts_what_the_tool_counts(void **state)
{
    static const struct event broken[] = {
        {50, TEXT("a")}, {60, "data: {\"error\":{\"message\":\"full\"}}\n\n"}, {70, DONE}};
    static const struct event empty[] = {{50, ROLE}, {60, FINISH("stop")}, {70, USAGE(10, 1)}, {71, DONE}};
    static const struct {
        const char *tool, *key;
        double requests;
    } cases[] = {{"vllm", "completed", 4},
                 {"aiperf", "request_count", 2},
                 {"genai-perf", "request_count", 2},
                 {"guidellm", "requests_successful", 3},
                 {"llmperf", "num_completed_requests", 3},
                 {"mlperf", "samples", 4}};
    const struct answered answers[] = {ANSWERED(plain), ANSWERED(thinking), ANSWERED(broken),
                                       ANSWERED(empty)};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct asked q;
        ask(&q, cases[i].tool, answers, 4);
        expect(&q, cases[i].key, STAT_SUM, cases[i].requests);
        expect_ours(&q, cases[i].key, STAT_SUM, 2);
        leave(&q);
    }
}

static double statistic_of(const struct dialect *d, enum statistic statistic)
{
    struct samples samples = {0};
    for (int i = 10; i > 0; i--)
        assert_int_equal(samples_add(&samples, i, 1), TT_OK);
    assert_int_equal(samples_add(&samples, NAN, 1), TT_OK);
    assert_int_equal(samples_add(&samples, INFINITY, 1), TT_OK);
    double value = dialect_statistic(d, statistic, &samples);
    samples_release(&samples);
    return value;
}

/* Of 1 … 10. A tenth added nine times is less than 0.9, and so the p90 of shares that are added up is 10. */
static void takes_statistics_as_they_do(void **state)
{
    static const struct dialect linear = {.percentiles = PERCENTILE_LINEAR, .is_sample_deviation = 1},
                                inverse = {.percentiles = PERCENTILE_INVERSE},
                                by_floor = {.percentiles = PERCENTILE_FLOOR, .has_whole_means = 1};
    (void)state;
    near(statistic_of(&linear, STAT_P90), 9.1);
    near(statistic_of(&linear, STAT_MEDIAN), 5.5);
    near(statistic_of(&linear, STAT_STD), sqrt(82.5 / 9));
    near(statistic_of(&linear, STAT_MEAN), 5.5);
    near(statistic_of(&inverse, STAT_P90), 10);
    near(statistic_of(&inverse, STAT_MEDIAN), 5);
    near(statistic_of(&inverse, STAT_STD), sqrt(82.5 / 10));
    near(statistic_of(&by_floor, STAT_P90), 10);
    near(statistic_of(&by_floor, STAT_P50), 6);
    near(statistic_of(&by_floor, STAT_P999), 10);
    near(statistic_of(&by_floor, STAT_MEAN), 5);
    near(statistic_of(&linear, STAT_SUM), 55);
    near(statistic_of(&linear, STAT_MIN), 1);
    near(statistic_of(&linear, STAT_MAX), 10);
    struct samples none = {0}, single = {0};
    assert_true(isnan(dialect_statistic(&inverse, STAT_P90, &none)));
    assert_int_equal(samples_add(&single, 7, 1), TT_OK);
    assert_true(isnan(dialect_statistic(&linear, STAT_STD, &single)));
    near(dialect_statistic(&inverse, STAT_STD, &single), 0);
    near(dialect_statistic(&by_floor, STAT_P999, &single), 7);
    samples_release(&single);
}

static int expect_reason(void *context, const struct dialect_figure *figure)
{
    const struct dialect *d = context;
    struct buf why = BUF_INIT;
    dialect_why(d, figure, &why);
    if (figure->differs != (why.len > 0))
        fail_msg("%s: %s %s: '%s'", d->title, figure->measure->key, statistic_name(figure->statistic),
                 buf_text(&why));
    assert_false(figure->differs && isnan(figure->theirs) && isnan(figure->ours));
    buf_release(&why);
    return TT_OK;
}

/* Every figure that differs says why, and none that does not. */
static void explains_every_difference(void **state)
{
    static const char *const tools[] = {"asiai",    "vllm",    "aiperf", "genai-perf",
                                        "guidellm", "llmperf", "mlperf"};
    (void)state;
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        struct asked q;
        ask(&q, tools[i], two, 2);
        void *dialect = (void *)(uintptr_t)q.as.dialect;
        assert_int_equal(dialect_report_each(&q.as, &q.report, 0, expect_reason, dialect), TT_OK);
        assert_string_equal(dialect_name(q.as.dialect), tools[i]);
        leave(&q);
    }
    assert_null(dialect_find("wrk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vllm),
        cmocka_unit_test(vllm_takes_any_choices),
        cmocka_unit_test(genai_perf),
        cmocka_unit_test(aiperf),
        cmocka_unit_test(guidellm),
        cmocka_unit_test(llmperf),
        cmocka_unit_test(mlperf),
        cmocka_unit_test(asiai),
        cmocka_unit_test(a_chunk_is_no_token),
        cmocka_unit_test(counts_what_the_tool_counts),
        cmocka_unit_test(takes_statistics_as_they_do),
        cmocka_unit_test(explains_every_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
