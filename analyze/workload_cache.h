/* SPDX-License-Identifier: MIT */
/* What a workload by itself allows a prefix cache: how many of its prompts' tokens were in prompts before,
 * under several policies. Nothing is measured: a token is taken for BLOCK_TEXT_TOKEN_BYTES bytes. */
#ifndef TOKTAPE_WORKLOAD_CACHE_H
#define TOKTAPE_WORKLOAD_CACHE_H

#include <stdint.h>

#include "analyze/cache_policy.h"
#include "analyze/table.h"
#include "formats/jsonout.h"
#include "formats/workload.h"

#define WORKLOAD_POLICIES_MAX 12

struct workload_reuse {
    struct cache_policy policy;
    uint64_t cacheable; /* tokens over all phases */
};

struct workload_cache {
    const struct workload *workload; /* borrowed */
    uint64_t prompt;                 /* tokens over all phases */
    struct workload_reuse reuse[WORKLOAD_POLICIES_MAX];
    size_t count;
};

/* One pass over the workload's phases in their order, with an empty cache at first; a phase that must be cold
 * empties it. `own` is a policy to be shown, too; NULL: none. TT_OK or TT_NOMEM. */
int workload_cache_compute(struct workload_cache *cache, const struct workload *w,
                           const struct cache_policy *own);

void workload_cache_table(const struct workload_cache *cache, struct table *table); /* of the one workload */
void workload_cache_json(const struct workload_cache *cache, struct jsonout *j);

#endif
