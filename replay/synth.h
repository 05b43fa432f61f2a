/* SPDX-License-Identifier: MIT */
/* A recording that nobody made: a synthetic engine answers a workload in virtual time, and what a recorder
 * would have seen goes through the recorder's own writer into a trace, marked as synthetic for ever. The same
 * profile, workload and labels give the same content. */
#ifndef TOKTAPE_SYNTH_H
#define TOKTAPE_SYNTH_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/workload.h"
#include "record/trace_file.h"
#include "replay/profile.h"
#include "replay/synth_plan.h"

/* Everything is borrowed. */
struct synth_options {
    const char *output; /* "-" is standard output */
    const struct workload *workload;
    const struct synth_plan *plan;
    struct bytes source;       /* the profile's text, for the trace's identity */
    const char *const *labels; /* "name=value" */
    size_t label_count;
    /* Makes END's summary, a JSON object, from the trace so far, whose whole blocks are in the file `path`.
     * NULL: none; nor is there one where the trace cannot be read back, as in a pipe. */
    int (*summarise)(const char *path, struct buf *json, struct error *e);
};

struct synth_result {
    char content_id[65];
    uint64_t bytes; /* of the closed trace */
    uint64_t runs_total, runs_failed;
};

/* Takes the profile over (*p is empty afterwards), also on failure. A failure leaves no file. TT_USAGE,
 * TT_EXISTS, TT_IO, TT_NOMEM, TT_LIMIT. */
int synth_write(struct profile *p, const struct synth_options *options, struct synth_result *result,
                struct error *e);

/* A workload_count_fn with the synthetic engine's tokeniser; needs no context. */
int synth_count_tokens(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e);

#endif
