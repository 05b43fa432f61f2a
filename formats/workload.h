/* SPDX-License-Identifier: MIT */
/* Workloads: named phases of a conversation script, built in or from a JSON file (DESIGN: "Workloads"). */
#ifndef TOKTAPE_WORKLOAD_H
#define TOKTAPE_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/digest.h"
#include "formats/error.h"

#define WORKLOAD_PHASES_MAX 4096

struct workload_phase {
    char *name;         /* [A-Za-z0-9._-], unique in its workload */
    char *messages;     /* JSON array text, compact, exactly as it will stand in the request body */
    char *tools;        /* JSON array text, or NULL */
    uint64_t max_tokens;
    int cold;           /* the prompt cache must not know this prompt's beginning */
    int headline;       /* its figures appear in summaries */
    int is_long;        /* --skip-long leaves it out */
};

struct workload {
    char *name;
    char sha256[SHA256_HEX_BYTES]; /* of the canonical JSON of the whole workload */
    uint64_t context_needed;       /* tokens a server must hold, estimated; 0 when unknown */
    struct workload_phase *phases;
    size_t phase_count;
};

/* "agentic-8". TT_NOTFOUND names the built-in ones. Release with workload_release. */
int workload_builtin(struct workload *w, const char *name, struct error *e);

/* Reads a workload document; unknown keys are refused by name. */
int workload_load(struct workload *w, const char *path, struct error *e);
int workload_parse(struct workload *w, const void *text, size_t len, struct error *e);

/* Index of the phase with that name, or -1. */
long workload_find(const struct workload *w, const char *phase);

/* The workload as JSON: {"name", "sha256", "phases": [{"name", "max_tokens", "cold", …}]} without messages, for META. */
int workload_describe(const struct workload *w, struct buf *json);
void workload_release(struct workload *w);

#endif
