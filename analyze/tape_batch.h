/* SPDX-License-Identifier: MIT */
/* Many traces, loaded on all cores and handed over one after the other in their order, so that results do not
 * depend on which was ready first. */
#ifndef TOKTAPE_TAPE_BATCH_H
#define TOKTAPE_TAPE_BATCH_H

#include "analyze/tape.h"

/* Everything is borrowed. */
struct tape_batch {
    const char *const *paths;
    size_t count;
    struct tape_options options; /* without taps, which would be called from several threads */
    /* Called on the caller's thread; the tape is released afterwards. A value other than TT_OK ends the
     * batch. */
    int (*take)(void *context, const struct tape *tape, struct error *e);
    void *context;
};

/* At most two tapes for each core are held at a time. What failed is the first failure in the order of the
 * paths: that of tape_load or of `take`, or TT_NOMEM. */
int tape_load_batch(const struct tape_batch *batch, struct error *e);

#endif
