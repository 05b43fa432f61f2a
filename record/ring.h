/* SPDX-License-Identifier: MIT */
/* A byte ring for exactly one writing and one reading thread: no locks, no allocation after ring_new. */
#ifndef TOKTAPE_RING_H
#define TOKTAPE_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring;

/* `bytes` is rounded up to a power of two. All pages are touched, so that the first lap is as fast as the
 * others. NULL when memory is out. */
struct ring *ring_new(size_t bytes);
void ring_free(struct ring *r);
size_t ring_largest_message(const struct ring *r);

/* Writer: room for `len` bytes, 8-byte aligned, or NULL while the ring is too full. Nothing is visible to the
 * reader until ring_commit, which must follow before the next claim. */
void *ring_claim(struct ring *r, size_t len);

/* Returns whether the reader had better be told to hurry: more than half of the ring is full. That is said
 * again only after another quarter. */
int ring_commit(struct ring *r, uint32_t kind);

/* Reader: takes note of all messages that are there now, and the oldest of those that are noted, or NULL: it
 * stays in place until ring_release. Messages of several rings that are noted one ring after another keep
 * this: what was written before something that is noted, into a ring that is noted later, is noted as well.
 */
void ring_note(struct ring *r);
const void *ring_peek_noted(struct ring *r, uint32_t *kind, size_t *len);
void ring_release(struct ring *r);

#endif
