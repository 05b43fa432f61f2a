/* SPDX-License-Identifier: MIT */
/* Feeds in tests: pulling one to its end, and feeds made of words. */
#ifndef TOKTAPE_FEED_FIXTURE_H
#define TOKTAPE_FEED_FIXTURE_H

#include "formats/buf.h"
#include "replay/schedule.h"

#define DRAINED_MAX 4096

struct drained {
    struct buf bytes; /* all slices joined */
    uint64_t due_ns[DRAINED_MAX];
    size_t lens[DRAINED_MAX];
    size_t count;
    enum feed_end end; /* FEED_MORE when there was none within DRAINED_MAX slices */
    uint64_t end_ns;
};

/* Pulls until the end, or DRAINED_MAX slices, and frees the feed. Release d->bytes. */
void drain(struct feed *feed, struct drained *d);

/* One slice each, a millisecond apart from 1 ms on; the list ends with NULL. */
void schedule_words(struct schedule *s, const char *const *words, enum feed_end end);

#endif
