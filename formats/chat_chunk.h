/* SPDX-License-Identifier: MIT */
/* Inside of chat.c: reads from one JSON chunk the members that classification needs. */
#ifndef TOKTAPE_CHAT_CHUNK_H
#define TOKTAPE_CHAT_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/chat.h"
#include "formats/jscan.h"

/* What a chunk says, under the names of the wire: several spellings compete for one field of a frame. Absent
 * counts are ABSENT, absent numbers NAN, absent texts empty. Tool calls go straight to `frame`, for their
 * number. */
struct chat_chunk {
    struct jscan scan;
    struct buf *scratch;
    struct chat_frame *frame;
    size_t decoded_max; /* what all texts of this chunk together can take in scratch */

    struct bytes type, object, model, fingerprint;
    struct bytes message, detail; /* top-level ones that are text */
    int has_error;
    struct bytes error;
    struct chat_usage usage;
    struct chat_timings timings;
    struct chat_progress progress;

    int has_choices; /* the array is there and not empty; what follows is of the choice with index 0 */
    uint64_t choice_index;
    struct bytes content, text, reasoning_content, reasoning, finish_reason;
    uint64_t token_ids;

    uint64_t block_index; /* from here on: Anthropic's content blocks, which also use `text` */
    struct bytes block_id, block_name;
    struct bytes thinking, partial_json, stop_reason;
};

/* Reads the whole document. `frame` comes with everything absent; only its tools are touched. Returns 1, or 0
 * when it is not one valid JSON object or scratch failed. */
int chat_chunk_read(struct chat_chunk *chunk, const void *data, size_t len, struct buf *scratch,
                    struct chat_frame *frame);

/* The text as it reads without escapes: itself where it has none, otherwise written to `scratch`, which has
 * had or gets room for `decoded_max` bytes: what all texts of the chunk can take. Empty when there is no
 * memory (scratch->failed). */
struct bytes chat_text(const struct jscan_text *text, size_t decoded_max, struct buf *scratch);

/* The next free place for a fragment of a tool call, blank; beyond CHAT_TOOLS_MAX that is `spare`, and
 * counted. */
struct chat_tool *chat_next_tool(struct chat_frame *frame, struct chat_tool *spare);

#endif
