/* SPDX-License-Identifier: MIT */
/* llmperf's token benchmark with its client for OpenAI's chat interface, as it was archived. */
#include <math.h>

#include "analyze/dialect_measures.h"

/* 0 where no content came, and among the others. */
static double ttft_s(const struct dialect *d, const struct heard *answer)
{
    double ttft = theirs_ttft_ms(d, answer) / 1e3;
    return isnan(ttft) ? 0 : ttft;
}

/* All its gaps, the TTFT among them, add up to the time of the last content. */
static double time_per_token_s(const struct dialect *d, const struct heard *answer)
{
    const struct heard_chunk *last = heard_last(answer, d->accepts);
    double tokens = dialect_tokens(d, answer);
    return last && tokens > 0 ? ((double)last->ns - dialect_start(d, answer)) / tokens / 1e9 : 0;
}

static double our_ttft_s(const struct dialect *d, const struct heard *answer)
{
    return ours_ttft_ms(d, answer) / 1e3;
}

static double our_time_per_token_s(const struct dialect *d, const struct heard *answer)
{
    return ours_ms_per_token(d, answer) / 1e3;
}

static const enum statistic usual[] = {STAT_MEAN, STAT_P50, STAT_P90, STAT_P99, STAT_STD, STAT_END};

static const struct dialect_measure measures[] = {
    {"num_completed_requests",
     "requests",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_request},
     {.value = ours_request},
     NULL,
     "every answer without an error counts, those without content as 0; only valid ones do for us"},
    {"inter_token_latency_s",
     "inter-token s",
     {DECIMAL_FIXED, 4},
     usual,
     {.value = time_per_token_s},
     {.value = our_time_per_token_s},
     NULL,
     "(last content − start) ÷ N: TTFT and connecting are in it; ours is the decode window per token"},
    {"ttft_s",
     "TTFT s",
     {DECIMAL_FIXED, 4},
     usual,
     {.value = ttft_s},
     {.value = our_ttft_s},
     NULL,
     "with connecting, and up to the first content: reasoning and tool calls are waited through, and an "
     "answer of nothing else is 0"},
    {"end_to_end_latency_s",
     "end to end s",
     {DECIMAL_FIXED, 4},
     usual,
     {.value = theirs_latency_s},
     {.value = ours_answer_s},
     NULL,
     "from connecting to the end of the body, behind usage and [DONE]"},
    {"request_output_throughput_token_per_s",
     "tok/s",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_tok_s},
     {.value = ours_decode_tok_s},
     NULL,
     "N ÷ the whole request, prefill too; ours is the rate of the decode window"},
    {"number_output_tokens",
     "output tokens",
     {DECIMAL_FIXED, 0},
     usual,
     {.value = theirs_tokens},
     {.value = ours_tokens},
     NULL,
     "tokens of the content alone: no reasoning, no tool calls, no end of sequence"},
    {"mean_output_throughput_token_per_s",
     "overall tok/s",
     {DECIMAL_FIXED, 2},
     only_mean,
     {.survey = &theirs_throughput},
     {0},
     NULL,
     "all tokens ÷ the whole time, pauses too; we have no such figure"},
};

const struct dialect dialect_llmperf = {
    .title = "llmperf",
    .accepts = HEARD_CONTENT,
    .fails_on = HEARD_ERROR | HEARD_MALFORMED,
    .start = START_CONNECTING,
    .end = END_BODY,
    .tokens = TOKENS_OF_TEXT,
    .percentiles = PERCENTILE_LINEAR,
    .is_sample_deviation = 1,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note = "it counts with a Llama tokeniser whatever the model is; the server's count of the content's "
            "tokens stands in",
};
