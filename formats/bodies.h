/* SPDX-License-Identifier: MIT */
/* Request bodies of a trace, put together again from their segments. */
#ifndef TOKTAPE_BODIES_H
#define TOKTAPE_BODIES_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/digest.h"
#include "formats/error.h"
#include "formats/schema.h"
#include "formats/trace_reader.h"

#define BODIES_SEGMENTS_MAX ((size_t)512 << 20) /* bytes of all segments of a trace */
#define BODIES_LISTS_MAX                                                                                     \
    ((size_t)64 << 20) /* bytes of all segment lists, and rows of each of both tables                        \
                        */
#define BODY_MAX ((uint64_t)64 << 20)

struct body_entry {
    unsigned char sha256[SHA256_BYTES];
    uint64_t nbytes;
    size_t list_start, list_len; /* in bodies.lists */
    size_t ids_start, ids_len;   /* in bodies.ids; 0 bytes where the engine told none */
};

/* Row numbers that were lost with damaged blocks: `first` … first + count − 1, or all from `first` on. */
struct lost_rows {
    uint64_t first, count; /* count 0: none; UINT64_MAX: nobody knows how many */
};

/* Rows are numbered in the order they were added, as the trace numbers them. */
struct bodies {
    struct buf segments; /* one after another */
    size_t *segment_ends;
    size_t segment_count, segment_capacity;
    struct buf lists;
    struct buf ids; /* token ids of the prompts, as uvarints */
    struct body_entry *entries;
    size_t count, capacity;
    struct lost_rows lost_segments, lost_bodies;
};

void bodies_init(struct bodies *b);
void bodies_release(struct bodies *b);

/* Copies the row. TT_NOMEM, TT_LIMIT over the caps above, TT_DAMAGED for a digest of the wrong length. */
int bodies_add_segment(struct bodies *b, const struct segment_row *row, struct error *e);
int bodies_add_body(struct bodies *b, const struct body_row *row, struct error *e);

/* All rows of a block; any may be NULL. Ids of a body that is not there, or has some already, are TT_DAMAGED.
 */
int bodies_add_rows(struct bodies *b, const struct rows *segments, const struct rows *bodies,
                    const struct rows *prompt_ids, struct error *e);

/* The body's prompt ids; no bytes where there are none. Borrowed. */
struct bytes bodies_ids(const struct bodies *b, uint64_t body);

/* Rows are missing here, as the document of a repair's gap says. Bodies whose numbers nobody can know any
 * more are not found; the others are. */
void bodies_gap(struct bodies *b, const cJSON *gap);

/* Where body number `body` stands in `entries`; SIZE_MAX when it is not there. */
size_t bodies_find(const struct bodies *b, uint64_t body);

/* Replaces *out by body number `body`. TT_NOTFOUND, TT_DAMAGED when its segments do not give the bytes that
 * the row states (its length; with `verify` also its SHA-256), TT_LIMIT, TT_NOMEM. */
int bodies_assemble(const struct bodies *b, uint64_t body, int verify, struct buf *out, struct error *e);

#endif
