/* SPDX-License-Identifier: MIT */
/* Any number of values, each with how often it counts, for statistics that need them all.
 *
 * Equal values are kept once. Milliseconds that are whole nanoseconds take one to four bytes each, however
 * many tokens have them, other values some six, and twice that while they are packed anew; the
 * newest, an eighth of all or a few thousand, take 16. The packed ones stand on a shelf (formats/shelf.h). */
#ifndef TOKTAPE_SAMPLES_H
#define TOKTAPE_SAMPLES_H

#include "analyze/statistics.h"
#include "formats/buf.h"

#define SAMPLES_BYTES_MAX ((size_t)64 << 20) /* of the packed ones; more is TT_LIMIT */

/* All zero is empty. */
struct samples {
    struct counted_value *fresh; /* not packed yet */
    size_t fresh_count, fresh_capacity;
    int is_sorted;     /* the fresh ones */
    struct buf packed; /* rising differences; samples_next reads it. Its limit 0 means SAMPLES_BYTES_MAX */
    size_t packed_count;
    uint64_t total; /* of all counts, at most UINT64_MAX */
};

/* What is not finite, or counts 0 times, is no sample. TT_OK, TT_NOMEM or TT_LIMIT. */
int samples_add(struct samples *s, double value, uint64_t count);

/* Moves all of `from`, which is empty then; likewise. */
int samples_join(struct samples *s, struct samples *from);

void samples_release(struct samples *s);

/* Walks through them, each value once and rising. Nothing may be added meanwhile. */
struct samples_cursor {
    struct bytes packed;              /* still to be read */
    int64_t grain;                    /* of the last one that was read */
    struct counted_value next_packed; /* count 0 at the end */
    const struct counted_value *fresh, *fresh_end;
};

struct samples_cursor samples_rising(struct samples *s);
int samples_next(struct samples_cursor *c, struct counted_value *value); /* 0 at the end */

#endif
