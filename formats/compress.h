/* SPDX-License-Identifier: MIT */
/* The only user of zstd: one payload in, one ordinary zstd frame with content size and checksum out. */
#ifndef TOKTAPE_COMPRESS_H
#define TOKTAPE_COMPRESS_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/error.h"

struct compressor;

struct compressor *compressor_new(int level); /* NULL when memory is out */
/* Appends the frame of `raw` to *out. At each offset in `cuts` (ascending) the encoder is flushed, which
 * starts a new zstd block with entropy tables of its own: byte planes of different character then do not
 * spoil each other. */
int compressor_run(struct compressor *c, const void *raw, size_t len, const size_t *cuts, size_t cut_count,
                   struct buf *out, struct error *e);
void compressor_free(struct compressor *c);

struct decompressor;

struct decompressor *decompressor_new(void);
/* `frame` must be exactly one ordinary frame with a checksum and a window of at most 8 MiB that unpacks to
 * exactly raw_len bytes: anything else is TT_DAMAGED. */
int decompressor_run(struct decompressor *d, const void *frame, size_t len, void *raw, size_t raw_len,
                     struct error *e);
void decompressor_free(struct decompressor *d);

const char *compress_library_version(void); /* "zstd 1.5.4" */

#endif
