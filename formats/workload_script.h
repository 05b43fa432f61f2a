/* SPDX-License-Identifier: MIT */
/* What the importers of workloads share: the file under way, and the document that they fill. */
#ifndef TOKTAPE_WORKLOAD_SCRIPT_H
#define TOKTAPE_WORKLOAD_SCRIPT_H

#include "formats/importer.h"
#include "formats/jsonout.h"
#include "formats/workload_import.h"

struct workload_script {
    struct importer im; /* of which only the file is used */
    const struct workload_import_options *options;
    struct buf *out;
    struct jsonout json;
    uint64_t file, phases;
    struct buf prompt; /* scratch */
};

struct workload_kind {
    const char *name;
    const char *const *marks; /* members of a first document that is of this kind; NULL-ended */
    int (*read)(struct workload_script *s);
};

extern const struct workload_kind workload_from_messages, workload_from_mooncake, workload_from_weka;

int script_is_full(const struct workload_script *s); /* as many phases as are wanted */

/* Writes a phase of `messages` (a JSON array; `tools` likewise, or no bytes). TT_LIMIT when a workload has no
 * room for it. A max_tokens of 0 or ABSENT is 1. */
int script_phase(struct workload_script *s, const char *name, struct bytes messages, struct bytes tools,
                 uint64_t max_tokens, uint64_t think_ms);

/* A request that is known by the blocks that its prompt is made of. */
struct block_request {
    uint64_t scope, tokens, block_tokens, max_tokens, think_ms;
    const uint64_t *ids;
    size_t count;
};

/* Writes it as one question of made-up text: prompts share the beginnings that their lists of blocks share,
 * and nothing else. What is behind the last block is nobody else's. */
int script_blocks(struct workload_script *s, const char *name, const struct block_request *request);

/* Reads a list of block numbers. A number that is none counts as text would; TT_LIMIT, TT_NOMEM in the pull.
 */
void script_read_ids(struct json_pull *p, uint64_t **ids, size_t *count, size_t *capacity);

#endif
