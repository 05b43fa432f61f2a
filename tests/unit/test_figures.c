/* SPDX-License-Identifier: MIT */
#include "measure_fixture.h"

/* Fills `count` text frames from `ms` on, `step` apart. */
static size_t add_text(struct event *events, size_t at, size_t count, double ms, double step)
{
    for (size_t i = 0; i < count; i++)
        events[at + i] = (struct event){ms + (double)i * step, TEXT(" word")};
    return at + count;
}

/* Role, comment and progress frames have no token: the first word at 100 ms is the first. 40 words and the
 * end of sequence in 400 ms. */
static void measures_a_plain_answer(void **state)
{
    (void)state;
    struct event ev[64] = {
        {10, ROLE},
        {15, ": keep-alive\n\n"},
        {20, CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null},"
                   "\"finish_reason\":null}],\"prompt_progress\":{\"total\":1000,\"cache\":0,"
                   "\"processed\":512,\"time_ms\":9}")}};
    size_t n = add_text(ev, 3, 40, 100, 10);
    ev[n++] = (struct event){500, FINISH("stop")};
    ev[n++] = (struct event){500, USAGE(1000, 41)};
    ev[n++] = (struct event){501, DONE};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.invalid, 0);
    assert_int_equal(f.ok, 1);
    assert_string_equal(f.finish_reason, "stop");
    near(f.ttft_ms, 100);
    near(f.ttft_content_ms, 100);
    near(f.ttfb_ms, 2);
    near(f.header_ms, 2);
    near(f.total_ms, 502);
    near(f.connect_ms, 0.25);
    near(f.start_s, 5);
    near(f.decode_window_ms, 400);
    near(f.decode_tok_s, 100);
    assert_int_equal(f.decode_grade, GRADE_A);
    assert_int_equal(f.completion_tokens, 41);
    assert_int_equal(f.visible_tokens, 40);
    assert_int_equal(f.first_read_tokens, 1);
    assert_int_equal(f.decode_tokens, 40);
    assert_int_equal(f.token_source, TOKENS_EVEN_SPLIT);
    assert_int_equal(f.steps, 40);
    near(f.step_ms, 10);
    for (int i = 0; i < 4; i++)
        near(f.itl_ms[ITL_EVEN][i], 10);
    assert_true(isnan(f.peak64_tok_s));
    assert_int_equal(f.frames, 46);
    assert_int_equal(f.early_stop, 1);
    near(sum_of_tokens(), 41);
    assert_int_equal(times[time_count - 1].t, AT(0, 500));
}

/* 17 reads of four frames, 30 ms apart, cut off by max_tokens: the last text frame is the end. */
static void measures_bursts(void **state)
{
    (void)state;
    struct event ev[80];
    size_t n = 0;
    for (int read = 0; read < 17; read++)
        n = add_text(ev, n, 4, 50 + 30 * read, 0);
    ev[n++] = (struct event){560, FINISH("length")};
    ev[n++] = (struct event){560, USAGE(10, 68)};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.steps, 17);
    assert_int_equal(f.step_tokens, 68);
    assert_int_equal(f.first_read_tokens, 4);
    near(f.step_ms, 30);
    near(f.decode_window_ms, 480);
    near(f.decode_tok_s, 64 / 0.480);
    near(f.peak64_tok_s, 64 / 0.480);
    near(f.itl_ms[ITL_EVEN][0], 7.5);
    near(f.itl_ms[ITL_EVEN][3], 7.5);
    assert_int_equal(f.early_stop, 0);
}

/* Anthropic's word for the same end. */
static void an_end_at_the_limit_has_two_names(void **state)
{
    (void)state;
    struct event ev[16];
    size_t n = add_text(ev, 0, 5, 100, 10);
    ev[n++] = (struct event){170, FINISH("max_tokens")};
    ev[n++] = (struct event){171, USAGE(10, 5)};
    near(measure(ev, n).decode_window_ms, 40);
}

#define DRAFTED(n, accepted)                                                                                 \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}],\"timings\":{\"predicted_"  \
          "n\":10,"                                                                                          \
          "\"predicted_ms\":61,\"draft_n\":" #n ",\"draft_n_accepted\":" #accepted "}")

