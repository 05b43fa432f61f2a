/* SPDX-License-Identifier: MIT */
/* What a trace's runs, tokens and samples become on a timeline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/timeline.h"

#define MS         UINT64_C(1000000)
#define RUNS       3
#define EVENTS_MAX 32

struct scene {
    struct timeline line;
    struct tape tape;
    struct run_figures figures[RUNS];
    struct cell_run runs[RUNS];
    struct export_run told[RUNS];
    struct tape_series series[2];
    struct export_trace trace;
    struct timeline_event events[EVENTS_MAX]; /* as they were told */
    char texts[EVENTS_MAX][TIMELINE_TEXT];
    size_t count;
};

static char joules[] = "uJ", bytes[] = "byte";

static int keep(void *context, const struct timeline_event *event, struct error *e)
{
    struct scene *s = context;
    (void)e;
    assert_true(s->count < EVENTS_MAX);
    s->events[s->count] = *event;
    snprintf(s->texts[s->count], TIMELINE_TEXT, "%s", event->text ? event->text : "");
    s->events[s->count].text = s->texts[s->count];
    s->count++;
    return TT_OK;
}

/* Nothing is known of when the runs were; the clock begins at 100 ms. */
static int set_up(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    s.line.tell = keep;
    s.line.context = &s;
    s.tape = (struct tape){.ticks_numer = 1,
                           .ticks_denom = 1,
                           .t_origin = 100 * MS,
                           .runs = s.figures,
                           .run_count = RUNS,
                           .series = s.series,
                           .series_count = 2};
    s.trace.tape = &s.tape;
    for (size_t i = 0; i < RUNS; i++) {
        struct run_figures *f = &s.figures[i];
        f->run = i;
        f->t_start = f->t_zero = f->t_first_token = f->t_last_token = f->t_close = f->t_last_arrival = ABSENT;
        s.told[i] = (struct export_run){&s.trace, &s.runs[i], "phase"};
    }
    s.series[0].row = (struct series_row){.series = 0, .kind = SERIES_ENERGY, .wrap = 999999};
    s.series[0].unit = joules;
    s.series[1].row = (struct series_row){.series = 1, .kind = SERIES_RSS, .wrap = ABSENT};
    s.series[1].unit = bytes;
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    timeline_release(&((struct scene *)*state)->line);
    return 0;
}

/* Starts at `from`, is sent 1 ms later, and closes at `to`. */
static struct run_figures *plan_run(struct scene *s, size_t id, uint64_t from, uint64_t to)
{
    struct run_figures *f = &s->figures[id];
    f->t_start = from;
    f->t_zero = from + MS;
    f->t_close = to;
    return f;
}

static int begin(struct scene *s, struct error *e)
{
    return timeline_begin(&s->line, &s->tape, e);
}

static void begin_run(struct scene *s, size_t id)
{
    s->runs[id].figures = &s->figures[id];
    assert_int_equal(timeline_run(&s->line, &s->told[id], NULL), TT_OK);
}

/* One run from 100 to 200 ms, which has begun. */
static void begin_one(struct scene *s)
{
    plan_run(s, 0, 100 * MS, 200 * MS);
    assert_int_equal(begin(s, NULL), TT_OK);
    begin_run(s, 0);
}

static int bring_frame(struct scene *s, size_t id, uint64_t t, uint64_t read, const struct chat_frame *chat)
{
    struct stream_frame inner = {.read = read, .chat = chat};
    struct export_frame frame = {&s->told[id], {t, 0, 0}, &inner, chat->kind == FRAME_CONTENT};
    return timeline_frame(&s->line, &frame, NULL);
}

static void bring(struct scene *s, size_t id, uint64_t t, uint64_t read, const char *text)
{
    struct chat_frame chat = {.kind = FRAME_CONTENT, .content = {(const unsigned char *)text, strlen(text)}};
    assert_int_equal(bring_frame(s, id, t, read, &chat), TT_OK);
}

static void bring_progress(struct scene *s, size_t id, uint64_t t, uint64_t processed)
{
    struct chat_frame chat = {.kind = FRAME_ROLE, .has_progress = 1, .progress = {.processed = processed}};
    assert_int_equal(bring_frame(s, id, t, 0, &chat), TT_OK);
}

static void measure(struct scene *s, size_t series, uint64_t t, uint64_t value)
{
    struct sample_row row = {.series = series, .t = t, .value = value};
    struct export_sample sample = {&s->trace, &s->series[series], &row, t, 0};
    assert_int_equal(timeline_sample(&s->line, &sample, NULL), TT_OK);
}

