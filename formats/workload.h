/* SPDX-License-Identifier: MIT */
/* Workloads: named phases of a conversation script, built in or from a JSON file (docs/workloads.md). */
#ifndef TOKTAPE_WORKLOAD_H
#define TOKTAPE_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/digest.h"
#include "formats/error.h"

#define WORKLOAD_PHASES_MAX 1024 /* so that their description fits into one META document */
#define WORKLOAD_NAME_MAX   100
#define WORKLOAD_TOKENS_MAX ((uint64_t)1 << 30)  /* of max_tokens and context */
#define WORKLOAD_THINK_MAX  ((uint64_t)86400000) /* milliseconds: a day */

struct workload_phase {
    char *name;     /* [A-Za-z0-9._-], unique in its workload */
    char *messages; /* JSON array text, compact, exactly as it will stand in the request body */
    char *tools;    /* JSON array text, or NULL */
    uint64_t max_tokens;
    int cold;          /* the prompt cache must not know this prompt's beginning */
    int headline;      /* its figures appear in summaries */
    int is_long;       /* --skip-long leaves it out */
    uint64_t think_ms; /* what passes between the answer before and this request; 0: the usual pause */
};

struct workload {
    char *name;
    char sha256[SHA256_HEX_BYTES]; /* of the canonical JSON of the whole workload, see workload_canonical */
    uint64_t context_needed;       /* tokens a server must hold: the document's "context", else an estimate */
    struct workload_phase *phases;
    size_t phase_count;
    int is_calibrated; /* by workload_calibrate */
};

/* "agentic-8" or "agent-loop". TT_NOTFOUND names the built-in ones. Release with workload_release. */
int workload_builtin(struct workload *w, const char *name, struct error *e);

int workload_is_builtin(const char *name);

/* A built-in one by its name, else the file of that name. TT_USAGE when there is neither. */
int workload_open(struct workload *w, const char *name, struct error *e);

/* Reads a workload document; unknown keys are refused by name. What is sent (`messages`, `tools`) keeps the
 * spelling of its strings and numbers; only white space between tokens goes. On failure *w is empty. */
int workload_load(struct workload *w, const char *path, struct error *e);
int workload_parse(struct workload *w, const void *text, size_t len, struct error *e);

/* Index of the phase with that name, or -1. */
long workload_find(const struct workload *w, const char *phase);

/* TT_OK, or TT_USAGE with the names of those that there are. */
int workload_check_phase(const struct workload *w, const char *phase, struct error *e);

/* The phase that this one carries on: the one before it with the longest list of messages that this one's
 * list begins with and goes beyond. -1 when there is none. */
long workload_parent(const struct workload *w, size_t phase);

/* Tokens that a phase needs by a cautious estimate: 3.5 bytes of JSON each, and its answer. */
uint64_t workload_phase_context(const struct workload_phase *phase);

/* The workload as JSON: {"name", "sha256", "context", "calibrated", "phases": [{"name", "max_tokens", "cold",
 * …}]} without messages, for META; "calibrated" only where it is true. */
int workload_describe(const struct workload *w, struct buf *json);

/* The whole workload as one line of JSON, every key spelt out in a fixed order, "context" left out (it is
 * never sent). Its SHA-256 is the workload's; parsing it gives the same hash again. */
int workload_canonical(const struct workload *w, struct buf *json);

/* Counts the tokens of a text with the engine's own tokeniser, without chat template. Returns TT_OK or an
 * error, which ends the calibration. */
typedef int workload_count_fn(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e);

/* Cuts or extends the texts of an untouched built-in "agentic-8" so that this tokeniser gives exactly 6000
 * tokens for each system prompt, 1500 for each short task and 50000 for the long one. The hash changes with
 * the texts. Any other workload, or a counter that no text satisfies, is TT_UNSUPPORTED; on failure *w is
 * unchanged. */
int workload_calibrate(struct workload *w, workload_count_fn *count, void *context, struct error *e);

void workload_release(struct workload *w);

#endif