/* A first token, then steps of 3, 2 and 4 tokens at 20, 40 and 60 ms, every token a read of its own and a
 * tenth of a millisecond behind the one before: 10 tokens, of which 2 + 1 + 3 were drafted and accepted, are
 * 4 steps, the first token among them. Three of them lie in the window of 60.3 ms. The median gap, 0.1 ms,
 * says nothing of steps. */
static void counts_steps_by_accepted_drafts(void **state)
{
    (void)state;
    struct event ev[16];
    size_t n = add_text(ev, 0, 1, 100, 0);
    n = add_text(ev, n, 3, 120, 0.1);
    n = add_text(ev, n, 2, 140, 0.1);
    n = add_text(ev, n, 4, 160, 0.1);
    ev[n++] = (struct event){160.3, DRAFTED(9, 6)};
    ev[n++] = (struct event){161, USAGE(10, 10)};
    struct run_figures f = measure(ev, n);
    near(f.decode_window_ms, 60.3);
    assert_int_equal(f.steps, 4);
    assert_int_equal(f.step_tokens, 10);
    near(f.step_ms, 60.3 / 3);
    near(f.itl_ms[ITL_EVEN][0], 0.1);
}

/* The same steps, each one read, the first token together with the first of them: two are left in 40 ms. */
static void counts_steps_of_whole_reads(void **state)
{
    (void)state;
    struct event ev[16];
    size_t n = add_text(ev, 0, 4, 120, 0);
    n = add_text(ev, n, 2, 140, 0);
    n = add_text(ev, n, 4, 160, 0);
    ev[n++] = (struct event){160, DRAFTED(9, 6)};
    ev[n++] = (struct event){161, USAGE(10, 10)};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.steps, 4);
    near(f.step_ms, 20);
}

/* More accepted than made, as a server that counts otherwise may say: then reads are the steps. */
static void believes_no_impossible_drafts(void **state)
{
    (void)state;
    struct event ev[16];
    size_t n = add_text(ev, 0, 1, 100, 0);
    n = add_text(ev, n, 9, 110, 10);
    ev[n++] = (struct event){190, DRAFTED(20, 10)};
    ev[n++] = (struct event){191, USAGE(10, 10)};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.steps, 10);
    near(f.step_ms, 10);
}

/* The fastest 64 tokens: 100 frames 10 ms apart but for 64 gaps of 5 ms in the middle. */
static void finds_the_peak(void **state)
{
    (void)state;
    struct event ev[256];
    double t = 100;
    size_t n = 0;
    for (int i = 0; i < 150; i++) {
        n = add_text(ev, n, 1, t, 0);
        t += i >= 40 && i < 104 ? 5 : 10;
    }
    ev[n++] = (struct event){t, FINISH("stop")};
    ev[n++] = (struct event){t, USAGE(10, 151)};
    struct run_figures f = measure(ev, n);
    near(f.peak64_tok_s, 64 / (64 * 0.005));
    near(f.decode_tok_s, 150 / (64 * 0.005 + 86 * 0.010));
}

/* Uneven gaps: 10 ms before a read of one token, 30 ms before a read of three, so all shares are 10; then one
 * of 50. */
static void shares_gaps_among_tokens(void **state)
{
    (void)state;
    struct event ev[16] = {{100, TEXT("a")}, {110, TEXT("b")}, {140, TEXT("c")},        {140, TEXT("d")},
                           {140, TEXT("e")}, {190, TEXT("f")}, {190, FINISH("length")}, {190, USAGE(9, 6)}};
    struct run_figures f = measure(ev, 8);
    near(f.itl_ms[ITL_EVEN][0], 10);
    near(f.itl_ms[ITL_EVEN][1], 10 + 40 * 0.6); /* place 3.6 of 10, 10, 10, 10, 50 */
    near(f.step_ms, 30);
    near(f.decode_tok_s, 5 / 0.090);
    assert_int_equal(f.decode_grade, GRADE_C);
}

