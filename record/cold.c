/* SPDX-License-Identifier: MIT */
#include "record/cold.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/prng.h"
#include "record/clock.h"
#include "record/command_runner.h"
#include "record/engine_command.h"

#define HEALTH_EVERY_NS UINT64_C(200000000)
#define RESET_TIMEOUT_S 30

static const struct cold_engine {
    enum engine_kind engine;
    const char *request; /* member for cold requests; "%s" becomes the epoch's salt */
    int in_all_requests; /* a salt must be in the warm requests as well, or they would not find the cold one's
                            cache */
    const char *reset_verb; /* and endpoint that empties the cache */
    const char *reset_path;
} offers[] = {
    /* The slot still keeps such a prompt: the next one that begins alike finds it. */
    {ENGINE_LLAMACPP, "{\"cache_prompt\":false}", 0, NULL, NULL},
    {ENGINE_TOKTAPE, "{\"cache_prompt\":false}", 0, NULL, NULL},
    {ENGINE_VLLM, "{\"cache_salt\":\"%s\"}", 1, NULL, NULL},
    {ENGINE_MLX_VLM, NULL, 0, "POST", "/v1/cache/reset"},
    {ENGINE_RAPID_MLX, NULL, 0, "POST", "/v1/cache/clear"},
    {ENGINE_VLLM_MLX, NULL, 0, "DELETE", "/v1/cache"},
    {ENGINE_SGLANG, NULL, 0, "POST", "/flush_cache"},
};

static const struct cold_engine no_offer = {ENGINE_UNKNOWN, NULL, 0, NULL, NULL};

static const struct cold_engine *find_offer(enum engine_kind engine)
{
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        if (offers[i].engine == engine)
            return &offers[i];
    }
    return &no_offer;
}

/* ---- choosing ---- */

static enum cold_method best_of(const struct cold_plan *plan)
{
    if (plan->restart_cmd)
        return COLD_RESTART;
    if (plan->offer->request)
        return COLD_REQUEST;
    return plan->offer->reset_path ? COLD_RESET : COLD_NONCE;
}

static int is_possible(const struct cold_plan *plan, enum cold_method method)
{
    switch (method) {
    case COLD_RESTART:
        return plan->restart_cmd || plan->engine;
    case COLD_REQUEST:
        return plan->offer->request != NULL;
    case COLD_RESET:
        return plan->offer->reset_path != NULL;
    default:
        return 1;
    }
}

static int refuse(const struct cold_plan *plan, const char *choice, enum engine_kind engine, struct error *e)
{
    if (strcmp(choice, "restart") == 0)
        return error_set(e, TT_USAGE, "'--cold restart' needs '--restart-cmd' or '--engine-cmd'");
    const char *other = plan->offer->request ? "request, " : plan->offer->reset_path ? "reset, " : "";
    return error_set(e, TT_USAGE,
                     "'--cold %s' is nothing that %s offers; it has %snonce, keep, and restart with "
                     "'--restart-cmd'",
                     choice, engine == ENGINE_UNKNOWN ? "an unknown engine" : engine_name(engine), other);
}

int cold_plan_make(struct cold_plan *plan, const char *choice, enum engine_kind engine,
                   const struct cold_restart *restart, uint64_t seed, struct error *e)
{
    *plan = (struct cold_plan){.method = COLD_NOT_ASKED, .offer = find_offer(engine), .seed = seed};
    if (restart) {
        plan->restart_cmd = restart->command;
        plan->purge_cmd = restart->purge_cmd;
        plan->engine = restart->engine;
    }
    if (strcmp(choice, "auto") == 0) {
        plan->method = best_of(plan);
        return TT_OK;
    }
    for (uint64_t m = COLD_RESTART; m <= COLD_KEEP; m++) {
        if (strcmp(choice, cold_method_name(m)) == 0)
            plan->method = (enum cold_method)m;
    }
    if (plan->method == COLD_NOT_ASKED)
        return error_set(e, TT_USAGE, "'--cold %s' is not one of auto, restart, request, reset, nonce, keep",
                         choice);
    return is_possible(plan, plan->method) ? TT_OK : refuse(plan, choice, engine, e);
}

/* ---- doing ---- */

/* Random to an engine's cache from its first token on, and the same whenever seed and epoch are. */
static uint64_t salt_of(const struct cold_plan *plan, uint64_t epoch)
{
    struct prng random;
    prng_seed(&random, plan->seed ^ (epoch + 1) * UINT64_C(0x9e3779b97f4a7c15));
    return prng_next(&random);
}

static void fill_nonce(const struct cold_plan *plan, uint64_t epoch, struct cold_step *step)
{
    snprintf(step->nonce_text, sizeof step->nonce_text, "[%016llx] ",
             (unsigned long long)salt_of(plan, epoch));
    step->nonce = step->nonce_text;
}

