/* SPDX-License-Identifier: MIT */
/* guidellm benchmark, streaming chat endpoint, as of September 2026. */
#include <math.h>

#include "analyze/dialect_measures.h"

static double last_ns(const struct dialect *d, const struct heard *answer)
{
    const struct heard_chunk *last = heard_last(answer, d->accepts);
    return last ? (double)last->ns : NAN;
}

/* One value of each request, that weighs as much as the request has tokens. */
static int time_per_token(const struct dialect *d, const struct heard_trace *heard,
                          const struct heard *answer, struct samples *out)
{
    double tokens = dialect_tokens(d, answer);
    (void)heard;
    return samples_add(out, (last_ns(d, answer) - dialect_start(d, answer)) / tokens / 1e6, (uint64_t)tokens);
}

static int itl(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
               struct samples *out)
{
    double tokens = dialect_tokens(d, answer);
    (void)heard;
    if (!(tokens > 1))
        return 0;
    return samples_add(out, (last_ns(d, answer) - dialect_first(d, answer)) / (tokens - 1) / 1e6,
                       (uint64_t)tokens - 1);
}

static const enum statistic usual[] = {STAT_MEAN, STAT_MEDIAN, STAT_P90, STAT_P95,
                                       STAT_P99,  STAT_STD,    STAT_END};

static const struct dialect_measure measures[] = {
    {"requests_successful",
     "requests",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_request},
     {.value = ours_request},
     NULL,
     "every answer that ended counts; cut, looping and empty ones and broken tool calls are not valid to us"},
    {"request_latency",
     "latency s",
     {DECIMAL_FIXED, 3},
     usual,
     {.value = theirs_latency_s},
     {.value = ours_answer_s},
     NULL,
     "up to [DONE], behind the usage; ours ends with the frame of the last token"},
    {"time_to_first_token_ms",
     "TTFT ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_ttft_ms},
     {.value = ours_ttft_ms},
     NULL,
     "of every answer with text, not only of valid runs"},
    {"inter_token_latency_ms",
     "ITL ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.many = itl},
     {.many = ours_itl},
     NULL,
     "one mean of each request, (last chunk − first chunk) ÷ (N − 1), weighed by N − 1; ours are the gaps "
     "themselves"},
    {"time_per_output_token_ms",
     "TPOT ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.many = time_per_token},
     {.value = ours_ms_per_token},
     NULL,
     "(last chunk − start) ÷ N, TTFT too, weighed by N; ours is the decode window per token"},
    {"output_token_count",
     "output tokens",
     {DECIMAL_FIXED, 1},
     usual,
     {.value = theirs_tokens},
     {.value = ours_tokens},
     NULL,
     "of every answer; by its chunks where the server tells no usage"},
};

const struct dialect dialect_guidellm = {
    .title = "guidellm",
    .accepts = HEARD_TEXT,
    .fails_on = HEARD_ERROR | HEARD_MALFORMED,
    .start = START_SENDING,
    .end = END_DONE,
    .tokens = TOKENS_OF_USAGE,
    .percentiles = PERCENTILE_INVERSE,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note =
        "it reads the wall clock, this is of the monotonic one; rates over time and concurrency are left out",
};
