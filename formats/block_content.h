/* SPDX-License-Identifier: MIT */
/* What a block says: its payload, unpacked, as a document or as rows. */
#ifndef TOKTAPE_BLOCK_CONTENT_H
#define TOKTAPE_BLOCK_CONTENT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "formats/block.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/rows.h"

struct block_content {
    int is_known;           /* 0: a type of a newer version, which may be passed over */
    cJSON *json;            /* META, NOTE, END, GAP; else NULL */
    struct payload payload; /* DATA; else without tables and wire */
    uint64_t next;          /* sequence number of the block behind it; a gap skips some */
};

/* Decodes the payload `raw`, which must outlive the content's use; what stood in *content is forgotten.
 * TT_DAMAGED, TT_LIMIT, TT_NOMEM, or TT_UNSUPPORTED for a type that must be known and is not. */
int block_content_decode(struct block_content *content, const struct block_header *header, struct bytes raw,
                         struct error *e);
void block_content_release(struct block_content *content);

#endif