static size_t count_of(const struct scene *s, enum timeline_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        count += s->events[i].kind == kind;
    return count;
}

static const struct timeline_event *find(const struct scene *s, enum timeline_kind kind, size_t number)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->events[i].kind == kind && number-- == 0)
            return &s->events[i];
    }
    fail_msg("there are not so many events of kind %d", kind);
    return NULL;
}

static void expect_slice(const struct timeline_event *slice, uint64_t t, uint64_t duration)
{
    assert_int_equal(slice->t, t);
    assert_int_equal(slice->duration, duration);
}

static void test_runs_at_one_time_have_lanes(void **state)
{
    struct scene *s = *state;
    plan_run(s, 0, 100 * MS, 200 * MS);
    plan_run(s, 1, 150 * MS, 300 * MS);
    plan_run(s, 2, 200 * MS, 250 * MS);
    assert_int_equal(begin(s, NULL), TT_OK);
    assert_int_equal(s->line.lane_count, 2);
    for (size_t i = 0; i < RUNS; i++)
        begin_run(s, i);
    assert_int_equal(find(s, TIMELINE_TURN, 0)->lane, 0);
    assert_int_equal(find(s, TIMELINE_TURN, 1)->lane, 1);
    assert_int_equal(find(s, TIMELINE_TURN, 2)->lane, 0);
    expect_slice(find(s, TIMELINE_TURN, 1), 50 * MS, 150 * MS);
    assert_ptr_equal(find(s, TIMELINE_TURN, 1)->run, &s->told[1]);
    assert_int_equal(s->line.span, 200 * MS);
}

/* Nothing is held back but the slice that may still grow. */
static void test_events_are_told_as_they_are_known(void **state)
{
    struct scene *s = *state;
    struct run_figures *f = plan_run(s, 0, 100 * MS, 200 * MS);
    f->t_first_token = 110 * MS;
    f->t_last_token = 190 * MS;
    assert_int_equal(begin(s, NULL), TT_OK);
    begin_run(s, 0);
    expect_slice(find(s, TIMELINE_TURN, 0), 0, 100 * MS);
    expect_slice(find(s, TIMELINE_CONNECT, 0), 0, MS);
    expect_slice(find(s, TIMELINE_PREFILL, 0), MS, 9 * MS);
    expect_slice(find(s, TIMELINE_DECODE, 0), 10 * MS, 80 * MS);
    bring(s, 0, 110 * MS, 0, "one");
    assert_int_equal(count_of(s, TIMELINE_TOKENS), 0);
    bring(s, 0, 190 * MS, 1, "two");
    assert_int_equal(count_of(s, TIMELINE_TOKENS), 1);
    measure(s, 1, 195 * MS, 4096);
    assert_int_equal(count_of(s, TIMELINE_SENSOR), 1);
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    assert_int_equal(count_of(s, TIMELINE_TOKENS), 2);
}

/* Its end was not seen: what came last is the end, and nobody else has its lane until then. */
static void test_a_run_without_an_end_lasts_until_what_came_last(void **state)
{
    struct scene *s = *state;
    plan_run(s, 0, 100 * MS, ABSENT)->t_last_arrival = 180 * MS;
    plan_run(s, 1, 170 * MS, 200 * MS);
    plan_run(s, 2, 180 * MS, 200 * MS);
    assert_int_equal(begin(s, NULL), TT_OK);
    for (size_t i = 0; i < RUNS; i++)
        begin_run(s, i);
    expect_slice(find(s, TIMELINE_TURN, 0), 0, 80 * MS);
    assert_int_equal(find(s, TIMELINE_TURN, 1)->lane, 1);
    assert_int_equal(find(s, TIMELINE_TURN, 2)->lane, 0);
}

static void test_a_run_of_no_known_time_is_not_shown(void **state)
{
    struct scene *s = *state;
    begin_one(s);
    s->count = 0;
    begin_run(s, 1);
    bring(s, 1, 110 * MS, 0, "a");
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    assert_int_equal(s->count, 0);
}

