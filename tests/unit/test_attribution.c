/* SPDX-License-Identifier: MIT */
/* Which read brought how many tokens: vectors computed by hand, beside those of test_figures.c. */
#include "measure_fixture.h"

static void expect_tokens(const double *tokens, size_t count)
{
    assert_int_equal(time_count, count);
    for (size_t i = 0; i < count; i++)
        near(times[i].tokens, tokens[i]);
}

/* Some engines send an empty first chunk at once; TTFT is that of the first word. Three words and the end of
 * sequence: 4 tokens, the first of which begins the window: 3 ÷ (130 − 100 ms). */
static void passes_over_a_fake_first_chunk(void **state)
{
    (void)state;
    static const double want[] = {1, 1, 1, 1};
    struct event ev[] = {{5, DELTA("\"role\":\"assistant\",\"content\":\"\"")},
                         {6, DELTA("\"content\":\"\",\"reasoning_content\":\"\"")},
                         {100, TEXT("a")},
                         {110, TEXT("b")},
                         {120, TEXT("c")},
                         {130, FINISH("stop")},
                         {130, USAGE(9, 4)}};
    struct run_figures f = measure(ev, 7);
    near(f.ttft_ms, 100);
    near(f.decode_tok_s, 3 / 0.030);
    expect_tokens(want, 4);
}

/* Progress and keep-alive between words: 1 token a word whatever stands between, and no longer gap than the
 * words' own: 10, 30, 10 ms. */
static void passes_over_what_stands_between_words(void **state)
{
    (void)state;
    static const double want[] = {1, 1, 1, 1};
    struct event ev[] = {
        {100, TEXT("a")},
        {110, TEXT("b")},
        {120, ": keep-alive\n\n"},
        {130, CHUNK("\"choices\":[],\"prompt_progress\":{\"total\":9,\"cache\":0,\"processed\":9,"
                    "\"time_ms\":9}")},
        {140, TEXT("c")},
        {150, FINISH("stop")},
        {150, USAGE(9, 4)}};
    struct run_figures f = measure(ev, 7);
    assert_int_equal(f.steps, 3);
    near(f.step_ms, 20); /* median of 10 and 30 */
    near(f.decode_tok_s, 3 / 0.050);
    expect_tokens(want, 4);
}

#define BOTH(timings, usage, ids)                                                                            \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"token_ids\":[" ids "]}],"               \
          "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":" #usage                                     \
          "},\"timings\":{\"predicted_n\":" #timings "}")
#define WITHOUT_TIMINGS(usage, ids)                                                                          \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"token_ids\":[" ids "]}],"               \
          "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":" #usage "}")

/* Timings say 2, 3, 6 of 7, usage 1, 3, 5, ids 1 each. The best source is followed alone: 2 + 1 + 3, and 1
 * silent; without it 1 + 2 + 2, and 2 silent. Either way they add up to 7. */
static void follows_the_best_source_alone(void **state)
{
    (void)state;
    static const double by_timings[] = {2, 1, 3, 1}, by_usage[] = {1, 2, 2, 2};
    struct event all[] = {{100, BOTH(2, 1, "1")},
                          {110, BOTH(3, 3, "2")},
                          {120, BOTH(6, 5, "3")},
                          {130, FINISH("stop")},
                          {130, USAGE(9, 7)}};
    struct run_figures f = measure(all, 5);
    assert_int_equal(f.token_source, TOKENS_FROM_TIMINGS);
    expect_tokens(by_timings, 4);
    near(sum_of_tokens(), 7);
    near(f.decode_tok_s, 5 / 0.030);
    struct event fewer[] = {{100, WITHOUT_TIMINGS(1, "1")},
                            {110, WITHOUT_TIMINGS(3, "2")},
                            {120, WITHOUT_TIMINGS(5, "3")},
                            {130, FINISH("stop")},
                            {130, USAGE(9, 7)}};
    f = measure(fewer, 5);
    assert_int_equal(f.token_source, TOKENS_FROM_USAGE);
    expect_tokens(by_usage, 4);
    near(f.decode_tok_s, 6 / 0.030);
}

/* Nothing is counted: 7 tokens in 3 frames, 2.33 each. Up to each frame they are ⌊7·k ÷ 3⌋ = 2, 4, 7; with
 * two or more a frame none is taken for silent but the one of the stop, so of 6: 2, 2, 2 and 1. */
static void splits_evenly_without_a_count(void **state)
{
    (void)state;
    static const double stopped[] = {2, 2, 2, 1}, cut_off[] = {2, 2, 3};
    struct event ev[] = {
        {100, TEXT("a")}, {110, TEXT("b")}, {120, TEXT("c")}, {130, FINISH("stop")}, {130, USAGE(9, 7)}};
    assert_int_equal(measure(ev, 5).token_source, TOKENS_EVEN_SPLIT);
    expect_tokens(stopped, 4);
    ev[3].text = FINISH("length");
    measure(ev, 5);
    expect_tokens(cut_off, 3);
    near(sum_of_tokens(), 7);
}

