/* SPDX-License-Identifier: MIT */
/* What a trace's runs, tokens and samples become on a timeline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/timeline.h"

#define MS   UINT64_C(1000000)
#define RUNS 3

struct scene {
    struct timeline line;
    struct tape tape;
    struct run_figures figures[RUNS];
    struct cell_run runs[RUNS];
    struct export_run told[RUNS];
    struct tape_series series[2];
    struct export_trace trace;
};

static char joules[] = "uJ", bytes[] = "byte";

static int set_up(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    s.tape = (struct tape){.ticks_numer = 1,
                           .ticks_denom = 1,
                           .runs = s.figures,
                           .run_count = RUNS,
                           .series = s.series,
                           .series_count = 2};
    s.trace.tape = &s.tape;
    for (size_t i = 0; i < RUNS; i++)
        s.figures[i].run = i;
    s.series[0].row = (struct series_row){.series = 0, .kind = SERIES_ENERGY, .wrap = 999999};
    s.series[0].unit = joules;
    s.series[1].row = (struct series_row){.series = 1, .kind = SERIES_RSS, .wrap = ABSENT};
    s.series[1].unit = bytes;
    assert_int_equal(timeline_begin(&s.line, &s.tape, NULL), TT_OK);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    timeline_release(&((struct scene *)*state)->line);
    return 0;
}

/* Starts at `from`, is sent 1 ms later, and closes at `to`. */
static void begin_run(struct scene *s, size_t id, uint64_t from, uint64_t to)
{
    struct run_figures *f = &s->runs[id].figures;
    *f = (struct run_figures){.run = id, .t_zero = from + MS, .t_close = to};
    f->t_first_token = f->t_last_token = ABSENT;
    s->told[id] = (struct export_run){&s->trace, &s->runs[id], "phase", from};
    assert_int_equal(timeline_run(&s->line, &s->told[id], NULL), TT_OK);
}

static void bring(struct scene *s, size_t id, uint64_t t, uint64_t read, const char *text)
{
    struct chat_frame chat = {.kind = FRAME_CONTENT, .content = {(const unsigned char *)text, strlen(text)}};
    struct stream_frame inner = {.read = read, .chat = &chat};
    struct export_frame frame = {&s->told[id], {t, 0, 0}, &inner, 1};
    assert_int_equal(timeline_frame(&s->line, &frame, NULL), TT_OK);
}

static void measure(struct scene *s, size_t series, uint64_t t, uint64_t value)
{
    struct sample_row row = {.series = series, .t = t, .value = value};
    struct export_sample sample = {&s->trace, &s->series[series], &row, t, 0};
    assert_int_equal(timeline_sample(&s->line, &sample, NULL), TT_OK);
}

static const struct timeline_event *find(const struct scene *s, enum timeline_kind kind, size_t number)
{
    for (size_t i = 0; i < s->line.count; i++) {
        if (s->line.events[i].kind == kind && number-- == 0)
            return &s->line.events[i];
    }
    fail_msg("there are not so many events of kind %d", kind);
    return NULL;
}

static void test_runs_at_one_time_have_lanes(void **state)
{
    struct scene *s = *state;
    begin_run(s, 0, 100 * MS, 200 * MS);
    begin_run(s, 1, 150 * MS, 300 * MS);
    begin_run(s, 2, 200 * MS, 250 * MS);
    assert_int_equal(timeline_sort(&s->line, NULL), TT_OK);
    assert_int_equal(s->line.lanes, 2);
    assert_int_equal(s->line.runs[0].lane, 0);
    assert_int_equal(s->line.runs[1].lane, 1);
    assert_int_equal(s->line.runs[2].lane, 0);
    assert_int_equal(find(s, TIMELINE_TURN, 1)->t, 50 * MS);
    assert_int_equal(s->line.span, 200 * MS);
}