/* Four of 40 tokens stayed silent before max_tokens: the finish frame carries the last one. */
static void counts_withheld_tokens(void **state)
{
    (void)state;
    struct event ev[64];
    size_t n = add_text(ev, 0, 36, 100, 10);
    ev[n++] = (struct event){490, FINISH("length")};
    ev[n++] = (struct event){490, USAGE(10, 40)};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.split.tail, 1);
    assert_int_equal(f.t_last_token, AT(0, 490));
    near(f.decode_tok_s, 39 / 0.390);
    near(sum_of_tokens(), 40);
}

/* Frames of several tokens are not silent ones: 60 tokens in 20 frames end with the last frame. */
static void takes_wide_frames_as_they_are(void **state)
{
    (void)state;
    struct event ev[32];
    size_t n = add_text(ev, 0, 20, 100, 30);
    ev[n++] = (struct event){700, FINISH("length")};
    ev[n++] = (struct event){700, USAGE(10, 60)};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.split.tail, 0);
    assert_int_equal(f.first_read_tokens, 3);
    near(f.decode_window_ms, 570);
    near(f.decode_tok_s, 57 / 0.570);
    assert_int_equal(f.decode_grade, GRADE_B);
    near(f.itl_ms[ITL_EVEN][0], 10);
}

static void measures_a_tool_call_first_turn(void **state)
{
    (void)state;
    struct event ev[] = {{10, ROLE},
                         {120, CALL("read_file", "{")},
                         {130, MORE("\\\"path\\\":")},
                         {140, MORE("\\\"a\\\"}")},
                         {150, FINISH("tool_calls")},
                         {150, USAGE(10, 4)}};
    struct run_figures f = measure(ev, 6);
    assert_int_equal(f.invalid, 0);
    near(f.ttft_ms, 120);
    assert_true(isnan(f.ttft_content_ms));
    assert_int_equal(f.tool_calls, 1);
    assert_int_equal(f.visible_tokens, 3);
    near(f.decode_tok_s, 3 / 0.030);
    assert_int_equal(f.text_bytes, 0);
}

/* Ten silent tokens (the head of a call) come before the first fragment at 200 ms; the server's clock began
 * at 100 ms, and its 49 further tokens took 490 ms. */
static void finds_silent_tokens_before_the_first_frame(void **state)
{
    (void)state;
    struct event ev[64] = {{200, CALL("f", "[0")}};
    size_t n = 1;
    for (int i = 1; i < 38; i++)
        ev[n++] = (struct event){200 + 10.0 * i, MORE(",0")};
    ev[n++] = (struct event){580, MORE("]")};
    ev[n++] = (struct event){590, FINISH("tool_calls")};
    ev[n++] =
        (struct event){590, CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":50},"
                                  "\"timings\":{\"predicted_n\":50,\"predicted_ms\":490}")};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.invalid, 0);
    assert_int_equal(f.split.lead, 10);
    assert_int_equal(f.first_read_tokens, 11);
    near(f.decode_tok_s, 100);
    assert_int_equal(f.decode_grade, GRADE_B);
    near(sum_of_tokens(), 50);
}

/* With a token for every frame there is no room for silent ones: a server's clock that lies moves nothing. */
static void does_not_copy_the_servers_rate(void **state)
{
    (void)state;
    struct event ev[64];
    size_t n = add_text(ev, 0, 40, 100, 10);
    ev[n++] = (struct event){500, FINISH("stop")};
    ev[n++] =
        (struct event){500, CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":41},"
                                  "\"timings\":{\"predicted_n\":41,\"predicted_ms\":800,"
                                  "\"predicted_per_second\":51.25}")};
    struct run_figures f = measure(ev, n);
    near(f.decode_tok_s, 100);
    near(f.server_predicted_ms, 800);
    assert_int_equal(f.server_predicted_n, 41);
}

