/* SPDX-License-Identifier: MIT */
/* Any number of values, each with how often it counts, for statistics that need them all.
 *
 * The newest few thousand are memory; the others are packed (analyze/packed_values.h), in lists of which each
 * has more than twice the values of the next: a value is packed again only when its list is merged with at
 * least half as many newer ones. Equal values of one list are kept once. */
#ifndef TOKTAPE_SAMPLES_H
#define TOKTAPE_SAMPLES_H

#include "analyze/packed_values.h"

#define SAMPLES_BYTES_MAX ((size_t)64 << 20) /* of the packed ones; more is TT_LIMIT */
#define SAMPLES_LISTS_MAX 16                 /* the first would have more values than it may have bytes */

/* All zero is empty. */
struct samples {
    struct counted_value *fresh; /* not packed yet */
    size_t fresh_count, fresh_capacity;
    int is_sorted;               /* the fresh ones */
    struct packed_values *lists; /* NULL: none yet */
    size_t list_count;
    size_t limit;   /* of their bytes, and as many again while they are merged. 0: SAMPLES_BYTES_MAX */
    uint64_t total; /* of all counts, at most UINT64_MAX */
};

/* What is not finite, or counts 0 times, is no sample. TT_OK, TT_NOMEM or TT_LIMIT. */
int samples_add(struct samples *s, double value, uint64_t count);

/* Moves all of `from`, which is empty then; likewise. */
int samples_join(struct samples *s, struct samples *from);

void samples_release(struct samples *s);

/* Walks through them, each value once and rising. Nothing may be added meanwhile. */
struct samples_cursor {
    struct packed_cursor lists[SAMPLES_LISTS_MAX];
    struct counted_value heads[SAMPLES_LISTS_MAX]; /* the next of each list */
    size_t list_count;                             /* of those that have one */
    const struct counted_value *fresh, *fresh_end;
};

struct samples_cursor samples_rising(struct samples *s);
int samples_next(struct samples_cursor *c, struct counted_value *value); /* 0 at the end */

#endif
