/* SPDX-License-Identifier: MIT */
/* A response in memory: its bytes, cut into slices with the time each is due. */
#ifndef TOKTAPE_SCHEDULE_H
#define TOKTAPE_SCHEDULE_H

#include <stddef.h>

#include "formats/buf.h"
#include "replay/feed.h"

struct schedule_entry {
    uint64_t due_ns; /* since time zero */
    size_t len;      /* of the next `len` bytes */
};

struct schedule {
    struct schedule_entry *entries;
    size_t count, capacity;
    struct buf bytes;
    enum feed_end end;
    uint64_t end_ns;
};

void schedule_init(struct schedule *s);

/* A slice that is due before the one in front of it becomes due together with that one. TT_OK, TT_NOMEM,
 * TT_LIMIT. */
int schedule_add(struct schedule *s, uint64_t due_ns, const void *bytes, size_t len);
void schedule_finish(struct schedule *s, enum feed_end end, uint64_t end_ns);
void schedule_release(struct schedule *s);

/* Plays the schedule once; the schedule must outlive the feed. NULL: no memory. */
struct feed *schedule_feed(const struct schedule *s);

/* The same, but takes the schedule over (*s is empty afterwards), also when there is no memory. */
struct feed *schedule_feed_own(struct schedule *s);

#endif
