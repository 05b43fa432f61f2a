/* SPDX-License-Identifier: MIT */
/* Inside of trace_masker.c: request bodies that come in segments. A segment may begin anywhere in its body,
 * in the middle of a string too, so it is masked only when a body says what stands before it. */
#ifndef TOKTAPE_MASK_SEGMENTS_H
#define TOKTAPE_MASK_SEGMENTS_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/mask.h"
#include "formats/schema.h"

#define MASK_SEGMENTS_MAX ((size_t)1 << 18)
#define MASK_PENDING_MAX  ((size_t)64 << 20) /* bytes of segments that no body has named yet */

struct mask_segments {
    struct mask_json *ends;       /* the state behind each segment that was masked */
    size_t count, capacity;       /* all segments so far */
    size_t written;               /* of them masked and handed out */
    struct buf pending;           /* the bytes of the others, one after another, */
    size_t *pending_ends;         /* where each ends, */
    unsigned char (*digests)[32]; /* and its digest as it came */
    size_t pending_capacity, digest_capacity;
};

void mask_segments_init(struct mask_segments *s);
void mask_segments_release(struct mask_segments *s);

/* Takes a segment in. TT_OK, TT_NOMEM, TT_DAMAGED for a digest of the wrong length, or TT_LIMIT. */
int mask_segments_add(struct mask_segments *s, const struct segment_row *row);

/* Masks the pending ones of the segments that a body lists, in its order. */
void mask_segments_mask(struct mask_segments *s, const struct mask_key *key, struct bytes list);

/* Masks as text what no body named. */
void mask_segments_mask_rest(struct mask_segments *s, const struct mask_key *key);

/* The pending segments up to the first that is not masked, one by one, as they came but for their words;
 * *place begins as 0. 0 when there are no more: they are forgotten then. */
int mask_segments_next(struct mask_segments *s, struct segment_row *row, size_t *place);

#endif
