/* SPDX-License-Identifier: MIT */
/* How far the prompts of a trace begin alike: the longest common prefix of any two of them, in tokens where
 * the trace has the engine's token ids, else in bytes. */
#ifndef TOKTAPE_OVERLAP_H
#define TOKTAPE_OVERLAP_H

#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"

#define OVERLAP_PROMPTS_MAX 1024 /* different prompts: a table of 4 MiB */

enum overlap_unit { OVERLAP_UNKNOWN, OVERLAP_BYTES, OVERLAP_TOKENS };

struct overlap {
    enum overlap_unit unit;
    size_t count;     /* prompts */
    uint32_t *common; /* count × count; a prompt with itself gives its length */
};

/* Compares texts that are plain bytes (OVERLAP_BYTES) or token ids as uvarints (OVERLAP_TOKENS), each below
 * 4 GiB. TT_OK, TT_NOMEM, or TT_LIMIT over OVERLAP_PROMPTS_MAX; release with overlap_release in any case. */
int overlap_init(struct overlap *o, enum overlap_unit unit, const struct bytes *texts, size_t count);
void overlap_release(struct overlap *o);

/* Either index may be that of an unknown prompt (>= count): nothing in common. */
uint32_t overlap_common(const struct overlap *o, uint64_t a, uint64_t b);
uint32_t overlap_length(const struct overlap *o, uint64_t prompt);

#endif
