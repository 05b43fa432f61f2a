/* SPDX-License-Identifier: MIT */
#include "replay/prefix_cache.h"

#include <string.h>

#include "formats/alloc.h"

#define SAME_SLOT_SHARE 10 /* a slot is taken over by what shares at least one part in so many with it */

void prefix_cache_init(struct prefix_cache *c, enum cache_policy policy, size_t slots, size_t block)
{
    memset(c, 0, sizeof *c);
    c->policy = policy;
    c->slots = policy == CACHE_SLOTS ? slots : policy == CACHE_LAST ? 1 : policy == CACHE_NONE ? 0 : SIZE_MAX;
    c->block = block ? block : 1;
}

static size_t common_prefix(const struct held_sequence *s, const uint32_t *ids, size_t count)
{
    size_t n = 0, most = s->count < count ? s->count : count;
    while (n < most && s->ids[n] == ids[n])
        n++;
    return n;
}

/* Index of the held sequence that shares most with this one (the first of equals); c->count when nothing is
 * held. */
static size_t closest(const struct prefix_cache *c, const uint32_t *ids, size_t count, size_t *shared)
{
    size_t best = c->count;
    *shared = 0;
    for (size_t i = 0; i < c->count; i++) {
        size_t n = common_prefix(&c->held[i], ids, count);
        if (best == c->count || n > *shared) {
            best = i;
            *shared = n;
        }
    }
    return best;
}

size_t prefix_cache_match(const struct prefix_cache *c, const uint32_t *prompt, size_t count)
{
    size_t shared;
    closest(c, prompt, count, &shared);
    if (count && shared > count - 1)
        shared = count - 1;
    return shared / c->block * c->block;
}

static size_t longest_unused(const struct prefix_cache *c)
{
    size_t oldest = 0;
    for (size_t i = 1; i < c->count; i++) {
        if (c->held[i].used < c->held[oldest].used)
            oldest = i;
    }
    return oldest;
}

static void drop(struct prefix_cache *c, size_t index)
{
    c->tokens -= c->held[index].count;
    mem_free(c->held[index].ids);
    c->held[index] = c->held[--c->count];
}

/* Makes room for a sequence of `count` tokens. */
static void evict(struct prefix_cache *c, const uint32_t *ids, size_t count)
{
    size_t shared, near = closest(c, ids, count, &shared);
    int extends = near < c->count && shared == c->held[near].count;
    if (c->policy == CACHE_LAST)
        prefix_cache_clear(c);
    else if (near < c->count && (c->policy == CACHE_SLOTS ? shared >= count / SAME_SLOT_SHARE + 1 : extends))
        drop(c, near);
    while (c->count && (c->count >= c->slots || c->tokens + count > PREFIX_CACHE_TOKENS_MAX))
        drop(c, longest_unused(c));
}

int prefix_cache_hold(struct prefix_cache *c, const uint32_t *ids, size_t count)
{
    if (!c->slots || !count || count > PREFIX_CACHE_TOKENS_MAX)
        return TT_OK;
    uint32_t *copy = mem_alloc(count * sizeof *copy);
    if (!copy || mem_grow(&c->held, &c->capacity, c->count + 1, sizeof *c->held)) {
        mem_free(copy);
        return TT_NOMEM;
    }
    memcpy(copy, ids, count * sizeof *copy);
    evict(c, ids, count);
    c->held[c->count++] = (struct held_sequence){copy, count, c->clock++};
    c->tokens += count;
    return TT_OK;
}

void prefix_cache_clear(struct prefix_cache *c)
{
    while (c->count)
        drop(c, c->count - 1);
}

void prefix_cache_release(struct prefix_cache *c)
{
    prefix_cache_clear(c);
    mem_free(c->held);
    c->held = NULL;
    c->capacity = 0;
}
