/* SPDX-License-Identifier: MIT */
/* MLPerf LoadGen with token latencies, a client of the engine being the system under test. Its times are
 * whole nanoseconds. */
#include <math.h>

#include "analyze/dialect_measures.h"

static double latency_ns(const struct dialect *d, const struct heard *answer)
{
    return dialect_end(d, answer) - dialect_start(d, answer);
}

static double first_token_ns(const struct dialect *d, const struct heard *answer)
{
    return dialect_first(d, answer) - dialect_start(d, answer);
}

/* It refuses samples of one token. */
static double time_per_token_ns(const struct dialect *d, const struct heard *answer)
{
    double tokens = dialect_tokens(d, answer);
    return tokens > 1 ? floor((latency_ns(d, answer) - first_token_ns(d, answer)) / (tokens - 1)) : NAN;
}

static double our_answer_ns(const struct dialect *d, const struct heard *answer)
{
    return ours_answer_ms(d, answer) * 1e6;
}

static double our_ttft_ns(const struct dialect *d, const struct heard *answer)
{
    return ours_ttft_ms(d, answer) * 1e6;
}

static double our_time_per_token_ns(const struct dialect *d, const struct heard *answer)
{
    return ours_ms_per_token(d, answer) * 1e6;
}

static const enum statistic usual[] = {STAT_MIN, STAT_MAX, STAT_MEAN, STAT_P50, STAT_P90,
                                       STAT_P95, STAT_P99, STAT_P999, STAT_END};

static const struct dialect_measure measures[] = {
    {"samples",
     "samples",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_request},
     {.value = ours_request},
     NULL,
     "every answer that came counts; cut, looping and empty ones and broken tool calls are not valid to us"},
    {"latency_ns",
     "latency ns",
     {DECIMAL_FIXED, 0},
     usual,
     {.value = latency_ns},
     {.value = our_answer_ns},
     NULL,
     "from when the request was due, with waiting and connecting, to the end of the stream"},
    {"first_token_latency_ns",
     "first token ns",
     {DECIMAL_FIXED, 0},
     usual,
     {.value = first_token_ns},
     {.value = our_ttft_ns},
     NULL,
     "from when the request was due, with waiting and connecting"},
    {"time_per_output_token_ns",
     "TPOT ns",
     {DECIMAL_FIXED, 0},
     usual,
     {.value = time_per_token_ns},
     {.value = our_time_per_token_ns},
     NULL,
     "(latency − first token) ÷ (N − 1) in whole nanoseconds, usage and [DONE] too; ours ends with the last "
     "token"},
    {"token_count",
     "tokens",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_tokens},
     {.value = ours_tokens},
     NULL,
     "of every answer that came; ours of valid runs"},
    {"tokens_per_second",
     "tokens/s",
     {DECIMAL_FIXED, 2},
     only_mean,
     {.survey = &theirs_throughput},
     {0},
     NULL,
     "all tokens ÷ the whole time, pauses too; we have no such figure"},
};

const struct dialect dialect_mlperf = {
    .title = "MLPerf LoadGen",
    .accepts = HEARD_TEXT,
    .start = START_DUE,
    .end = END_DONE,
    .tokens = TOKENS_OF_USAGE,
    .percentiles = PERCENTILE_FLOOR,
    .has_whole_means = 1,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note = "its estimates for early stopping need its own scenarios and are left out",
};
