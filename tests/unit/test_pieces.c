/* SPDX-License-Identifier: MIT */
/* Tokens by the engine's tokeniser: which frame brought which of them, and when that is not believed. */
#include "measure_fixture.h"

#include "analyze/heard.h"
#include "analyze/trace_remarks.h"
#include "formats/rows.h"

#define LENGTHS(octets)                                                                                      \
    (struct bytes)                                                                                           \
    {                                                                                                        \
        (const unsigned char *)(octets), sizeof(octets) - 1                                                  \
    }

/* A trace of one answer, with these lengths of tokens. */
static int load_cut(const struct event *events, size_t count, struct bytes lengths,
                    const struct tape_options *options, struct tape *tape, struct error *e)
{
    struct fixture f;
    struct pieces_row row = {0, lengths};
    fixture_open(&f, MEASURE_META);
    fixture_clock(&f, ZERO(0) - 5000 * MS);
    double last = fixture_stream(&f, 0, fixture_body(&f, PLAIN_REQUEST), events, count);
    fixture_row(&f, TABLE_PIECES, &row);
    fixture_end(&f, 0, last + 1);
    return fixture_load(&f, tape, options, e);
}

static struct run_figures measure_cut(const struct event *events, size_t count, struct bytes lengths)
{
    struct tape tape;
    struct error e = {0};
    struct tape_options options = {.on_run = keep_times};
    if (load_cut(events, count, lengths, &options, &tape, &e))
        fail_msg("%s", e.text);
    struct run_figures figures = tape.runs[0];
    assert_int_equal(tape.pieces_bytes, 0); /* nobody asked for them to be kept */
    tape_release(&tape);
    return figures;
}

static void expect_tokens(const double *tokens, size_t count)
{
    assert_int_equal(time_count, count);
    for (size_t i = 0; i < count; i++)
        near(times[i].tokens, tokens[i]);
}

/* "The", then three words at once, a full stop and the silent end: 6 tokens, of which an even split would
 * give the three frames 1, 2, 2. */
static void follows_the_cuts_of_a_burst(void **state)
{
    (void)state;
    static const double want[] = {1, 3, 1, 1};
    struct event ev[] = {{100, TEXT("The")},
                         {110, TEXT(" cat sat on")},
                         {130, TEXT(".")},
                         {140, FINISH("stop")},
                         {140, USAGE(9, 6)}};
    struct run_figures f = measure_cut(ev, 5, LENGTHS("\3\4\4\3\1"));
    assert_int_equal(f.token_source, TOKENS_FROM_TOKENISER);
    assert_string_equal(token_source_name(f.token_source), "tokeniser");
    assert_false(f.pieces_misfit);
    expect_tokens(want, 4);
    near(f.decode_tok_s, 5 / 0.040);
    assert_int_equal(measure(ev, 5).token_source, TOKENS_EVEN_SPLIT);
}

/* The first read brought 3 tokens of 36, which only the tokeniser tells: derived, not counted. */
static void grades_a_first_burst_as_derived(void **state)
{
    (void)state;
    static const double want[] = {3, 1, 32};
    unsigned char lengths[36];
    struct event ev[] = {{100, TEXT("abc")},
                         {110, TEXT("d")},
                         {200, TEXT("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee")},
                         {210, FINISH("length")},
                         {210, USAGE(9, 36)}};
    memset(lengths, 1, sizeof lengths);
    struct run_figures f = measure_cut(ev, 5, (struct bytes){lengths, sizeof lengths});
    expect_tokens(want, 3);
    assert_int_equal(f.first_read_tokens, 3);
    assert_int_equal(f.decode_grade, GRADE_B);
    near(f.decode_tok_s, 33 / 0.100);
}

/* A token that is cut over two frames was there when its first byte came; the second frame then brings one
 * token less, or none. */
static void gives_a_token_to_its_first_byte(void **state)
{
    (void)state;
    static const double two_over_three[] = {1, 1, 0}, behind[] = {2, 1};
    struct event ev[] = {
        {100, TEXT("ab")}, {110, TEXT("cd")}, {120, TEXT("ef")}, {130, FINISH("length")}, {130, USAGE(9, 2)}};
    struct run_figures f = measure_cut(ev, 5, LENGTHS("\2\4"));
    assert_int_equal(f.token_source, TOKENS_FROM_TOKENISER);
    expect_tokens(two_over_three, 3);
    struct event held[] = {
        {100, TEXT("ab")}, {110, TEXT("cdef")}, {130, FINISH("length")}, {130, USAGE(9, 3)}};
    measure_cut(held, 4, LENGTHS("\1\4\1"));
    expect_tokens(behind, 2);
}

/* Characters of 3 and 4 bytes, cut into tokens inside them, come whole: lengths are bytes, not characters,
 * and escapes count as what they stand for. */
