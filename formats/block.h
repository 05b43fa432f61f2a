/* SPDX-License-Identifier: MIT */
/* The block header: a zstd skippable frame that announces, and vouches for, the zstd frame after it
 * (FORMAT.md §3). */
#ifndef TOKTAPE_BLOCK_H
#define TOKTAPE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define BLOCK_HEADER_BYTES   60
#define BLOCK_CONSTANT_BYTES 16   /* the first bytes, the same in every block of this major version */
#define BLOCK_FIRST_BYTE     0x50 /* of every block */
#define BLOCK_RAW_MAX        ((uint32_t)8 << 20)
#define BLOCK_PACKED_MAX     (BLOCK_RAW_MAX + ((uint32_t)64 << 10))

enum block_type { BLOCK_META = 1, BLOCK_DATA = 2, BLOCK_NOTE = 3, BLOCK_END = 4, BLOCK_GAP = 5 };

#define BLOCK_CRITICAL 1u /* flag: a reader that does not know the type must refuse the trace */

struct block_header {
    uint16_t type, flags;
    uint32_t raw_len, packed_len;
    uint64_t sequence, trace_id;
    uint64_t payload_hash; /* XXH64 of the packed payload */
};

void block_header_write(const struct block_header *header, unsigned char out[BLOCK_HEADER_BYTES]);

/* Checks magic, version, header hash and caps before anything is believed: TT_DAMAGED, TT_UNSUPPORTED
 * (another major version) or TT_LIMIT. */
int block_header_read(struct block_header *header, const unsigned char in[BLOCK_HEADER_BYTES],
                      struct error *e);

/* True when the first len (< BLOCK_HEADER_BYTES) bytes could be the beginning of a header that was cut off.
 */
int block_header_may_start(const unsigned char *in, size_t len);

#endif
