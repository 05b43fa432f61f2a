/* SPDX-License-Identifier: MIT */
/* Which beginnings of prompts an engine still holds: a model of prefix caches over token ids. */
#ifndef TOKTAPE_PREFIX_CACHE_H
#define TOKTAPE_PREFIX_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "replay/profile.h"

/* CACHE_UNLIMITED ends here: the sequence unused for longest goes first. */
#define PREFIX_CACHE_TOKENS_MAX ((size_t)32 << 20)

struct held_sequence {
    uint32_t *ids;
    size_t count;
    uint64_t used; /* when, in requests */
};

struct prefix_cache {
    enum cache_policy policy;
    size_t slots; /* sequences held at most; CACHE_UNLIMITED: no bound but the tokens */
    size_t block; /* hits are whole blocks of this many tokens */
    struct held_sequence *held;
    size_t count, capacity, tokens;
    uint64_t clock;
};

void prefix_cache_init(struct prefix_cache *c, enum cache_policy policy, size_t slots, size_t block);

/* How many tokens of this prompt are held: at most all but its last one, which always has to be computed. */
size_t prefix_cache_match(const struct prefix_cache *c, const uint32_t *prompt, size_t count);

/* Holds a finished run's sequence (copied). With CACHE_SLOTS it takes the place of the sequence that shares
 * most with it if that is at least a tenth of it, else a free slot, else the one unused for longest. TT_OK or
 * TT_NOMEM. */
int prefix_cache_hold(struct prefix_cache *c, const uint32_t *ids, size_t count);

void prefix_cache_clear(struct prefix_cache *c); /* forgets every sequence */
void prefix_cache_release(struct prefix_cache *c);

#endif
