/* SPDX-License-Identifier: MIT */
/* Made-up text in blocks, for traces that only tell which blocks two prompts share. */
#ifndef TOKTAPE_BLOCK_TEXT_H
#define TOKTAPE_BLOCK_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"

#define BLOCK_TEXT_TOKEN_BYTES 4 /* that a token of such text takes in most vocabularies, roughly */

/* Appends the first `bytes` of the text of block `id` in `scope`: words of lower-case letters and digits that
 * need no escape in JSON. The same block has the same text on every machine; different ones differ in their
 * first word. Returns out->failed. */
int block_text(struct buf *out, uint64_t scope, uint64_t id, size_t bytes);

#endif
