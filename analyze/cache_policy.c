/* SPDX-License-Identifier: MIT */
#include "analyze/cache_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/run_order.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/json.h"

/* The prompts that the cache holds. For slots, the most recently used one comes first. */
struct held {
    size_t *prompts;
    size_t count, limit;
};

static int read_count(const char *text, uint64_t max, uint64_t *n)
{
    char *end;
    if (*text < '0' || *text > '9')
        return 0;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *n = value;
    return !errno && !*end && value > 0 && value <= max;
}

int cache_policy_parse(struct cache_policy *policy, const char *text, struct error *e)
{
    static const struct {
        const char *name;
        enum cache_policy_kind kind;
        uint64_t max; /* 0 without a number */
    } known[] = {
        {"conversation", CACHE_CONVERSATION, 0},    {"last", CACHE_LAST, 0},
        {"unlimited", CACHE_UNLIMITED, 0},          {"slots:", CACHE_SLOTS, CACHE_SLOTS_MAX},
        {"block:", CACHE_BLOCK, UINT64_C(1) << 20},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t len = strlen(known[i].name);
        policy->kind = known[i].kind;
        policy->n = 0;
        if (known[i].max
                ? strncmp(text, known[i].name, len) == 0 && read_count(text + len, known[i].max, &policy->n)
                : strcmp(text, known[i].name) == 0)
            return TT_OK;
    }
    return error_set(e, TT_USAGE,
                     "'%s' is no cache policy: conversation, last, unlimited, slots:N with N up to %d, or "
                     "block:N with N up to 1048576",
                     text, CACHE_SLOTS_MAX);
}

const char *cache_policy_name(const struct cache_policy *policy, char name[CACHE_POLICY_NAME])
{
    static const char *const names[] = {"conversation", "last", "slots", "block", "unlimited"};
    if (policy->n)
        snprintf(name, CACHE_POLICY_NAME, "%s:%llu", names[policy->kind], (unsigned long long)policy->n);
    else
        snprintf(name, CACHE_POLICY_NAME, "%s", names[policy->kind]);
    return name;
}

static uint64_t prompt_tokens(const struct overlap *o, const struct run_figures *run)
{
    if (run->prompt_tokens != ABSENT || run->prompt >= o->count || o->unit != OVERLAP_TOKENS)
        return run->prompt_tokens;
    return overlap_length(o, run->prompt);
}

/* Common tokens of the run's prompt and a held one; bytes are taken for equally long tokens. */
static uint64_t common_tokens(const struct overlap *o, const struct run_figures *run, size_t held)
{
    uint64_t common = overlap_common(o, run->prompt, held);
    if (o->unit == OVERLAP_TOKENS)
        return common;
    if (!common || run->prompt_tokens > UINT32_MAX)
        return 0;
    return common * run->prompt_tokens / overlap_length(o, run->prompt);
}

/* The held sequence that serves the run best, and how far; `held->count` when there is none. */
static size_t best_match(const struct overlap *o, const struct run_figures *run, const struct held *held,
                         uint64_t *tokens)
{
    size_t best = held->count;
    *tokens = 0;
    for (size_t i = 0; i < held->count; i++) {
        uint64_t common = common_tokens(o, run, held->prompts[i]);
        if (common > *tokens) {
            *tokens = common;
            best = i;
        }
    }
    return best;
}

static int holds(const struct held *held, size_t prompt)
{
    for (size_t i = 0; i < held->count; i++) {
        if (held->prompts[i] == prompt)
            return 1;
    }
    return 0;
}

/* A sequence takes the slot that it continues, else a free one, else the one that was idle longest. */
static void use_slot(struct held *held, size_t prompt, size_t match, uint64_t tokens)
{
    size_t slot = match < held->count && tokens >= CACHE_HIT_MIN ? match : held->count;
    if (slot == held->count && held->count == held->limit)
        slot--;
    else if (slot == held->count)
        held->count++;
    memmove(held->prompts + 1, held->prompts, slot * sizeof *held->prompts);
    held->prompts[0] = prompt;
}

