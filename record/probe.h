/* SPDX-License-Identifier: MIT */
/* Asking an engine's information endpoints: evidence of which engine it is, how it is set up and what its
 * counters show. Asking never fails a recording: an endpoint that is not there is simply not in the set. */
#ifndef TOKTAPE_PROBE_H
#define TOKTAPE_PROBE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/schema.h"
#include "formats/scrub.h"
#include "record/endpoint.h"
#include "record/http.h"

#define PROBES_MAX      16
#define PROBE_BODY_MAX  ((size_t)256 << 10) /* a longer answer is kept up to here */
#define PROBE_TIMEOUT_S 3
#define PROBE_PATIENCE  2 /* time-outs after which the rest is not asked */

/* One endpoint's latest answer, as it came. */
struct probe_answer {
    const char *path;      /* "/props"; static */
    uint64_t status;       /* HTTP status, ABSENT when it never answered */
    struct buf head, body; /* the body without chunk framing, cut at its cap */
};

struct probe_set {
    struct probe_answer answers[PROBES_MAX];
    size_t count;
    int reached; /* something at that address spoke HTTP at the last asking */
};

/* Receives each answer as a row ready to be stored: headers and body are scrubbed and borrowed. Its error
 * ends the asking. */
typedef int probe_emit_fn(void *context, const struct probe_row *row);

/* How to ask; everything is borrowed. */
struct probe_job {
    struct http_client *client;
    const struct endpoint *endpoint;
    const char *const *headers;               /* NULL, or as in struct http_request: a key … */
    const volatile sig_atomic_t *interrupted; /* may be NULL */
    const struct scrubber *scrubber;
    double timeout_s;    /* per endpoint; 0: PROBE_TIMEOUT_S */
    probe_emit_fn *emit; /* may be NULL */
    void *context;
};

void probe_set_init(struct probe_set *set);
void probe_set_release(struct probe_set *set);

/* Asks what belongs to the moment: at PROBE_AT_START every endpoint in the table, later only those that
 * answered then and whose answers change. `run` is ABSENT unless the moment belongs to one. Answers of 404
 * and 405 are not emitted. TT_OK, TT_NOMEM, or what `emit` returned. */
int probe_ask(struct probe_set *set, const struct probe_job *job, enum probe_moment moment, uint64_t run,
              struct error *e);

/* A health check before going on: 1 when /health, or /v1/models where there is no /health, answers 2xx right
 * now. */
int probe_is_healthy(const struct probe_job *job);

/* The answer of that endpoint when it was 2xx, else NULL. */
const struct probe_answer *probe_find(const struct probe_set *set, const char *path);

#endif
