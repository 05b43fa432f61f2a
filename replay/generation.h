/* SPDX-License-Identifier: MIT */
/* One answer of a synthetic engine, planned in full before its first byte: which tokens, and when. No clock
 * is read here, so that the same plan can be played in real time or written down in virtual time. */
#ifndef TOKTAPE_GENERATION_H
#define TOKTAPE_GENERATION_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/prng.h"
#include "replay/chat_request.h"
#include "replay/feed.h"
#include "replay/prefix_cache.h"
#include "replay/profile.h"
#include "replay/tokens.h"
#include "replay/tool_call.h"

enum token_part {
    TOKEN_SILENT, /* counted, but no text: end of answer, tags */
    TOKEN_REASONING,
    TOKEN_CONTENT,
    TOKEN_TOOL_NAME,
    TOKEN_TOOL_ARGUMENTS
};

struct answer_token {
    enum token_part part;
    uint32_t offset, len; /* in `text` */
};

#define GENERATION_ID_MAX 48

struct generation {
    char id[GENERATION_ID_MAX]; /* "chatcmpl-…" */
    char tool_name[TOOL_NAME_MAX];
    struct answer_token *tokens;
    size_t count, capacity;
    struct buf text;
    const char *finish_reason; /* "stop", "length", "tool_calls" */
    uint64_t prompt_tokens, cached_tokens;
    uint64_t first_ns;  /* first token, since time zero */
    uint64_t prompt_ns; /* of that, prefill */
    uint64_t timing_seed;
    int stream, include_usage, timings_per_token;
};

/* Plans the answer to request number `number` whose prompt has these tokens, of which `cached` are held
 * already. The text depends on the profile's seed and the prompt, the timing on the seed and the number.
 * TT_OK or TT_NOMEM; release in every case. */
int generation_plan(struct generation *g, const struct profile *p, const struct chat_request *request,
                    const struct tokens *prompt, uint64_t cached, uint64_t number);
void generation_release(struct generation *g);

/* Appends the ids of the answer but its last, which is what a cache holds behind the prompt. */
int generation_append_ids(const struct generation *g, struct tokens *sequence);

/* The steps of decoding, one after another. */
struct stepper {
    struct prng prng;
    double t_ns;       /* time of the tokens given last, since time zero */
    size_t done;       /* tokens so far */
    uint64_t accepted; /* of these, tokens that were drafted */
};

void stepper_init(struct stepper *s, const struct generation *g);
/* The number of tokens in the next step, with t_ns and done moved behind it; 0 at the end. */
size_t stepper_next(struct stepper *s, const struct profile *p, const struct generation *g);

/* The answer as a body: server-sent events, or one document when the request asked for no stream. The feed
 * takes the plan over (*g is empty afterwards) and borrows the profile. NULL: no memory, with the plan
 * released. */
struct feed *generation_feed(struct generation *g, const struct profile *p);

#endif
