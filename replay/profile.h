/* SPDX-License-Identifier: MIT */
/* A profile: the numbers that a synthetic engine is made of. docs/serve.md explains every key. */
#ifndef TOKTAPE_PROFILE_H
#define TOKTAPE_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/schema.h" /* ABSENT */

#define PROFILE_BURST_MAX   16
#define PROFILE_CONTEXT_MAX ((uint64_t)1 << 22)
#define PROFILE_SLOTS_MAX   64

enum profile_style { STYLE_LLAMA_CPP, STYLE_OPENAI };
enum cache_policy { CACHE_NONE, CACHE_LAST, CACHE_SLOTS, CACHE_UNLIMITED };
enum cached_field { CACHED_FIELD_NUMBER, CACHED_FIELD_NULL, CACHED_FIELD_ABSENT };

struct profile {
    char *name, *version, *model, *quant;
    enum profile_style style;
    uint64_t context; /* tokens */

    double prefill_tok_s;
    double prefill_attention_ns; /* for each token in front of a prefilled one */
    double ttft_ms;              /* what every request costs before its first token, prefill apart */
    double first_token_ms;       /* when the first token comes, whatever the prompt; NAN: as the rates say */
    double header_ms;            /* when the head leaves; NAN: with the first bytes */
    double decode_tok_s;
    double decode_depth_ns; /* for each decoded token and each token in front of it */
    double jitter;          /* relative standard deviation of TTFT and of every step */
    uint64_t seed;

    double
        burst_weights[PROFILE_BURST_MAX]; /* [i]: share of the steps that give i + 1 tokens; the sum is 1 */
    size_t burst_max;                     /* weights in use */
    int merge_bursts;                     /* a burst is one event with all its text */
    double acceptance;                    /* of drafted tokens; NAN: no speculative decoding */

    uint64_t answer_tokens;    /* ABSENT: as many as the request allows */
    uint64_t reasoning_tokens; /* of those, when thinking is not switched off */
    char *reasoning_field;
    uint64_t loop_tokens; /* the answer repeats itself after so many tokens; 0: it does not */
    int tool_call;        /* answers with a tool call when tools are declared */

    enum cache_policy cache_policy;
    uint64_t cache_slots, cache_block;
    int cache_reset; /* has an endpoint that empties the cache */
    enum cached_field cached_field;
    int usage, timings, done, role_chunk;
    double keepalive_ms; /* 0: no comments during prefill */
};

/* Reads {"name": …}; unknown keys and values out of range are refused by name (TT_USAGE). Release with
 * profile_release, also after a failure. */
int profile_parse(struct profile *p, const void *text, size_t len, struct error *e);
int profile_load(struct profile *p, const char *path, struct error *e);
void profile_release(struct profile *p);

/* Makes everything `factor` (> 0) times as fast. */
void profile_speed_up(struct profile *p, double factor);

double profile_mean_burst(const struct profile *p); /* tokens in a step */

#endif