static void separates_reasoning_from_content(void **state)
{
    (void)state;
    struct event ev[] = {{100, THINK("l\xC3\xA4ngs")},
                         {110, THINK("t")},
                         {120, TEXT("Hi")},
                         {130, FINISH("stop")},
                         {130, USAGE(10, 4)}};
    struct run_figures f = measure(ev, 5);
    near(f.ttft_ms, 100);
    near(f.ttft_content_ms, 120);
    assert_int_equal(f.reasoning_chars, 6);
    assert_int_equal(f.text_bytes, 9);
    assert_int_equal(f.thinking_not_honoured, 0);
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    sha256_of("l\xC3\xA4ngst\0Hi\0", 11, digest);
    sha256_hex(digest, hex);
    assert_string_equal(f.text_sha256, hex);
    static const char *const off[] = {"{\"chat_template_kwargs\":{\"enable_thinking\":false}}",
                                      "{\"reasoning_effort\":\"none\"}", "{\"enable_thinking\":false}"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(measure_request(off[i], ev, 5).thinking_not_honoured, 1);
    assert_int_equal(measure_request(off[0], ev + 2, 3).thinking_not_honoured, 0);
    assert_int_equal(
        measure_request("{\"chat_template_kwargs\":{\"enable_thinking\":true}}", ev, 5).thinking_not_honoured,
        0);
}

static void gives_no_rate_for_one_token(void **state)
{
    (void)state;
    struct event ev[] = {{100, TEXT("Yes")}, {110, FINISH("length")}, {110, USAGE(10, 1)}};
    struct run_figures f = measure(ev, 3);
    assert_int_equal(f.invalid, 0);
    assert_int_equal(f.completion_tokens, 1);
    assert_true(isnan(f.decode_tok_s));
    assert_int_equal(f.decode_grade, GRADE_NONE);
    assert_true(isnan(f.itl_ms[ITL_EVEN][0]) && isnan(f.step_ms));
    near(f.ttft_ms, 100);
}

static void fails_an_answer_without_tokens(void **state)
{
    (void)state;
    struct event none[] = {{10, ROLE}, {110, FINISH("stop")}, {110, USAGE(10, 0)}};
    struct run_figures f = measure(none, 3);
    assert_int_equal(f.invalid, INVALID_NO_TOKEN);
    assert_int_equal(f.ok, 1);
    assert_true(isnan(f.ttft_ms));
    assert_int_equal(f.t_first_token, ABSENT);
    assert_int_equal(f.completion_tokens, 0);
    struct event silent[] = {{10, ROLE}, {110, FINISH("stop")}, {110, USAGE(10, 5)}};
    assert_int_equal(measure(silent, 3).invalid, INVALID_EMPTY);
}

static void counts_frames_when_usage_is_missing(void **state)
{
    (void)state;
    struct event ev[64];
    size_t n = add_text(ev, 0, 40, 100, 10);
    ev[n++] = (struct event){500, FINISH("stop")};
    ev[n++] = (struct event){500, DONE};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.completion_tokens, 40);
    assert_int_equal(f.completion_grade, GRADE_C);
    assert_int_equal(f.decode_grade, GRADE_C);
    near(f.decode_tok_s, 39 / 0.400);
    assert_int_equal(f.prompt_tokens, ABSENT);
    assert_int_equal(f.cached_state, CACHED_ABSENT);
}

static void believes_usage_over_frames(void **state)
{
    (void)state;
    struct event ev[64];
    size_t n = add_text(ev, 0, 50, 100, 10);
    ev[n++] = (struct event){600, FINISH("stop")};
    ev[n++] = (struct event){600, USAGE(10, 40)};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.completion_tokens, 40);
    near(sum_of_tokens(), 40);
    assert_int_equal(f.first_read_tokens, 0);
    near(f.decode_tok_s, 40 / 0.500);
}

/* The finish frame came with the usage and no sooner, 300 ms late: the text frames count. */
static void distrusts_a_finish_that_came_with_the_usage(void **state)
{
    (void)state;
    struct event ev[64];
    size_t n = add_text(ev, 0, 40, 100, 10);
    ev[n++] = (struct event){790, CHUNK("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                                        "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":41}")};
    struct run_figures f = measure(ev, n);
    assert_int_equal(f.invalid, 0);
    assert_int_equal(f.decode_grade, GRADE_B);
    near(f.decode_window_ms, 390);
    near(f.decode_tok_s, 39 / 0.390);
    assert_int_equal(f.decode_tokens, 39);
    near(sum_of_tokens(), 41);
}

#define COUNTED(n)                                                                                           \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"timings\":{\"predicted_n\":" #n "}")
#define STATED(n)                                                                                            \
    CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":9,"        \
          "\"completion_tokens\":" #n "}")
#define IDS(ids) CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"token_ids\":[" ids "]}]")