static void counts_bytes_of_whole_characters(void **state)
{
    (void)state;
    static const double want[] = {1, 2, 3};
    struct event ev[] = {{100, TEXT("a\\n")},
                         {110, TEXT("\xe6\xb5\xb7")},
                         {120, TEXT("\\ud83c\\udf0a")},
                         {130, FINISH("length")},
                         {130, USAGE(9, 6)}};
    struct run_figures f = measure_cut(ev, 5, LENGTHS("\2\1\2\1\1\2"));
    assert_int_equal(f.token_source, TOKENS_FROM_TOKENISER);
    expect_tokens(want, 3);
}

/* Frames of one read are one entry, and reasoning is text as content is. */
static void follows_reasoning_and_shared_reads(void **state)
{
    (void)state;
    static const double want[] = {3, 2};
    struct event ev[] = {{100, THINK("ab")},
                         {100, THINK("c")},
                         {110, THINK("de")},
                         {120, FINISH("length")},
                         {120, USAGE(9, 5)}};
    struct run_figures f = measure_cut(ev, 5, LENGTHS("\1\1\1\1\1"));
    assert_int_equal(f.token_source, TOKENS_FROM_TOKENISER);
    expect_tokens(want, 2);
}

static void expect_misfit(const struct event *events, size_t count, struct bytes lengths)
{
    struct run_figures plain = measure(events, count), f = measure_cut(events, count, lengths);
    assert_int_equal(f.token_source, TOKENS_EVEN_SPLIT);
    assert_true(f.pieces_misfit);
    near(f.decode_tok_s, plain.decode_tok_s);
    near(sum_of_tokens(), (double)plain.completion_tokens);
}

/* Each of these leaves the even split as it would be without them. */
static void does_not_believe_what_does_not_add_up(void **state)
{
    (void)state;
    static const unsigned char huge[] = {3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 3};
    struct event ev[] = {
        {100, TEXT("The")}, {110, TEXT(" cat")}, {120, FINISH("length")}, {120, USAGE(9, 4)}};
    assert_int_equal(measure_cut(ev, 4, LENGTHS("\3\1\1\2")).token_source, TOKENS_FROM_TOKENISER);
    expect_misfit(ev, 4, LENGTHS("\3\1\1\1"));             /* a byte too few */
    expect_misfit(ev, 4, LENGTHS("\3\1\1\3"));             /* and too many */
    expect_misfit(ev, 4, LENGTHS("\3\4"));                 /* fewer tokens than counted */
    expect_misfit(ev, 4, LENGTHS("\1\1\1\1\1\1\1"));       /* more */
    expect_misfit(ev, 4, LENGTHS("\3\3\1"));               /* one silent, where nothing stopped */
    expect_misfit(ev, 4, LENGTHS("\1\1\1\1\1\1\1\1\1\1")); /* more tokens than bytes */
    expect_misfit(ev, 4, LENGTHS("\3\0\1\3"));             /* without text */
    expect_misfit(ev, 4, LENGTHS("\3\1\1\202"));           /* cut off */
    expect_misfit(ev, 4, LENGTHS("\3\1\1\202\0"));         /* not the shortest spelling */
    expect_misfit(ev, 4, (struct bytes){huge, sizeof huge});
    ev[2].text = FINISH("stop");
    assert_int_equal(measure_cut(ev, 4, LENGTHS("\3\3\1")).token_source, TOKENS_FROM_TOKENISER);
    expect_misfit(ev, 4, LENGTHS("\3\4")); /* two silent: where did they stand? */
    ev[3].text = USAGE(9, 1);
    expect_misfit(ev, 4, LENGTHS("\3\4")); /* fewer counted than there are */
}

/* Tags around reasoning and brackets of calls are tokens, too. */
static void does_not_believe_calls_or_an_unknown_count(void **state)
{
    (void)state;
    struct event call[] = {
        {100, TEXT("ab")}, {110, CALL("f", "{}")}, {120, FINISH("tool_calls")}, {120, USAGE(9, 3)}};
    struct event silent[] = {{100, TEXT("ab")}, {110, TEXT("cd")}, {120, FINISH("length")}};
    expect_misfit(call, 4, LENGTHS("\1\1"));
    expect_misfit(silent, 3, LENGTHS("\1\1\1\1"));
}

/* What the stream counts itself is better, and no lengths at all are no contradiction. */
static void prefers_counts_of_the_stream(void **state)
{
    (void)state;
    static const double want[] = {2, 3};
    struct event ev[] = {
        {100,
         CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ab\"}}],\"timings\":{\"predicted_n\":2}")},
        {110,
         CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"c\"}}],\"timings\":{\"predicted_n\":5}")},
        {120, FINISH("length")},
        {120, USAGE(9, 5)}};
    struct run_figures f = measure_cut(ev, 4, LENGTHS("\1\1\1"));
    assert_int_equal(f.token_source, TOKENS_FROM_TIMINGS);
    assert_false(f.pieces_misfit);
    expect_tokens(want, 2);
    struct event plain[] = {{100, TEXT("ab")}, {110, FINISH("length")}, {110, USAGE(9, 2)}};
    f = measure_cut(plain, 3, LENGTHS(""));
    assert_int_equal(f.token_source, TOKENS_EVEN_SPLIT);
    assert_false(f.pieces_misfit);
}