static void test_tokens_of_a_read_are_one_slice(void **state)
{
    struct scene *s = *state;
    begin_run(s, 0, 100 * MS, 200 * MS);
    bring(s, 0, 110 * MS, 4, "one");
    bring(s, 0, 120 * MS, 5, " and");
    bring(s, 0, 120 * MS, 5, " two");
    bring(s, 0, 130 * MS, 6, "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");
    assert_int_equal(timeline_sort(&s->line, NULL), TT_OK);
    const struct timeline_event *first = find(s, TIMELINE_TOKENS, 0), *second = find(s, TIMELINE_TOKENS, 1);
    assert_int_equal(first->t, 10 * MS);
    assert_int_equal(first->duration, 0);
    assert_int_equal(second->t, 10 * MS);
    assert_int_equal(second->duration, 10 * MS);
    assert_int_equal(second->value.count, 2);
    assert_string_equal(second->text, " and two");
    assert_int_equal(strlen(find(s, TIMELINE_TOKENS, 2)->text), 15); /* five whole characters */
}

static void test_a_text_is_cut_between_characters(void **state)
{
    struct scene *s = *state;
    begin_run(s, 0, 100 * MS, 200 * MS);
    bring(s, 0, 110 * MS, 0,
          "abcdefghijklmn\xC3\xA9"
          "z");
    assert_int_equal(timeline_sort(&s->line, NULL), TT_OK);
    assert_string_equal(find(s, TIMELINE_TOKENS, 0)->text, "abcdefghijklmn");
}

static void test_slices_do_not_cross_when_stamps_go_back(void **state)
{
    struct scene *s = *state;
    begin_run(s, 0, 100 * MS, 200 * MS);
    bring(s, 0, 150 * MS, 0, "a");
    bring(s, 0, 160 * MS, 1, "b");
    bring(s, 0, 155 * MS, 2, "c");
    bring(s, 0, 170 * MS, 3, "d");
    assert_int_equal(timeline_sort(&s->line, NULL), TT_OK);
    assert_int_equal(find(s, TIMELINE_TOKENS, 2)->t, 60 * MS);
    assert_int_equal(find(s, TIMELINE_TOKENS, 2)->duration, 0);
    assert_int_equal(find(s, TIMELINE_TOKENS, 3)->t, 60 * MS);
    assert_int_equal(find(s, TIMELINE_TOKENS, 3)->duration, 10 * MS);
}

/* 500 000 uJ in 100 ms are 5 W; the counter goes on from 0 after 999 999. */
static void test_an_energy_counter_is_shown_in_watts(void **state)
{
    struct scene *s = *state;
    measure(s, 0, 100 * MS, 100000);
    measure(s, 0, 200 * MS, 600000);
    measure(s, 0, 300 * MS, 100000);
    measure(s, 1, 300 * MS, 4096);
    assert_int_equal(timeline_sort(&s->line, NULL), TT_OK);
    assert_int_equal(s->line.count, 3);
    assert_int_equal(s->line.events[0].t, 0);
    assert_true(fabs(s->line.events[0].value.number - 5) < 1e-12);
    assert_int_equal(s->line.events[1].t, 100 * MS);
    assert_true(fabs(s->line.events[1].value.number - 5) < 1e-12);
    assert_true(s->line.events[2].value.number == 4096);
}

static void test_a_counter_that_was_reset_has_no_power(void **state)
{
    struct scene *s = *state;
    s->series[0].row.wrap = ABSENT;
    measure(s, 0, 100 * MS, 600000);
    measure(s, 0, 200 * MS, 100);
    measure(s, 0, 200 * MS, 200);
    assert_int_equal(timeline_sort(&s->line, NULL), TT_OK);
    assert_int_equal(s->line.count, 0);
}

static void test_times_that_cannot_be_are_refused(void **state)
{
    struct scene *s = *state;
    struct error e = {0};
    begin_run(s, 0, 100 * MS, UINT64_C(1) << 63);
    assert_int_equal(timeline_sort(&s->line, &e), TT_DAMAGED);
    assert_non_null(strstr(e.text, "ten years"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs_at_one_time_have_lanes),         TEST(test_tokens_of_a_read_are_one_slice),
        TEST(test_a_text_is_cut_between_characters),    TEST(test_slices_do_not_cross_when_stamps_go_back),
        TEST(test_an_energy_counter_is_shown_in_watts), TEST(test_a_counter_that_was_reset_has_no_power),
        TEST(test_times_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
