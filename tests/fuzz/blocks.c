/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/block.h"
#include "formats/digest.h"

void require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz target: %s\n", what);
    abort();
}

void blocks_put(struct buf *trace, struct compressor *c, unsigned type, unsigned flags, const void *raw,
                size_t raw_len, uint64_t sequence)
{
    size_t at = trace->len;
    struct block_header h = {
        (uint16_t)type, (uint16_t)flags, (uint32_t)raw_len, 0, sequence, BLOCKS_TRACE_ID, 0};
    unsigned char *header = buf_reserve(trace, BLOCK_HEADER_BYTES);
    require(header != NULL, "no memory");
    memset(header, 0, BLOCK_HEADER_BYTES);
    trace->len += BLOCK_HEADER_BYTES;
    require(compressor_run(c, raw, raw_len, NULL, 0, trace, NULL) == TT_OK, "no memory");
    h.packed_len = (uint32_t)(trace->len - at - BLOCK_HEADER_BYTES);
    h.payload_hash = xxh64_of(trace->data + at + BLOCK_HEADER_BYTES, h.packed_len);
    block_header_write(&h, trace->data + at);
}