static int expect_chunks(void *context, const struct heard_trace *heard, const struct heard *answer)
{
    static const uint32_t want[] = {1, 1, 2, 1, 0};
    int *answers = context;
    assert_int_equal(heard->chunks, 5);
    assert_int_equal(answer->count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(answer->chunks[i].tokens, want[i]);
    (*answers)++;
    return TT_OK;
}

/* Frame by frame, as exports and other tools' figures have it: the two frames of one read 1 and 2. */
static void tells_single_frames(void **state)
{
    (void)state;
    struct event ev[] = {{100, TEXT("The")},
                         {110, TEXT(" cat")},
                         {110, TEXT(" sat on")},
                         {120, FINISH("stop")},
                         {120, USAGE(9, 5)}};
    struct tape tape = {0};
    struct heard_trace heard;
    struct error e = {0};
    struct tape_options options = {0};
    int answers = 0;
    heard_init(&heard, &tape);
    heard_tap(&heard, &options);
    heard.take = expect_chunks;
    heard.context = &answers;
    if (load_cut(ev, 5, LENGTHS("\3\4\4\3"), &options, &tape, &e))
        fail_msg("%s", e.text);
    assert_int_equal(tape.pieces_bytes, 4);
    assert_int_equal(answers, 1);
    assert_int_equal(heard.chunks, 0);
    heard_release(&heard);
    tape_release(&tape);
}

/* Once for the trace, with how many runs. */
static void says_what_was_not_believed(void **state)
{
    (void)state;
    struct event ev[] = {
        {100, TEXT("The")}, {110, TEXT(" cat")}, {120, FINISH("length")}, {120, USAGE(9, 4)}};
    struct tape tape;
    struct text_list remarks = {0};
    assert_int_equal(load_cut(ev, 4, LENGTHS("\3\4"), NULL, &tape, NULL), TT_OK);
    assert_int_equal(trace_remarks(&tape, &remarks), TT_OK);
    assert_int_equal(remarks.count, 1);
    assert_non_null(
        strstr(remarks.items[0], "tokeniser cuts the text into other tokens than were counted in 1 of 1"));
    text_list_release(&remarks);
    tape_release(&tape);
}

static void expect_damage(uint64_t run, int after_the_end, int times_over, const char *sentence)
{
    struct fixture f;
    struct tape tape;
    struct error e = {0};
    struct pieces_row row = {run, LENGTHS("\1")};
    fixture_open(&f, MEASURE_META);
    fixture_begin(&f, 0, ABSENT);
    if (after_the_end) {
        fixture_end(&f, 0, 5);
        assert_int_equal(trace_writer_flush(f.writer, NULL), TT_OK);
    }
    for (int i = 0; i < times_over; i++)
        fixture_row(&f, TABLE_PIECES, &row);
    assert_int_equal(fixture_load(&f, &tape, NULL, &e), TT_DAMAGED);
    assert_non_null(strstr(e.text, sentence));
    tape_release(&tape);
}

static void refuses_rows_that_cannot_be(void **state)
{
    (void)state;
    expect_damage(0, 1, 1, "run 0 has pieces after its end");
    expect_damage(0, 0, 2, "run 0 has pieces twice");
    expect_damage(5, 0, 1, "run 5 is spoken of before it begins");
    expect_damage(UINT64_MAX - 1, 0, 1, "is spoken of before it begins");
}

/* Rows of 4 MiB, a run each, until more than 64 MiB would be held. */
static void holds_no_more_than_the_cap(void **state)
{
    (void)state;
    static unsigned char ones[BATCH_VALUE_MAX];
    struct fixture f;
    struct tape tape;
    struct error e = {0};
    memset(ones, 1, sizeof ones);
    fixture_open(&f, MEASURE_META);
    for (uint64_t run = 0; run <= TAPE_PIECES_MAX / sizeof ones; run++) {
        struct pieces_row row = {run, {ones, sizeof ones}};
        fixture_begin(&f, run, ABSENT);
        fixture_row(&f, TABLE_PIECES, &row);
    }
    assert_int_equal(fixture_load(&f, &tape, NULL, &e), TT_LIMIT);
    assert_non_null(strstr(e.text, "pieces of answers take more than"));
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_cuts_of_a_burst),
        cmocka_unit_test(grades_a_first_burst_as_derived),
        cmocka_unit_test(gives_a_token_to_its_first_byte),
        cmocka_unit_test(counts_bytes_of_whole_characters),
        cmocka_unit_test(follows_reasoning_and_shared_reads),
        cmocka_unit_test(does_not_believe_what_does_not_add_up),
        cmocka_unit_test(does_not_believe_calls_or_an_unknown_count),
        cmocka_unit_test(prefers_counts_of_the_stream),
        cmocka_unit_test(tells_single_frames),
        cmocka_unit_test(says_what_was_not_believed),
        cmocka_unit_test(refuses_rows_that_cannot_be),
        cmocka_unit_test(holds_no_more_than_the_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
