/* SPDX-License-Identifier: MIT */
/* Packing columns into byte planes and back (FORMAT.md §5). */
#ifndef TOKTAPE_COLUMN_H
#define TOKTAPE_COLUMN_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/schema.h"

/* Offsets in the payload where the compressor should flush. */
struct cuts {
    size_t *at;
    size_t count, capacity;
};

int cuts_add(struct cuts *cuts, size_t offset);

/* Append the packed form of n values (a byte column's lengths included) to *out, noting plane borders in
 * *cuts. Both return TT_OK or TT_NOMEM (also kept in out->failed). */
int column_pack_u64(enum column_encoding encoding, const uint64_t *values, size_t n, struct buf *out,
                    struct cuts *cuts);
/* `ends[i]` is where value i ends in `data`; value 0 begins at 0. */
int column_pack_bytes(const uint64_t *ends, const unsigned char *data, size_t n, struct buf *out,
                      struct cuts *cuts);

/* The reverse; `packed` must be used up exactly. TT_DAMAGED otherwise. `values` and `ends` hold n elements;
 * `*data` is set to a place inside `packed`. */
int column_unpack_u64(enum column_encoding encoding, struct bytes packed, uint64_t *values, size_t n);
int column_unpack_bytes(struct bytes packed, uint64_t *ends, size_t n, const unsigned char **data);

#endif
