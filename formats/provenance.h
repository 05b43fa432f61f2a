/* SPDX-License-Identifier: MIT */
/* Where a trace comes from: the identity of a new one, and the list of what was done to it. */
#ifndef TOKTAPE_PROVENANCE_H
#define TOKTAPE_PROVENANCE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define TRACE_UUID_BYTES 37 /* with the NUL */

struct trace_identity {
    char uuid[TRACE_UUID_BYTES]; /* random, version 4 */
    uint64_t id;                 /* its first 64 bits, never 0: stands in every block header */
};

int trace_identity_make(struct trace_identity *identity, struct error *e);

/* The identity of something that follows from these bytes alone. */
void trace_identity_of(struct trace_identity *identity, const void *bytes, size_t len);

/* Adds {"action", "tool", "parents": [parent]} to the document's `provenance`; without `parents` when
 * `parent` is NULL. TT_OK or TT_NOMEM. */
int provenance_add(cJSON *meta, const char *action, const char *parent);

/* To the entry added last: the trace it was made from, and what was put in place of something else on the way
 * (a list ended by NULL). TT_OK or TT_NOMEM. */
int provenance_detail(cJSON *meta, const char *parent, const char *const *substitutions);

#endif
