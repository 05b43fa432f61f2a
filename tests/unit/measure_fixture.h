/* SPDX-License-Identifier: MIT */
/* Figures of one answer that is written as its events. */
#ifndef MEASURE_FIXTURE_H
#define MEASURE_FIXTURE_H

#include "tape_fixture.h"

#include <math.h>

#include "analyze/figures.h"

#define MEASURE_META  "{\"format\":\"toktape\"}"
#define PLAIN_REQUEST "{\"model\":\"m\",\"messages\":[],\"max_tokens\":100}"

static inline void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fmax(1, fabs(want))))
        fail_msg("%.17g is not %.17g", got, want);
}

/* Token times of the run that was measured last. */
static struct token_time times[4096];
static size_t time_count;

static inline int keep_times(void *context, const struct run_figures *figures,
                             const struct token_time *tokens, size_t count)
{
    (void)context;
    (void)figures;
    assert_true(count <= 4096);
    if (count)
        memcpy(times, tokens, count * sizeof *tokens);
    time_count = count;
    return TT_OK;
}

static inline double sum_of_tokens(void)
{
    double sum = 0;
    for (size_t i = 0; i < time_count; i++)
        sum += times[i].tokens;
    return sum;
}

/* The figures' words last until the next call. */
static inline struct run_figures measure_request(const char *request, const struct event *events,
                                                 size_t count)
{
    struct fixture f;
    struct tape tape;
    struct error e = {0};
    struct tape_options options = {.on_run = keep_times};
    fixture_open(&f, MEASURE_META);
    fixture_clock(&f, ZERO(0) - 5000 * MS);
    fixture_answer(&f, 0, fixture_body(&f, request), events, count);
    if (fixture_load(&f, &tape, &options, &e))
        fail_msg("%s", e.text);
    assert_int_equal(tape.run_count, 1);
    static struct word_evidence words;
    struct run_figures figures = tape.runs[0];
    if (figures.words) {
        words = *figures.words;
        figures.words = &words;
    }
    tape_release(&tape);
    return figures;
}

static inline struct run_figures measure(const struct event *events, size_t count)
{
    return measure_request(PLAIN_REQUEST, events, count);
}

#endif