/* The table's text with its "%s", if it has one, replaced by the salt. */
static void fill_body(const struct cold_plan *plan, uint64_t epoch, struct cold_step *step)
{
    const char *text = plan->offer->request, *hole = strstr(text, "%s");
    if (hole)
        snprintf(step->body_text, sizeof step->body_text, "%.*s%016llx%s", (int)(hole - text), text,
                 (unsigned long long)salt_of(plan, epoch), hole + 2);
    else
        snprintf(step->body_text, sizeof step->body_text, "%s", text);
    step->body = step->body_text;
}

static int is_interrupted(const struct probe_job *job)
{
    return job->interrupted && *job->interrupted;
}

static int wait_until_healthy(const struct probe_job *job, struct error *e)
{
    uint64_t end = clock_after_s(COLD_RESTART_TIMEOUT_S);
    while (!probe_is_healthy(job)) {
        if (is_interrupted(job))
            return error_set(e, TT_INTERRUPTED, "interrupted while waiting for the engine to come back");
        uint64_t now = clock_ticks();
        if (now >= end)
            return error_set(e, TT_NETWORK, "the engine did not come back within %d s after the restart",
                             COLD_RESTART_TIMEOUT_S);
        clock_sleep_until(now + clock_ns_to_ticks(HEALTH_EVERY_NS));
    }
    return TT_OK;
}

static int run_command(const char *what, const char *text, const struct probe_job *job, struct error *e)
{
    struct command_job command = {what, text, COLD_RESTART_TIMEOUT_S, job->interrupted};
    return text ? command_run(&command, NULL, e) : TT_OK;
}

static int restart(const struct cold_plan *plan, const struct probe_job *job, struct error *e)
{
    if (!plan->restart_cmd)
        return engine_command_restart(plan->engine, job, e);
    int status = run_command("the purge command", plan->purge_cmd, job, e);
    if (!status)
        status = run_command("the restart command", plan->restart_cmd, job, e);
    return status ? status : wait_until_healthy(job, e);
}

static int judge_reset(const struct cold_plan *plan, const struct http_result *r, struct error *e)
{
    if (r->ended == RUN_ENDED_INTERRUPTED)
        return error_set(e, TT_INTERRUPTED, "interrupted while the engine's cache was being emptied");
    if (r->ended == RUN_ENDED_COMPLETE && r->status >= 200 && r->status < 300)
        return TT_OK;
    if (r->status == ABSENT || r->ended != RUN_ENDED_COMPLETE)
        return error_set(e, TT_NETWORK, "the engine's cache could not be emptied (%s): %s",
                         plan->offer->reset_path, r->error);
    return error_set(e, TT_NETWORK, "the engine refused to empty its cache: %s answered %d",
                     plan->offer->reset_path, (int)r->status);
}

static int reset(const struct cold_plan *plan, const struct probe_job *job, struct error *e)
{
    struct http_answer answer;
    char *url = endpoint_url(job->endpoint, plan->offer->reset_path);
    if (!url)
        return error_set(e, TT_NOMEM, "out of memory for a cache reset");
    struct http_request q = {
        .url = url, .method = plan->offer->reset_verb, .headers = job->headers, .timeout_s = RESET_TIMEOUT_S};
    int status = http_fetch(job->client, &q, PROBE_BODY_MAX, job->interrupted, &answer, e);
    if (!status)
        status = judge_reset(plan, &answer.result, e);
    http_answer_release(&answer);
    mem_free(url);
    return status;
}

static int act(const struct cold_plan *plan, const struct probe_job *job, struct cold_step *step,
               struct error *e)
{
    int status = TT_OK;
    if (plan->method == COLD_RESTART)
        status = restart(plan, job, e);
    else if (plan->method == COLD_RESET)
        status = reset(plan, job, e);
    else
        return TT_OK;
    if (!status)
        step->mark = plan->method == COLD_RESTART ? "restart" : "cache_reset";
    return status;
}

int cold_prepare(const struct cold_plan *plan, const struct probe_job *job, int must_be_cold, uint64_t epoch,
                 struct cold_step *step, struct error *e)
{
    memset(step, 0, sizeof *step);
    step->method = must_be_cold ? plan->method : COLD_NOT_ASKED;
    if (plan->method == COLD_NONCE)
        fill_nonce(plan, epoch, step);
    if (plan->method == COLD_REQUEST && (must_be_cold || plan->offer->in_all_requests))
        fill_body(plan, epoch, step);
    int status = must_be_cold ? act(plan, job, step, e) : TT_OK;
    if (status)
        step->method = COLD_KEEP; /* nothing was done: the cache is as it was */
    return status;
}

enum cold_judgement cold_judge(uint64_t cached)
{
    if (cached == ABSENT)
        return COLD_IS_UNKNOWN;
    return cached > COLD_CACHED_MAX ? COLD_IS_NOT : COLD_IS_COLD;
}