static void hold(const struct cache_policy *policy, struct held *held, size_t prompt, size_t match,
                 uint64_t tokens)
{
    if (policy->kind == CACHE_SLOTS) {
        use_slot(held, prompt, match, tokens);
        return;
    }
    if (policy->kind == CACHE_LAST)
        held->count = 0;
    if (!holds(held, prompt))
        held->prompts[held->count++] = prompt;
}

/* Emptied on purpose, and nothing that the server says speaks against it. */
static int is_proven_cold(const struct run_figures *run)
{
    int emptied = run->cold == COLD_RESTART || run->cold == COLD_RESET || run->cold == COLD_NONCE;
    return emptied && (run->cached_state != CACHED_NUMBER || run->cached_tokens <= CACHE_HIT_MIN);
}

static uint64_t cacheable_of(const struct cache_policy *policy, uint64_t common, uint64_t prompt)
{
    uint64_t cacheable = prompt && common > prompt - 1 ? prompt - 1 : common;
    return policy->kind == CACHE_BLOCK ? cacheable / policy->n * policy->n : cacheable;
}

static int is_by_repeat(const struct cache_policy *policy)
{
    return policy->kind == CACHE_CONVERSATION || policy->kind == CACHE_BLOCK;
}

static void by_repeat(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS])
{
    keys[0] = run->repeat;
}

/* With the engine's own answers in the prompts, what it holds goes on behind the prompt of the run before:
 * its answer but for the last token, which it never read. `n` is the run's place in `order`. */
static uint64_t answer_tokens(const struct tape *tape, const struct run_place *order, size_t n,
                              size_t held_prompt)
{
    const struct run_figures *run = tape_run_at(tape, order[n].index);
    for (size_t k = n; run->parent != ABSENT && k-- > 0;) {
        const struct run_figures *before = tape_run_at(tape, order[k].index);
        if (before->repeat != run->repeat)
            break;
        if (before->run == run->parent)
            return before->prompt == held_prompt && before->completion_tokens ? before->completion_tokens - 1
                                                                              : 0;
    }
    return 0;
}

static void apply(const struct cache_policy *policy, const struct tape *tape, const struct run_place *order,
                  struct held *held, uint64_t *cacheable)
{
    const struct overlap *o = &tape->overlap;
    int by_repeat = is_by_repeat(policy);
    int is_live = json_bool(json_path(tape->meta, "options"), "live", 0);
    for (size_t n = 0; n < tape->run_count; n++) {
        size_t i = order[n].index;
        const struct run_figures *run = tape_run_at(tape, i);
        uint64_t common, prompt = prompt_tokens(o, run);
        if (is_proven_cold(run) ||
            (n && by_repeat && run->repeat != tape_run_at(tape, order[n - 1].index)->repeat))
            held->count = 0;
        size_t match = best_match(o, run, held, &common);
        uint64_t said =
            is_live && match < held->count ? answer_tokens(tape, order, n, held->prompts[match]) : 0;
        int is_known = run->prompt < o->count && prompt != ABSENT;
        cacheable[i] = !is_known                   ? ABSENT
                       : run->cold == COLD_REQUEST ? 0
                                                   : cacheable_of(policy, common + said, prompt);
        if (run->prompt < o->count && run->t_first_token != ABSENT)
            hold(policy, held, (size_t)run->prompt, match, common);
    }
}

int cache_policy_apply(const struct cache_policy *policy, const struct tape *tape, uint64_t *cacheable)
{
    struct held held = {.limit = tape->overlap.count};
    if (policy->kind == CACHE_SLOTS)
        held.limit = (size_t)policy->n;
    held.prompts = mem_alloc((held.limit + 1) * sizeof *held.prompts);
    struct run_place *order = run_order(tape, is_by_repeat(policy) ? by_repeat : NULL);
    int status = held.prompts && order ? TT_OK : TT_NOMEM;
    if (!status)
        apply(policy, tape, order, &held, cacheable);
    mem_free(held.prompts);
    mem_free(order);
    return status;
}
