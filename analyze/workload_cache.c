/* SPDX-License-Identifier: MIT */
#include "analyze/workload_cache.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/block_text.h"

static const struct cache_policy usual[] = {{CACHE_UNLIMITED, 0}, {CACHE_LAST, 0},    {CACHE_SLOTS, 2},
                                            {CACHE_SLOTS, 4},     {CACHE_SLOTS, 8},   {CACHE_BLOCK, 16},
                                            {CACHE_BLOCK, 64},    {CACHE_BLOCK, 256}, {CACHE_BLOCK, 512}};
#define USUAL (sizeof usual / sizeof usual[0])
_Static_assert(USUAL < WORKLOAD_POLICIES_MAX, "there is room for one more");

static const struct decimals whole = {DECIMAL_FIXED, 0}, share = {DECIMAL_FIXED, 3};

/* Tools come before the messages in every template's prompt. */
static int put_prompts(const struct workload *w, struct buf *all, size_t *ends)
{
    for (size_t i = 0; i < w->phase_count; i++) {
        if (w->phases[i].tools)
            buf_puts(all, w->phases[i].tools);
        buf_puts(all, w->phases[i].messages);
        ends[i] = all->len;
    }
    return all->failed;
}

static int compare(const struct workload *w, struct overlap *overlap)
{
    struct buf all;
    struct bytes *texts = mem_zalloc(w->phase_count + 1, sizeof *texts);
    size_t *ends = mem_zalloc(w->phase_count + 1, sizeof *ends);
    buf_init(&all, 2 * (size_t)BUF_DEFAULT_LIMIT);
    int status = texts && ends ? put_prompts(w, &all, ends) : TT_NOMEM;
    for (size_t i = 0; i < w->phase_count && !status; i++) {
        size_t start = i ? ends[i - 1] : 0;
        texts[i] = (struct bytes){all.data + start, ends[i] - start};
    }
    if (!status)
        status = overlap_init(overlap, OVERLAP_BYTES, texts, w->phase_count);
    mem_free(texts);
    mem_free(ends);
    buf_release(&all);
    return status;
}

/* The workload's phases as runs that all went well. */
static void make_runs(const struct workload *w, struct tape *tape)
{
    for (size_t i = 0; i < w->phase_count; i++) {
        struct run_figures *run = tape_run_at(tape, i);
        run->run = run->prompt = i;
        run->prompt_tokens = overlap_length(&tape->overlap, i) / BLOCK_TEXT_TOKEN_BYTES;
        run->cold = w->phases[i].cold ? COLD_RESET : COLD_NOT_ASKED;
        run->cached_tokens = ABSENT;
    }
}

static int add_policy(struct workload_cache *cache, const struct tape *tape,
                      const struct cache_policy *policy, uint64_t *cacheable)
{
    struct workload_reuse *reuse = &cache->reuse[cache->count++];
    int status = cache_policy_apply(policy, tape, cacheable);
    *reuse = (struct workload_reuse){*policy, 0};
    for (size_t i = 0; i < tape->run_count && !status; i++)
        reuse->cacheable += cacheable[i] == ABSENT ? 0 : cacheable[i];
    return status;
}

static int apply_all(struct workload_cache *cache, const struct tape *tape, const struct cache_policy *own)
{
    uint64_t *cacheable = mem_alloc((tape->run_count + 1) * sizeof *cacheable);
    int status = cacheable ? TT_OK : TT_NOMEM;
    for (size_t i = 0; i < USUAL && !status; i++)
        status = add_policy(cache, tape, &usual[i], cacheable);
    if (!status && own)
        status = add_policy(cache, tape, own, cacheable);
    for (size_t i = 0; i < tape->run_count; i++)
        cache->prompt += tape_run_at(tape, i)->prompt_tokens;
    mem_free(cacheable);
    return status;
}

int workload_cache_compute(struct workload_cache *cache, const struct workload *w,
                           const struct cache_policy *own)
{
    struct tape tape = {.run_count = w->phase_count};
    memset(cache, 0, sizeof *cache);
    cache->workload = w;
    int status = compare(w, &tape.overlap);
    tape.runs = mem_zalloc(w->phase_count + 1, sizeof *tape.runs);
    if (!status && !tape.runs)
        status = TT_NOMEM;
    if (!status) {
        make_runs(w, &tape);
        status = apply_all(cache, &tape, own);
    }
    overlap_release(&tape.overlap);
    mem_free(tape.runs);
    return status;
}

static double reuse_of(const struct workload_cache *cache, size_t i)
{
    return cache->prompt ? (double)cache->reuse[i].cacheable / (double)cache->prompt : NAN;
}

void workload_cache_table(const struct workload_cache *cache, struct table *table)
{
    char name[CACHE_POLICY_NAME];
    table_title(table, cache->workload->name);
    table_column(table, "policy", "policy", ALIGN_NONE);
    table_column(table, "prompt_tokens", "prompt", ALIGN_RIGHT);
    table_column(table, "cacheable_tokens", "cacheable", ALIGN_RIGHT);
    table_column(table, "reuse", "reuse", ALIGN_RIGHT);
    for (size_t i = 0; i < cache->count; i++) {
        table_row(table);
        table_text(table, cache_policy_name(&cache->reuse[i].policy, name), STYLE_NONE);
        table_number(table, (double)cache->prompt, 1, whole, STYLE_NONE);
        table_number(table, (double)cache->reuse[i].cacheable, 1, whole, STYLE_NONE);
        table_number(table, reuse_of(cache, i), 1, share, STYLE_NONE);
    }
    table_notef(
        table,
        "theory: %zu prompts once in their order, prompts alone, %d bytes a token; what answers leave in "
        "a cache is not counted",
        cache->workload->phase_count, BLOCK_TEXT_TOKEN_BYTES);
}

void workload_cache_json(const struct workload_cache *cache, struct jsonout *j)
{
    char name[CACHE_POLICY_NAME];
    jsonout_object(j);
    jsonout_field_string(j, "workload", cache->workload->name);
    jsonout_field_string(j, "sha256", cache->workload->sha256);
    jsonout_field_u64(j, "phases", cache->workload->phase_count);
    jsonout_field_u64(j, "prompt_tokens", cache->prompt);
    jsonout_key(j, "policies");
    jsonout_array(j);
    for (size_t i = 0; i < cache->count; i++) {
        jsonout_object(j);
        jsonout_field_string(j, "policy", cache_policy_name(&cache->reuse[i].policy, name));
        jsonout_field_u64(j, "cacheable_tokens", cache->reuse[i].cacheable);
        jsonout_field_number(j, "reuse", reuse_of(cache, i));
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
    jsonout_end(j, '}');
}
