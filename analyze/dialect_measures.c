/* SPDX-License-Identifier: MIT */
#include "analyze/dialect_measures.h"

#include <math.h>

#include "formats/alloc.h"
#include "formats/error.h"

double theirs_request(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    (void)answer;
    return 1;
}

double ours_request(const struct dialect *d, const struct heard *answer)
{
    return theirs_request(d, answer);
}

double theirs_ttft_ms(const struct dialect *d, const struct heard *answer)
{
    return (dialect_first(d, answer) - dialect_start(d, answer)) / 1e6;
}

double theirs_latency_ms(const struct dialect *d, const struct heard *answer)
{
    return (dialect_end(d, answer) - dialect_start(d, answer)) / 1e6;
}

double theirs_latency_s(const struct dialect *d, const struct heard *answer)
{
    return theirs_latency_ms(d, answer) / 1e3;
}

double theirs_second_ms(const struct dialect *d, const struct heard *answer)
{
    const struct heard_chunk *first = heard_first(answer, d->accepts);
    const struct heard_chunk *end = answer->chunks + answer->count, *second = first ? first + 1 : end;
    while (second < end && !(second->holds & d->accepts))
        second++;
    return second < end ? ((double)second->ns - (double)first->ns) / 1e6 : NAN;
}

double theirs_tokens(const struct dialect *d, const struct heard *answer)
{
    return dialect_tokens(d, answer);
}

double theirs_ms_per_token(const struct dialect *d, const struct heard *answer)
{
    double tokens = dialect_tokens(d, answer);
    return tokens > 1 ? (dialect_end(d, answer) - dialect_first(d, answer)) / (tokens - 1) / 1e6 : NAN;
}

double theirs_tok_s(const struct dialect *d, const struct heard *answer)
{
    return dialect_tokens(d, answer) / theirs_latency_ms(d, answer) * 1e3;
}

int theirs_gaps(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                struct samples *out)
{
    const struct heard_chunk *last = NULL;
    int status = TT_OK;
    (void)heard;
    for (size_t i = 0; !status && i < answer->count; i++) {
        const struct heard_chunk *chunk = &answer->chunks[i];
        if (!(chunk->holds & d->accepts))
            continue;
        if (last)
            status = samples_add(out, ((double)chunk->ns - (double)last->ns) / 1e6, 1);
        last = chunk;
    }
    return status;
}

struct throughput {
    int has_any;
    double tokens, from, to; /* nanoseconds on the recorder's clock */
};

static int throughput_add(const struct dialect *d, const struct heard_trace *heard,
                          const struct heard *answer, void *state)
{
    struct throughput *t = state;
    double from = (double)answer->zero_ns + dialect_start(d, answer),
           to = (double)answer->zero_ns + dialect_end(d, answer);
    (void)heard;
    t->tokens += dialect_tokens(d, answer);
    t->from = t->has_any ? fmin(t->from, from) : from;
    t->to = t->has_any ? fmax(t->to, to) : to;
    t->has_any = 1;
    return TT_OK;
}

static int throughput_finish(const struct heard_trace *heard, void *state, struct samples *out)
{
    const struct throughput *t = state;
    (void)heard;
    return samples_add(out, t->to > t->from ? t->tokens / (t->to - t->from) * 1e9 : NAN, 1);
}

const struct survey theirs_throughput = {sizeof(struct throughput), throughput_add, throughput_finish, NULL};

double ours_ttft_ms(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return answer->figures->ttft_ms;
}

double ours_answer_ms(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return answer->figures->ttft_ms + answer->figures->decode_window_ms;
}

double ours_answer_s(const struct dialect *d, const struct heard *answer)
{
    return ours_answer_ms(d, answer) / 1e3;
}

double ours_tokens(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return (double)answer->figures->completion_tokens;
}

double ours_ms_per_token(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return 1e3 / answer->figures->decode_tok_s;
}

double ours_decode_tok_s(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return answer->figures->decode_tok_s;
}

double ours_prefill_tok_s(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return answer->figures->prefill_tok_s;
}

double ours_peak_tok_s(const struct dialect *d, const struct heard *answer)
{
    (void)d;
    return answer->figures->peak64_tok_s;
}

int ours_itl(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
             struct samples *out)
{
    size_t steps = answer->time_count;
    const struct itl_reads reads = {answer->times, steps, heard->tape->ticks_numer, heard->tape->ticks_denom};
    struct counted_value *gaps = mem_alloc((steps + 1) * sizeof *gaps);
    int status = gaps ? TT_OK : TT_NOMEM;
    (void)d;
    size_t count = gaps ? itl_collect(ITL_EVEN, &reads, gaps) : 0;
    for (size_t i = 0; !status && i < count; i++)
        status = samples_add(out, gaps[i].value, gaps[i].count);
    mem_free(gaps);
    return status;
}