/* 41 tokens, 40 gaps of 10 ms. The server divides all 41 by the time of 40: 102.5 tok/s, which is not copied.
 */
static void does_not_follow_a_biased_rate(void **state)
{
    (void)state;
    struct event ev[64];
    size_t n = 0;
    for (; n < 40; n++)
        ev[n] = (struct event){100 + 10.0 * (double)n, TEXT(" w")};
    ev[n++] = (struct event){500, FINISH("stop")};
    ev[n++] =
        (struct event){500, CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":41},"
                                  "\"timings\":{\"predicted_n\":41,\"predicted_ms\":400,"
                                  "\"predicted_per_second\":102.5}")};
    struct run_figures f = measure(ev, n);
    near(f.decode_tok_s, 40 / 0.400);
    near((double)(f.server_predicted_n - 1) / f.server_predicted_ms * 1e3, 100);
}

/* The stream ends in the middle: 5 words, no finish, no usage. What was seen counts: 5 tokens of grade C, 4
 * of them in 40 ms. */
static void counts_what_a_cut_stream_showed(void **state)
{
    (void)state;
    static const double want[] = {1, 1, 1, 1, 1};
    struct event ev[5];
    for (int i = 0; i < 5; i++)
        ev[i] = (struct event){100 + 10 * i, TEXT("w")};
    struct run_figures f = measure(ev, 5);
    assert_int_equal(f.invalid, INVALID_CUT);
    assert_int_equal(f.completion_tokens, 5);
    assert_int_equal(f.completion_grade, GRADE_C);
    expect_tokens(want, 5);
    near(f.decode_tok_s, 4 / 0.040);
    assert_int_equal(f.decode_grade, GRADE_C);
}

/* The last word comes in the finish frame itself: it is text, so no token is left to be silent. */
static void takes_text_in_the_finish_frame(void **state)
{
    (void)state;
    static const double want[] = {1, 1, 1};
    struct event ev[] = {
        {100, TEXT("a")},
        {110, TEXT("b")},
        {120,
         CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"c\"},\"finish_reason\":\"length\"}]")},
        {120, USAGE(9, 3)}};
    struct run_figures f = measure(ev, 4);
    assert_int_equal(f.split.tail, 0);
    expect_tokens(want, 3);
    near(f.decode_tok_s, 2 / 0.020);
}

/* Thought, said, called: 2 + 1 + 3 frames and the end of the turn are 7 tokens; the tags between them are
 * silent, 9 in all: of 8 in 6 frames ⌊8·k ÷ 6⌋ = 1, 2, 4, 5, 6, 8, and 1 with the finish. */
static void counts_through_reasoning_content_and_calls(void **state)
{
    (void)state;
    static const double plain[] = {1, 1, 1, 1, 1, 1, 1}, tagged[] = {1, 1, 2, 1, 1, 2, 1};
    struct event ev[] = {{100, THINK("a")},           {110, THINK("b")},         {120, TEXT("c")},
                         {130, CALL("f", "{")},       {140, MORE("\\\"a\\\":")}, {150, MORE("1}")},
                         {160, FINISH("tool_calls")}, {160, USAGE(9, 7)}};
    struct run_figures f = measure(ev, 8);
    near(f.ttft_ms, 100);
    near(f.ttft_content_ms, 120);
    expect_tokens(plain, 7);
    near(f.decode_tok_s, 6 / 0.060);
    ev[7].text = USAGE(9, 9);
    f = measure(ev, 8);
    expect_tokens(tagged, 7);
    near(f.decode_tok_s, 8 / 0.060);
}

/* Usage claims fewer tokens than frames had text (3 of 5): shares of 0.6, whole only at 1.67, 3.33 and 5. */
static void believes_a_usage_below_the_frames(void **state)
{
    (void)state;
    static const double want[] = {0, 1, 0, 1, 1};
    struct event ev[7];
    for (int i = 0; i < 5; i++)
        ev[i] = (struct event){100 + 10 * i, TEXT("w")};
    ev[5] = (struct event){150, FINISH("length")};
    ev[6] = (struct event){150, USAGE(9, 3)};
    struct run_figures f = measure(ev, 7);
    assert_int_equal(f.completion_tokens, 3);
    expect_tokens(want, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_over_a_fake_first_chunk),
        cmocka_unit_test(passes_over_what_stands_between_words),
        cmocka_unit_test(follows_the_best_source_alone),
        cmocka_unit_test(splits_evenly_without_a_count),
        cmocka_unit_test(does_not_follow_a_biased_rate),
        cmocka_unit_test(counts_what_a_cut_stream_showed),
        cmocka_unit_test(takes_text_in_the_finish_frame),
        cmocka_unit_test(counts_through_reasoning_content_and_calls),
        cmocka_unit_test(believes_a_usage_below_the_frames),
    };
    return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
