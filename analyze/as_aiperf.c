/* SPDX-License-Identifier: MIT */
/* NVIDIA aiperf, streaming chat endpoint, as of September 2026. */
#include <math.h>

#include "analyze/dialect_measures.h"

static double tok_s_per_user(const struct dialect *d, const struct heard *answer)
{
    return 1e3 / theirs_ms_per_token(d, answer);
}

static double prefill_tok_s(const struct dialect *d, const struct heard *answer)
{
    uint64_t prompt = answer->figures->prompt_tokens;
    return prompt == ABSENT ? NAN : (double)prompt / theirs_ttft_ms(d, answer) * 1e3;
}

static const enum statistic usual[] = {STAT_MEAN, STAT_MIN, STAT_MAX, STAT_P99,
                                       STAT_P90,  STAT_P50, STAT_STD, STAT_END};

static const struct dialect_measure measures[] = {
    {"request_count",
     "requests",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_request},
     {.value = ours_request},
     NULL,
     "every answer with text counts; cut and looping ones and broken tool calls are not valid to us"},
    {"time_to_first_token",
     "TTFT ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_ttft_ms},
     {.value = ours_ttft_ms},
     NULL,
     "of every answer with text, not only of valid runs"},
    {"time_to_second_token",
     "TTST ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_second_ms},
     {0},
     NULL,
     "from the first chunk with text to the second, 0 when one read brought both; we have no such figure"},
    {"request_latency",
     "latency ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_latency_ms},
     {.value = ours_answer_ms},
     NULL,
     "up to the last chunk with text; ours ends with the frame of the last token, the finish frame where the "
     "end of sequence is one"},
    {"inter_token_latency",
     "ITL ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_ms_per_token},
     {.value = ours_ms_per_token},
     NULL,
     "one mean of each request, (latency − TTFT) ÷ (N − 1); ours here: decode window ÷ tokens behind the "
     "first read"},
    {"inter_chunk_latency",
     "ICL ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.many = theirs_gaps},
     {.many = ours_itl},
     NULL,
     "gaps between chunks, 0 within a read; ours is per token, those of a read share its gap"},
    {"output_token_throughput_per_user",
     "tok/s per user",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = tok_s_per_user},
     {.value = ours_decode_tok_s},
     NULL,
     "1 ÷ its ITL; ours counts the end of sequence and its time"},
    {"prefill_throughput_per_user",
     "prefill tok/s",
     {DECIMAL_FIXED, 1},
     usual,
     {.value = prefill_tok_s},
     {.value = ours_prefill_tok_s},
     NULL,
     "the whole prompt ÷ TTFT, cached tokens too; ours: uncached tokens ÷ the server's time, from 256 on"},
    {"output_sequence_length",
     "output tokens",
     {DECIMAL_FIXED, 1},
     usual,
     {.value = theirs_tokens},
     {.value = ours_tokens},
     NULL,
     "tokens of the text; ours are all of the server's, the end of sequence too"},
    {"output_token_throughput",
     "overall tok/s",
     {DECIMAL_FIXED, 2},
     only_mean,
     {.survey = &theirs_throughput},
     {0},
     NULL,
     "all tokens ÷ the whole time, pauses too; we have no such figure"},
};

const struct dialect dialect_aiperf = {
    .title = "aiperf",
    .accepts = HEARD_TEXT,
    .fails_on = HEARD_ERROR | HEARD_MALFORMED,
    .wants_chunk = 1,
    .start = START_SENDING,
    .end = END_ACCEPTED,
    .tokens = TOKENS_OF_TEXT,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note = "it tokenises text and prompts itself; the server's counts stand in, without tokens that have no "
            "text",
};