static void test_tokens_of_a_read_are_one_slice(void **state)
{
    struct scene *s = *state;
    begin_one(s);
    bring(s, 0, 110 * MS, 4, "one");
    bring(s, 0, 120 * MS, 5, " and");
    bring(s, 0, 120 * MS, 5, " two");
    bring(s, 0, 130 * MS, 6, "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    const struct timeline_event *second = find(s, TIMELINE_TOKENS, 1);
    expect_slice(find(s, TIMELINE_TOKENS, 0), 10 * MS, 0);
    expect_slice(second, 10 * MS, 10 * MS);
    assert_int_equal(second->value.count, 2);
    assert_string_equal(second->text, " and two");
    assert_int_equal(strlen(find(s, TIMELINE_TOKENS, 2)->text), 15); /* five whole characters */
}

static void test_a_text_is_cut_between_characters(void **state)
{
    struct scene *s = *state;
    begin_one(s);
    bring(s, 0, 110 * MS, 0,
          "abcdefghijklmn\xC3\xA9"
          "z");
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    assert_string_equal(find(s, TIMELINE_TOKENS, 0)->text, "abcdefghijklmn");
}

static void test_slices_do_not_cross_when_stamps_go_back(void **state)
{
    struct scene *s = *state;
    begin_one(s);
    bring(s, 0, 150 * MS, 0, "a");
    bring(s, 0, 160 * MS, 1, "b");
    bring(s, 0, 155 * MS, 2, "c");
    bring(s, 0, 170 * MS, 3, "d");
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    expect_slice(find(s, TIMELINE_TOKENS, 2), 60 * MS, 0);
    expect_slice(find(s, TIMELINE_TOKENS, 3), 60 * MS, 10 * MS);
}

static void test_tokens_stay_within_their_run(void **state)
{
    struct scene *s = *state;
    begin_one(s);
    bring(s, 0, 90 * MS, 0, "a");
    bring(s, 0, 250 * MS, 1, "b");
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    expect_slice(find(s, TIMELINE_TOKENS, 0), 0, 0);
    expect_slice(find(s, TIMELINE_TOKENS, 1), 0, 100 * MS);
}

/* The next run of the lane begins in that very moment: its value has to come last. */
static void test_progress_goes_back_to_0_at_the_end(void **state)
{
    struct scene *s = *state;
    plan_run(s, 0, 100 * MS, 200 * MS);
    plan_run(s, 1, 200 * MS, 300 * MS);
    assert_int_equal(begin(s, NULL), TT_OK);
    begin_run(s, 0);
    begin_run(s, 1);
    bring_progress(s, 0, 150 * MS, 512);
    bring_progress(s, 1, 200 * MS, 64);
    assert_int_equal(count_of(s, TIMELINE_PROGRESS), 3);
    assert_int_equal(find(s, TIMELINE_PROGRESS, 0)->t, 50 * MS);
    assert_true(find(s, TIMELINE_PROGRESS, 0)->value.number == 512);
    assert_int_equal(find(s, TIMELINE_PROGRESS, 1)->t, 100 * MS);
    assert_true(find(s, TIMELINE_PROGRESS, 1)->value.number == 0);
    assert_true(find(s, TIMELINE_PROGRESS, 2)->value.number == 64);
    assert_int_equal(timeline_end(&s->line, NULL), TT_OK);
    assert_int_equal(find(s, TIMELINE_PROGRESS, 3)->t, 200 * MS);
    assert_true(find(s, TIMELINE_PROGRESS, 3)->value.number == 0);
}

/* 500 000 uJ in 100 ms are 5 W; the counter goes on from 0 after 999 999. */
static void test_an_energy_counter_is_shown_in_watts(void **state)
{
    struct scene *s = *state;
    assert_int_equal(begin(s, NULL), TT_OK);
    measure(s, 0, 100 * MS, 100000);
    measure(s, 0, 200 * MS, 600000);
    measure(s, 0, 300 * MS, 100000);
    measure(s, 1, 300 * MS, 4096);
    assert_int_equal(s->count, 3);
    assert_int_equal(s->events[0].t, 0);
    assert_true(fabs(s->events[0].value.number - 5) < 1e-12);
    assert_ptr_equal(s->events[0].series, &s->series[0]);
    assert_int_equal(s->events[1].t, 100 * MS);
    assert_true(fabs(s->events[1].value.number - 5) < 1e-12);
    assert_true(s->events[2].value.number == 4096);
}

static void test_an_absent_value_is_none(void **state)
{
    struct scene *s = *state;
    assert_int_equal(begin(s, NULL), TT_OK);
    measure(s, 1, 100 * MS, ABSENT);
    measure(s, 0, 100 * MS, 100000);
    measure(s, 0, 150 * MS, ABSENT);
    measure(s, 0, 200 * MS, 600000);
    assert_int_equal(s->count, 1);
    assert_true(fabs(s->events[0].value.number - 5) < 1e-12);
}

static void test_a_counter_that_was_reset_has_no_power(void **state)
{
    struct scene *s = *state;
    s->series[0].row.wrap = ABSENT;
    assert_int_equal(begin(s, NULL), TT_OK);
    measure(s, 0, 100 * MS, 600000);
    measure(s, 0, 200 * MS, 100);
    measure(s, 0, 200 * MS, 200);
    assert_int_equal(s->count, 0);
}

static void test_times_count_from_the_clock_or_an_earlier_run(void **state)
{
    struct scene *s = *state;
    plan_run(s, 1, 120 * MS, 200 * MS);
    assert_int_equal(begin(s, NULL), TT_OK);
    begin_run(s, 1);
    expect_slice(find(s, TIMELINE_TURN, 0), 20 * MS, 80 * MS);
    plan_run(s, 2, 70 * MS, 80 * MS);
    assert_int_equal(begin(s, NULL), TT_OK);
    begin_run(s, 1);
    expect_slice(find(s, TIMELINE_TURN, 1), 50 * MS, 80 * MS);
    assert_int_equal(s->line.span, 130 * MS);
}

static void test_what_came_before_is_shown_at_0(void **state)
{
    struct scene *s = *state;
    assert_int_equal(begin(s, NULL), TT_OK);
    measure(s, 1, 60 * MS, 4096);
    assert_int_equal(s->events[0].t, 0);
    s->tape.t_origin = ABSENT;
    assert_int_equal(begin(s, NULL), TT_OK);
    measure(s, 1, 60 * MS, 4096);
    measure(s, 1, 50 * MS, 4096);
    measure(s, 1, 65 * MS, 4096);
    assert_int_equal(s->events[1].t, 0);
    assert_int_equal(s->events[2].t, 0);
    assert_int_equal(s->events[3].t, 5 * MS);
}

static void test_times_that_cannot_be_are_refused(void **state)
{
    struct scene *s = *state;
    struct error e = {0};
    uint64_t far = UINT64_C(1) << 63;
    struct chat_frame chat = {.kind = FRAME_CONTENT};
    struct sample_row row = {.series = 1};
    struct export_sample sample = {&s->trace, &s->series[1], &row, far, 0};
    begin_one(s);
    assert_int_equal(bring_frame(s, 0, far, 0, &chat), TT_DAMAGED);
    assert_int_equal(timeline_sample(&s->line, &sample, NULL), TT_DAMAGED);
    s->figures[0].t_close = far;
    assert_int_equal(begin(s, &e), TT_DAMAGED);
    assert_non_null(strstr(e.text, "ten years"));
    plan_run(s, 0, far, far);
    assert_int_equal(begin(s, NULL), TT_DAMAGED);
    s->tape.t_origin = far;
    assert_int_equal(begin(s, NULL), TT_OK);
    sample.clock_ns = MS;
    assert_int_equal(timeline_sample(&s->line, &sample, NULL), TT_DAMAGED);
}

static int refuse(void *context, const struct timeline_event *event, struct error *e)
{
    (void)context;
    (void)event;
    return error_set(e, TT_IO, "the disk is full");
}

static void test_what_is_not_taken_ends_it(void **state)
{
    struct scene *s = *state;
    begin_one(s);
    bring(s, 0, 110 * MS, 0, "one");
    s->line.tell = refuse;
    assert_int_equal(timeline_run(&s->line, &s->told[0], NULL), TT_IO);
    assert_int_equal(timeline_end(&s->line, NULL), TT_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs_at_one_time_have_lanes),
        TEST(test_events_are_told_as_they_are_known),
        TEST(test_a_run_without_an_end_lasts_until_what_came_last),
        TEST(test_a_run_of_no_known_time_is_not_shown),
        TEST(test_tokens_of_a_read_are_one_slice),
        TEST(test_a_text_is_cut_between_characters),
        TEST(test_slices_do_not_cross_when_stamps_go_back),
        TEST(test_tokens_stay_within_their_run),
        TEST(test_progress_goes_back_to_0_at_the_end),
        TEST(test_an_energy_counter_is_shown_in_watts),
        TEST(test_an_absent_value_is_none),
        TEST(test_a_counter_that_was_reset_has_no_power),
        TEST(test_times_count_from_the_clock_or_an_earlier_run),
        TEST(test_what_came_before_is_shown_at_0),
        TEST(test_times_that_cannot_be_are_refused),
        TEST(test_what_is_not_taken_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
