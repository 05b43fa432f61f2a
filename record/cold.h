/* SPDX-License-Identifier: MIT */
/* Making a run that must be cold really cold: the engine's prompt cache may not know the prompt's beginning.
 *
 * What the engines offer is a table: a member in the request (llama.cpp, vLLM), an endpoint that empties the
 * cache (mlx-vlm, Rapid-MLX, vllm-mlx, SGLang), a restart when the user said how. A nonce in front of the
 * prompt always works. Whatever is done, the answer's own count of cached tokens has the last word
 * (cold_judge). */
#ifndef TOKTAPE_COLD_H
#define TOKTAPE_COLD_H

#include <stdint.h>

#include "formats/error.h"
#include "formats/schema.h"
#include "record/engine.h"
#include "record/probe.h"

#define COLD_CACHED_MAX                                                                                      \
    64 /* tokens that may be cached all the same: the chat template's beginning is shared */
#define COLD_TEXT_SIZE 64
#define COLD_RESTART_TIMEOUT_S                                                                               \
    600 /* of the restart command, and again of the wait until the engine answers */

struct engine_command;
struct cold_engine; /* a row of the table */

/* The method of one recording. Strings are borrowed. */
struct cold_plan {
    enum cold_method method; /* for phases that must be cold */
    const struct cold_engine *offer;
    const char *restart_cmd;
    const char *purge_cmd;         /* run before the restart command; NULL: none */
    struct engine_command *engine; /* started by the recorder, so it can restart it; NULL: not */
    uint64_t seed;
};

/* What a restart takes. Borrowed; all may be NULL. */
struct cold_restart {
    const char *command, *purge_cmd;
    struct engine_command *engine;
};

/* `choice`: "auto", "restart", "request", "reset", "nonce" or "keep"; auto takes the first of restart (when
 * there is a command for it), request, reset, nonce that is possible. An engine that the recorder started is
 * restarted only when that is asked for: loading a model takes minutes. TT_USAGE for another word, for a
 * restart without a command, and for what this engine does not offer, naming what it does. */
int cold_plan_make(struct cold_plan *plan, const char *choice, enum engine_kind engine,
                   const struct cold_restart *restart, uint64_t seed, struct error *e);

/* What one run has to carry. Not to be copied: the pointers lead into it. */
struct cold_step {
    /* For the run's row: COLD_NOT_ASKED in phases that need not be cold, COLD_KEEP when what was planned
     * failed. */
    enum cold_method method;
    const char *nonce; /* text in front of the first message, or NULL */
    const char *body;  /* JSON object of members for the request, or NULL */
    const char *mark;  /* kind of the mark for what was done just now: "restart", "cache_reset"; or NULL */
    char nonce_text[COLD_TEXT_SIZE], body_text[COLD_TEXT_SIZE];
};

/* Prepares a run: restarts the engine or empties its cache when the phase must be cold, and says what the
 * request carries. A nonce, and vLLM's salt, follow from seed and epoch alone. An epoch begins with each run
 * that must be cold and holds until the next: what a cold run left in the cache is there for those after it.
 *
 * TT_OK; TT_IO when the restart command failed; TT_NETWORK when the engine refused the reset, or did not
 * answer within COLD_RESTART_TIMEOUT_S after the restart; TT_INTERRUPTED. *step is valid in all cases, so
 * that the caller may say so and go on: the judgement of the run will tell. */
int cold_prepare(const struct cold_plan *plan, const struct probe_job *job, int must_be_cold, uint64_t epoch,
                 struct cold_step *step, struct error *e);

enum cold_judgement {
    COLD_IS_COLD,
    COLD_IS_NOT,    /* more than COLD_CACHED_MAX tokens came from the cache */
    COLD_IS_UNKNOWN /* the engine does not say: `cached` is ABSENT */
};
enum cold_judgement cold_judge(uint64_t cached);

#endif
