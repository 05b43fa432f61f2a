/* SPDX-License-Identifier: MIT */
/* Traces made in memory for fuzz targets: headers, hashes and compression are right, whatever is inside. */
#ifndef TOKTAPE_TESTS_BLOCKS_H
#define TOKTAPE_TESTS_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/compress.h"

#define BLOCKS_TRACE_ID 7

/* Appends a block of `raw` with that type, flags and sequence number. Aborts when memory is out. */
void blocks_put(struct buf *trace, struct compressor *c, unsigned type, unsigned flags, const void *raw,
                size_t raw_len, uint64_t sequence);

/* Ends the program, and with it the fuzzer's run, when what must hold does not. */
void require(int condition, const char *what);

#endif
