/* SPDX-License-Identifier: MIT */
/* Which engine is it, which version of what model does it run, and how is it set up: read from its
 * information endpoints, its first answer and its process. Every fact says how it was learnt; nothing is
 * guessed from a label.
 *
 * Pure functions over given evidence, but for engine_measure_model. Everything an engine says is untrusted
 * text: it is capped, and scrubbed before it becomes a fact. */
#ifndef TOKTAPE_ENGINE_H
#define TOKTAPE_ENGINE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/scrub.h"
#include "record/probe.h"

#define ENGINE_TEXT_MAX      512 /* a longer version, id … is cut */
#define ENGINE_ARGUMENTS_MAX ((size_t)64 << 10)

enum engine_kind {
    ENGINE_UNKNOWN,
    ENGINE_LLAMACPP,
    ENGINE_MLX_LM,
    ENGINE_MLX_VLM,
    ENGINE_OMLX,
    ENGINE_RAPID_MLX,
    ENGINE_VLLM_MLX,
    ENGINE_VLLM,
    ENGINE_OLLAMA,
    ENGINE_LMSTUDIO,
    ENGINE_SGLANG,
    ENGINE_TOKTAPE, /* a trace or a profile played by `toktape serve` */
    ENGINE_KINDS
};

struct engine_process {
    const char *executable;   /* path, or NULL */
    struct bytes arguments;   /* NUL-separated, as the system gave them: not scrubbed */
    struct bytes environment; /* "NAME=value", NUL-separated: likewise */
};

/* All borrowed; zeroed fields are fine. The same evidence gives the same identity. */
struct engine_evidence {
    const struct probe_set *probes;
    struct bytes server;      /* Server: header of a chat answer; the probes' are looked at anyway */
    struct bytes fingerprint; /* system_fingerprint of a chat answer */
    struct bytes model;       /* `model` of a chat answer, or the one that is asked for */
    const struct engine_process *processes; /* who listens on the port, then its children */
    size_t process_count;
};

struct engine_identity {
    enum engine_kind kind;
    char *version; /* in full; NULL when unknown, like all below */
    char *model_id;
    char *model_file;  /* not scrubbed: for engine_measure_model, never for the trace */
    char *speculative; /* the engine's own word ("draft-mtp"), "none", "unknown" when it is on and no more is
                          known */
    uint64_t context, slots; /* ABSENT when unknown */
    /* What the trace is told: [{"path","value","how"}] with the paths engine.name, .version, .version_source,
     * .binary, .args, .environment, .context, .slots, model.id, .file, .size_bytes, .quant, speculative.kind,
     * .source. Scrubbed. */
    cJSON *facts;
};

/* TT_OK or TT_NOMEM. Release in both cases. */
int engine_identify(struct engine_identity *id, const struct engine_evidence *evidence,
                    const struct scrubber *scrubber, struct error *e);
void engine_identity_release(struct engine_identity *id);

/* For an engine on this machine: adds the size of the model's file, all parts of a split GGUF together; of a
 * model that is a folder (or stands in Hugging Face's cache) the size of its weights, and the quantisation
 * that its config.json states unless the engine itself said one. Nothing happens when there is no such file
 * or folder. TT_OK or TT_NOMEM. */
int engine_measure_model(struct engine_identity *id);

/* The facts of `newer` that `older` does not state in the same way; an array, possibly empty. NULL: no
 * memory. */
cJSON *engine_facts_since(const struct engine_identity *older, const struct engine_identity *newer);

const char *engine_name(enum engine_kind kind); /* "llamacpp", "mlx-lm", "mlx_vlm" …; "unknown" */

#endif
