/* SPDX-License-Identifier: MIT */
/* NVIDIA genai-perf with perf_analyzer's OpenAI client, its last releases. */
#include <math.h>

#include "analyze/dialect_measures.h"

/* Events that came in one read are one response to it. */
static double second_ms(const struct dialect *d, const struct heard *answer)
{
    const struct heard_chunk *first = heard_first(answer, d->accepts);
    for (size_t i = 0; first && i < answer->count; i++) {
        const struct heard_chunk *chunk = &answer->chunks[i];
        if ((chunk->holds & d->accepts) && chunk->read > first->read)
            return ((double)chunk->ns - (double)first->ns) / 1e6;
    }
    return NAN;
}

/* Rounded to whole nanoseconds, halves to even. */
static double itl_ms(const struct dialect *d, const struct heard *answer)
{
    double tokens = dialect_tokens(d, answer);
    return tokens > 1 ? nearbyint((dialect_end(d, answer) - dialect_first(d, answer)) / (tokens - 1)) / 1e6
                      : NAN;
}

static const enum statistic usual[] = {STAT_MEAN, STAT_MIN, STAT_MAX, STAT_P99,
                                       STAT_P90,  STAT_P75, STAT_STD, STAT_END};

static const struct dialect_measure measures[] = {
    {"request_count",
     "requests",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_request},
     {.value = ours_request},
     NULL,
     "every answer with content counts, none of reasoning or tool calls alone; only valid ones do for us"},
    {"time_to_first_token",
     "TTFT ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_ttft_ms},
     {.value = ours_ttft_ms},
     NULL,
     "up to the first content: reasoning and tool calls are waited through"},
    {"time_to_second_token",
     "TTST ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = second_ms},
     {0},
     NULL,
     "from the first read with content to the second; we have no such figure"},
    {"request_latency",
     "latency ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_latency_ms},
     {.value = ours_answer_ms},
     NULL,
     "up to the last content; ours ends with the frame of the last token"},
    {"inter_token_latency",
     "ITL ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = itl_ms},
     {.value = ours_ms_per_token},
     NULL,
     "one mean of each request, (latency − TTFT) ÷ (N − 1) in whole nanoseconds; ours here: decode window ÷ "
     "tokens behind the first read"},
    {"output_token_throughput_per_request",
     "tok/s a request",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_tok_s},
     {.value = ours_decode_tok_s},
     NULL,
     "N ÷ latency, prefill too; ours is the rate of the decode window"},
    {"output_sequence_length",
     "output tokens",
     {DECIMAL_FIXED, 1},
     usual,
     {.value = theirs_tokens},
     {.value = ours_tokens},
     NULL,
     "tokens of the content; ours are all of the server's"},
    {"output_token_throughput",
     "overall tok/s",
     {DECIMAL_FIXED, 2},
     only_mean,
     {.survey = &theirs_throughput},
     {0},
     NULL,
     "all tokens ÷ the whole time, pauses too; we have no such figure"},
};

const struct dialect dialect_genai_perf = {
    .title = "genai-perf",
    .accepts = HEARD_CONTENT,
    .fails_on = HEARD_ERROR | HEARD_MALFORMED,
    .wants_chunk = 1,
    .start = START_SENDING,
    .end = END_ACCEPTED,
    .tokens = TOKENS_OF_TEXT,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note = "it tokenises the content itself; the server's count of its tokens stands in",
};
