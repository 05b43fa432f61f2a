/* SPDX-License-Identifier: MIT */
/* Looking things up in what is known about an engine. Part of the engine files only. */
#ifndef TOKTAPE_ENGINE_EVIDENCE_H
#define TOKTAPE_ENGINE_EVIDENCE_H

#include "record/engine.h"

/* The evidence with its JSON documents parsed. */
struct reading {
    const struct engine_evidence *evidence;
    struct {
        const char *path;
        cJSON *document;
    } documents[PROBES_MAX];
    size_t count;
    char *openapi_title, *openapi_version; /* NULL when there is no such document */
};

int reading_init(struct reading *r, const struct engine_evidence *evidence);
void reading_release(struct reading *r);

/* The parsed answer of an endpoint, NULL when there is none or it is no JSON. */
const cJSON *reading_document(const struct reading *r, const char *path);

/* Texts inside it, "a.b" through objects; NULL when absent, empty or not a string. */
const char *reading_text(const struct reading *r, const char *path, const char *dotted);
uint64_t reading_count(const struct reading *r, const char *path, const char *dotted); /* ABSENT */

/* What stands behind `prefix` ("mlx_vlm/") in any Server: header, up to a blank; .data NULL when none begins
 * so. */
struct bytes reading_server(const struct reading *r, const char *prefix);

/* True when a line of /metrics begins with `prefix`. */
int reading_has_metric(const struct reading *r, const char *prefix);
/* The value of that label of that metric. */
struct bytes reading_metric_label(const struct reading *r, const char *metric, const char *label);

/* The value of the last argument with one of the names (NULL-ended), as "--name value" or "--name=value": of
 * the process that listens, or else of its children if all that have one agree (Ollama has a child for each
 * model, and which one answers is not told). */
struct bytes reading_argument(const struct reading *r, const char *const *names);

/* True when a process is that program: the last component of its executable or of one of its first arguments
 * ("/opt/bin/llama-server", "python3 -m mlx_lm.server", ".../bin/vllm"). */
int reading_has_program(const struct reading *r, const char *program);

/* The entry of a list of models that is about the model in question: the one with its id, or the only one. */
const cJSON *reading_model_entry(const struct reading *r, const char *path, const char *list,
                                 const char *id_name);

#endif
