/* SPDX-License-Identifier: MIT */
/* vllm bench serve, chat endpoint, as of September 2026. */
#include <math.h>

#include "analyze/dialect_measures.h"
#include "formats/alloc.h"
#include "formats/error.h"

/* Chunks in each whole second after the first request's start. Answers that end before that start is certain,
 * as a run under way began earlier, wait with the times of their chunks. */
struct seconds {
    uint64_t origin; /* of the answers so far, on the recorder's clock */
    int has_origin, is_certain;
    uint64_t *waiting; /* times on that clock */
    size_t waiting_count, capacity;
    struct samples chunks; /* by second */
};

static int count_waiting(struct seconds *s)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < s->waiting_count;) {
        uint64_t second = (s->waiting[i] - s->origin) / 1000000000, chunks = 0;
        for (; i < s->waiting_count && (s->waiting[i] - s->origin) / 1000000000 == second; i++)
            chunks++;
        status = samples_add(&s->chunks, (double)second, chunks);
    }
    s->waiting_count = 0;
    return status;
}

static int wait_with(struct seconds *s, unsigned accepts, const struct heard *answer)
{
    if (s->waiting_count + answer->count > HEARD_CHUNKS_MAX)
        return TT_LIMIT;
    if (mem_grow(&s->waiting, &s->capacity, s->waiting_count + answer->count, sizeof *s->waiting))
        return TT_NOMEM;
    for (size_t i = 0; i < answer->count; i++) {
        if (answer->chunks[i].holds & accepts)
            s->waiting[s->waiting_count++] = answer->zero_ns + (uint64_t)answer->chunks[i].ns;
    }
    return TT_OK;
}

static int seconds_add(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                       void *state)
{
    struct seconds *s = state;
    int status = wait_with(s, d->accepts, answer);
    if (status)
        return status;
    if (!s->has_origin || (!s->is_certain && answer->zero_ns < s->origin))
        s->origin = answer->zero_ns;
    s->has_origin = 1;
    s->is_certain = s->is_certain || heard_earliest_start(heard) >= s->origin;
    return s->is_certain ? count_waiting(s) : TT_OK;
}

/* Chunks in the fullest second of the clock. */
static int seconds_finish(const struct heard_trace *heard, void *state, struct samples *out)
{
    struct seconds *s = state;
    uint64_t best = 0;
    int status = count_waiting(s);
    struct samples_cursor cursor = samples_rising(&s->chunks);
    struct counted_value second;
    (void)heard;
    while (samples_next(&cursor, &second))
        best = second.count > best ? second.count : best;
    return status ? status : samples_add(out, best ? (double)best : NAN, 1);
}

static void seconds_release(void *state)
{
    struct seconds *s = state;
    mem_free(s->waiting);
    samples_release(&s->chunks);
}

static const struct survey peak_chunks = {sizeof(struct seconds), seconds_add, seconds_finish,
                                          seconds_release};

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
     {.survey = &theirs_throughput},
     {0},
     NULL,
     "all tokens ÷ the whole time, pauses and prefill too; we have no such figure"},
    {"max_output_tokens_per_s",
     "peak tok/s",
     {DECIMAL_FIXED, 2},
     only_max,
     {.survey = &peak_chunks},
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
