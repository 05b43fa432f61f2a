/* SPDX-License-Identifier: MIT */
/* What a prefix cache could have held: the tokens of each run's prompt that a cache of a given policy would
 * not have had to compute. A policy is a ceiling, not a prediction of what an engine does. */
#ifndef TOKTAPE_CACHE_POLICY_H
#define TOKTAPE_CACHE_POLICY_H

#include <stdint.h>

#include "analyze/tape.h"

#define CACHE_HIT_MIN                                                                                        \
    64 /* fewer cacheable tokens have no hit rate: the chat template alone may be shared                     \
        */
#define CACHE_SLOTS_MAX 1024

enum cache_policy_kind {
    CACHE_CONVERSATION, /* every earlier run of the same repeat */
    CACHE_LAST,         /* the run before */
    CACHE_SLOTS,        /* the n most recently used sequences, over repeats */
    CACHE_BLOCK,        /* as conversation, in whole blocks of n tokens */
    CACHE_UNLIMITED     /* everything since the restart */
};

struct cache_policy {
    enum cache_policy_kind kind;
    uint64_t n; /* slots, or tokens a block */
};

/* "conversation", "last", "slots:N", "block:N", "unlimited". TT_USAGE with what is accepted. */
int cache_policy_parse(struct cache_policy *policy, const char *text, struct error *e);

#define CACHE_POLICY_NAME 32

/* As cache_policy_parse reads it; returns `name`. */
const char *cache_policy_name(const struct cache_policy *policy, char name[CACHE_POLICY_NAME]);

/* Into cacheable[i] for each of the tape's runs: tokens, at most all of the prompt but one; ABSENT where the
 * prompt or its length is not known. A restart, reset or nonce that worked empties the cache before its run,
 * and a run that was told not to use the cache finds 0 in it. What an answer itself left in the cache is not
 * counted. TT_OK or TT_NOMEM. */
int cache_policy_apply(const struct cache_policy *policy, const struct tape *tape, uint64_t *cacheable);

#endif