static void expect_tokens(const double *tokens, size_t count)
{
    assert_int_equal(time_count, count);
    for (size_t i = 0; i < count; i++)
        near(times[i].tokens, tokens[i]);
}

/* The same 8 tokens, told in three ways: 3 at once, 1, 2 (one of them silent before it), and 2 that stay
 * silent. */
static void follows_the_engines_own_count(void **state)
{
    (void)state;
    static const double want[] = {3, 1, 2, 2};
    struct event timings[] = {
        {100, COUNTED(3)}, {110, COUNTED(4)}, {130, COUNTED(6)}, {150, FINISH("stop")}, {150, USAGE(9, 8)}};
    struct event usage[] = {
        {100, STATED(3)}, {110, STATED(4)}, {130, STATED(6)}, {150, FINISH("stop")}, {150, USAGE(9, 8)}};
    struct event ids[] = {
        {100, IDS("1,2,3")}, {110, IDS("4")}, {130, IDS("5,6")}, {150, FINISH("stop")}, {150, USAGE(9, 8)}};
    struct event *all[] = {timings, usage, ids};
    const enum token_source sources[] = {TOKENS_FROM_TIMINGS, TOKENS_FROM_USAGE, TOKENS_FROM_IDS};
    for (size_t i = 0; i < 3; i++) {
        struct run_figures f = measure(all[i], 5);
        assert_int_equal(f.token_source, sources[i]);
        assert_int_equal(f.first_read_tokens, 3);
        near(f.decode_tok_s, 5 / 0.050);
        expect_tokens(want, 4);
    }
}

/* A count that is missing once, or runs backwards, is no count. */
static void gives_up_a_broken_count(void **state)
{
    (void)state;
    struct event missing[] = {
        {100, COUNTED(1)}, {110, TEXT("x")}, {120, COUNTED(3)}, {130, FINISH("length")}, {130, USAGE(9, 3)}};
    struct event backwards[] = {
        {100, COUNTED(5)}, {110, COUNTED(4)}, {120, COUNTED(6)}, {130, FINISH("length")}, {130, USAGE(9, 3)}};
    static const double want[] = {1, 1, 1};
    assert_int_equal(measure(missing, 5).token_source, TOKENS_EVEN_SPLIT);
    expect_tokens(want, 3);
    assert_int_equal(measure(backwards, 5).token_source, TOKENS_EVEN_SPLIT);
    expect_tokens(want, 3);
}

#define PREFILL(prompt, cached, timings)                                                                     \
    CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":" #prompt ",\"completion_tokens\":3,"                 \
          "\"prompt_tokens_details\":{\"cached_tokens\":" #cached "}}" timings)

static void measures_prefill(void **state)
{
    (void)state;
    struct event ev[] = {{100, TEXT("a")}, {110, TEXT("b")}, {120, FINISH("stop")}, {120, NULL}};
    ev[3].text = PREFILL(1000, 200, ",\"timings\":{\"prompt_ms\":50}");
    struct run_figures f = measure(ev, 4);
    near(f.prefill_tok_s, 800 / 0.050);
    assert_int_equal(f.prefill_grade, GRADE_A);
    ev[3].text = PREFILL(1000, 200, "");
    f = measure(ev, 4);
    near(f.prefill_tok_s, 800 / 0.100);
    near(f.prefill_ms, 100);
    assert_int_equal(f.prefill_grade, GRADE_B);
    assert_int_equal(f.cached_tokens, 200);
    ev[3].text = PREFILL(1000, 745, "");
    assert_true(isnan(measure(ev, 4).prefill_tok_s));
    ev[3].text = PREFILL(1000, 744, "");
    near(measure(ev, 4).prefill_tok_s, 256 / 0.100);
    ev[3].text = PREFILL(1000, null, "");
    f = measure(ev, 4);
    assert_int_equal(f.cached_state, CACHED_NULL);
    assert_int_equal(f.cached_tokens, ABSENT);
    assert_true(isnan(f.prefill_tok_s));
    ev[3].text = CHUNK(
        "\"choices\":[],\"timings\":{\"cache_n\":10,\"prompt_n\":390,\"prompt_ms\":39,\"predicted_n\":3}");
    f = measure(ev, 4);
    assert_int_equal(f.prompt_tokens, 400);
    assert_int_equal(f.cached_tokens, 10);
    near(f.prefill_tok_s, 10000);
}

