/* SPDX-License-Identifier: MIT */
/* What a response does: slices of bytes, each with the time it is due, pulled one after another, so that an
 * endless answer costs no more memory than a short one. Feeds wrap feeds: framing and faults are such layers.
 */
#ifndef TOKTAPE_FEED_H
#define TOKTAPE_FEED_H

#include <stdint.h>

#include "formats/bytes.h"
#include "formats/error.h"

#define FEED_NEVER UINT64_MAX

enum feed_end {
    FEED_MORE,   /* these are bytes, and more follows */
    FEED_WHOLE,  /* the message has ended as it should */
    FEED_CUT,    /* the connection closes in the middle of the message */
    FEED_SILENT, /* nothing more comes; the connection stays open until due_ns (FEED_NEVER: until the client
                    leaves) */
    FEED_DEAD    /* a cut, and the engine is gone with it */
};

struct slice {
    uint64_t due_ns;    /* since time zero; never smaller than the slice's before */
    struct bytes bytes; /* borrowed until the next call; empty with every end */
    enum feed_end end;
};

/* The first member of every kind of feed. */
struct feed {
    int (*next)(struct feed *f, struct slice *out); /* TT_OK or TT_NOMEM; not to be called after an end */
    void (*free)(struct feed *f);
};

static inline int feed_next(struct feed *f, struct slice *out)
{
    *out = (struct slice){0};
    return f->next(f, out);
}

static inline void feed_free(struct feed *f)
{
    if (f)
        f->free(f);
}

#endif
