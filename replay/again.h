/* SPDX-License-Identifier: MIT */
/* Sending a trace's requests again: the script of a session, and how faithful it was. */
#ifndef TOKTAPE_AGAIN_H
#define TOKTAPE_AGAIN_H

#include <stddef.h>
#include <stdint.h>

#include "record/session.h"
#include "replay/script_bursts.h"

#define AGAIN_DIVERGED_MAX 200 /* answers that the trace names one by one; more are counted */

struct again_diverged {
    uint64_t request, token;
};

/* How the replay went so far. Answers are compared when both are whole. */
struct fidelity {
    uint64_t requests, identical_bodies;
    uint64_t compared, lengths_equal, texts_equal;
    uint64_t *lags_ns; /* of each request: how much later than intended it was begun */
    size_t lag_count, lag_capacity;
    struct again_diverged diverged[AGAIN_DIVERGED_MAX];
    size_t diverged_count;
};

struct again {
    const struct script *script;
    uint64_t passes;
    uint64_t concurrency;        /* conversations of a burst; 0: all requests one after another */
    struct script_bursts bursts; /* likewise none */
    struct buf body;
    struct stream *stream;
    struct answer_trail answer, recorded; /* the latter where it has to be fetched */
    struct fidelity fidelity;
};

/* `script` is borrowed. `concurrency`: conversations of a burst; 0: there are no bursts. Release with
 * again_release in every case. TT_NOMEM; TT_LIMIT over `runs_max` runs. */
int again_init(struct again *again, const struct script *script, uint64_t passes, uint64_t concurrency,
               size_t runs_max, struct error *e);
void again_release(struct again *again);

/* What a session needs to know. Borrows *again and `substitutions`. */
struct session_script again_script(struct again *again, enum session_pace pace,
                                   const char *const *substitutions);

#endif
