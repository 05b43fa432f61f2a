/* SPDX-License-Identifier: MIT */
/* vllm bench serve, chat endpoint, as of September 2026. */
#include <math.h>
#include <stdlib.h>

#include "analyze/dialect_measures.h"
#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/order.h"

/* The whole second after the first request's start in which each chunk came. */
static size_t seconds_of(const struct dialect *d, const struct heard_trace *heard, uint64_t *seconds)
{
    uint64_t origin = UINT64_MAX;
    size_t count = 0;
    for (size_t i = 0; i < heard->count; i++) {
        if (dialect_counts(d, &heard->answers[i]) && heard->answers[i].zero_ns < origin)
            origin = heard->answers[i].zero_ns;
    }
    for (size_t i = 0; i < heard->count; i++) {
        const struct heard *answer = &heard->answers[i];
        for (size_t k = 0; dialect_counts(d, answer) && k < answer->count; k++) {
            if (answer->chunks[k].holds & d->accepts)
                seconds[count++] = (answer->zero_ns - origin + (uint64_t)answer->chunks[k].ns) / 1000000000;
        }
    }
    return count;
}

/* Chunks in the fullest second of the clock. */
static int peak_chunks(const struct dialect *d, const struct heard_trace *heard, struct samples *out)
{
    uint64_t *seconds = mem_alloc((heard->chunks + 1) * sizeof *seconds);
    if (!seconds)
        return TT_NOMEM;
    size_t count = seconds_of(d, heard, seconds), best = 0;
    qsort(seconds, count, sizeof *seconds, compare_u64);
    for (size_t i = 0, from = 0; i < count; i++) {
        if (seconds[i] != seconds[from])
            from = i;
        best = i + 1 - from > best ? i + 1 - from : best;
    }
    mem_free(seconds);
    return samples_add(out, best ? (double)best : NAN, 1);
}

static const enum statistic usual[] = {STAT_MEAN, STAT_MEDIAN, STAT_STD, STAT_P99, STAT_END};

static const struct dialect_measure measures[] = {
    {"completed",
     "requests",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_request},
     {.value = ours_request},
     NULL,
     "every answer with a chunk counts; cut, looping and empty ones and broken tool calls are not valid to "
     "us"},
    {"ttft_ms",
     "TTFT ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_ttft_ms},
     {.value = ours_ttft_ms},
     NULL,
     "ends at the first chunk with choices, be it a role or a progress report; ours at the first text"},
    {"tpot_ms",
     "TPOT ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_ms_per_token},
     {.value = ours_ms_per_token},
     NULL,
     "(last chunk − first chunk) ÷ (N − 1), with the role chunk as first; ours starts at the first text and "
     "leaves out all tokens of its read"},
    {"itl_ms",
     "ITL ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.many = theirs_gaps},
     {.many = ours_itl},
     NULL,
     "every gap between chunks, from the role chunk to the finish chunk, 0 within a read; ours is per token, "
     "those of a read share its gap"},
    {"e2el_ms",
     "E2EL ms",
     {DECIMAL_FIXED, 2},
     usual,
     {.value = theirs_latency_ms},
     {.value = ours_answer_ms},
     NULL,
     "up to the last chunk with choices; ours ends with the frame of the last token"},
    {"total_output_tokens",
     "output tokens",
     {DECIMAL_FIXED, 0},
     only_sum,
     {.value = theirs_tokens},
     {.value = ours_tokens},
     NULL,
     "of all answers that it counts, by a usage without choices, else by its tokeniser; ours of valid runs"},
    {"output_throughput",
     "output tok/s",
     {DECIMAL_FIXED, 2},
     only_mean,
     {.survey = theirs_throughput},
     {0},
     NULL,
     "all tokens ÷ the whole time, pauses and prefill too; we have no such figure"},
    {"max_output_tokens_per_s",
     "peak tok/s",
     {DECIMAL_FIXED, 2},
     only_max,
     {.survey = peak_chunks},
     {.value = ours_peak_tok_s},
     NULL,
     "chunks, not tokens, in the fullest whole second since the start; ours is the fastest stretch of 64 "
     "tokens"},
};

const struct dialect dialect_vllm = {
    .title = "vllm bench serve",
    .accepts = HEARD_CHOICES,
    .fails_on = HEARD_MALFORMED,
    .wants_chunk = 1,
    .start = START_SENDING,
    .end = END_ACCEPTED,
    .tokens = TOKENS_OF_USAGE_ALONE,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note = "where it would tokenise the text itself, the server's count of the tokens with text stands in",
};