static void keeps_the_last_statement_of_each_number(void **state)
{
    (void)state;
    struct event ev[] = {
        {100, CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"usage\":null,"
                    "\"timings\":{\"predicted_per_second\":9}")},
        {110, FINISH("stop")},
        {110, CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2},\"timings\":{"
                    "\"draft_n\":4,"
                    "\"draft_n_accepted\":3}")},
        {111, CHUNK("\"choices\":[],\"usage\":{\"completion_tokens\":2}")}};
    struct run_figures f = measure(ev, 4);
    assert_int_equal(f.prompt_tokens, 7);
    assert_int_equal(f.completion_tokens, 2);
    assert_int_equal(f.draft_tokens, 4);
    assert_int_equal(f.draft_accepted, 3);
}

static void marks_early_stops(void **state)
{
    (void)state;
    struct event ev[] = {{100, TEXT("a")}, {110, FINISH("stop")}, {110, USAGE(9, 50)}};
    assert_int_equal(measure_request("{\"max_tokens\":100}", ev, 3).early_stop, 0);
    assert_int_equal(measure_request("{\"max_tokens\":101}", ev, 3).early_stop, 1);
    assert_int_equal(measure_request("{\"max_completion_tokens\":400}", ev, 3).early_stop, 1);
    assert_int_equal(measure_request("{}", ev, 3).early_stop, 0);
    assert_int_equal(measure_request("{}", ev, 3).max_tokens, ABSENT);
    assert_int_equal(measure_request("{\"max_tokens\":10}", ev, 3).early_stop, 0);
}

static void judges_endings(void **state)
{
    (void)state;
    struct event open_end[] = {{100, TEXT("a")}, {110, TEXT("b")}, {110, DONE}};
    struct run_figures f = measure(open_end, 3);
    assert_int_equal(f.invalid, INVALID_CUT);
    assert_int_equal(f.ok, 1);
    assert_string_equal(run_error(&f), "the stream ended without a finish reason after 2 token frames");
    near(f.decode_window_ms, 10);
    struct event broken[] = {{100, TEXT("a")},
                             {110, "data: {\"error\":{\"message\":\"out of \\u0007memory\"}}\n\n"}};
    f = measure(broken, 2);
    assert_int_equal(f.invalid, INVALID_ERROR_OBJECT);
    assert_int_equal(f.ok, 0);
    assert_string_equal(run_error(&f), "the engine reported an error after 1 token frames: out of ?memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_a_plain_answer),
        cmocka_unit_test(measures_bursts),
        cmocka_unit_test(an_end_at_the_limit_has_two_names),
        cmocka_unit_test(counts_steps_by_accepted_drafts),
        cmocka_unit_test(counts_steps_of_whole_reads),
        cmocka_unit_test(believes_no_impossible_drafts),
        cmocka_unit_test(finds_the_peak),
        cmocka_unit_test(shares_gaps_among_tokens),
        cmocka_unit_test(counts_withheld_tokens),
        cmocka_unit_test(takes_wide_frames_as_they_are),
        cmocka_unit_test(measures_a_tool_call_first_turn),
        cmocka_unit_test(finds_silent_tokens_before_the_first_frame),
        cmocka_unit_test(does_not_copy_the_servers_rate),
        cmocka_unit_test(separates_reasoning_from_content),
        cmocka_unit_test(gives_no_rate_for_one_token),
        cmocka_unit_test(fails_an_answer_without_tokens),
        cmocka_unit_test(counts_frames_when_usage_is_missing),
        cmocka_unit_test(believes_usage_over_frames),
        cmocka_unit_test(distrusts_a_finish_that_came_with_the_usage),
        cmocka_unit_test(follows_the_engines_own_count),
        cmocka_unit_test(gives_up_a_broken_count),
        cmocka_unit_test(measures_prefill),
        cmocka_unit_test(keeps_the_last_statement_of_each_number),
        cmocka_unit_test(marks_early_stops),
        cmocka_unit_test(judges_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
