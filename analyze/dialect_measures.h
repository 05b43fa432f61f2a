/* SPDX-License-Identifier: MIT */
/* Figures that several tools have, read through the tool's own table: for the collectors of a dialect. */
#ifndef TOKTAPE_DIALECT_MEASURES_H
#define TOKTAPE_DIALECT_MEASURES_H

#include "analyze/dialect.h"

/* 1 for every answer that is counted: their sum is how many there are. */
double theirs_request(const struct dialect *d, const struct heard *answer);
double ours_request(const struct dialect *d, const struct heard *answer);

double theirs_ttft_ms(const struct dialect *d, const struct heard *answer);
double theirs_latency_ms(const struct dialect *d, const struct heard *answer); /* start to end of its clock */
double theirs_latency_s(const struct dialect *d, const struct heard *answer);
double theirs_second_ms(const struct dialect *d, const struct heard *answer); /* second chunk − first */
double theirs_tokens(const struct dialect *d, const struct heard *answer);
double theirs_ms_per_token(const struct dialect *d,
                           const struct heard *answer); /* (end − first) ÷ (N − 1), from 2 tokens on */
double theirs_tok_s(const struct dialect *d, const struct heard *answer); /* N ÷ latency */

/* Every gap between chunks that it takes for tokens, in ms. */
int theirs_gaps(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                struct samples *out);

/* Tokens of all requests ÷ time from the first start to the last end: one sample for a trace. */
extern const struct survey theirs_throughput;

double ours_ttft_ms(const struct dialect *d, const struct heard *answer);
double ours_answer_ms(const struct dialect *d, const struct heard *answer); /* TTFT and decode window */
double ours_answer_s(const struct dialect *d, const struct heard *answer);
double ours_tokens(const struct dialect *d, const struct heard *answer);
double ours_ms_per_token(const struct dialect *d, const struct heard *answer); /* 1000 ÷ decode tok/s */
double ours_decode_tok_s(const struct dialect *d, const struct heard *answer);
double ours_prefill_tok_s(const struct dialect *d, const struct heard *answer);
double ours_peak_tok_s(const struct dialect *d, const struct heard *answer); /* fastest 64 tokens */

/* Inter-token latency, the tokens of a read sharing its gap. */
int ours_itl(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
             struct samples *out);

#endif
