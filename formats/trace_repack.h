/* SPDX-License-Identifier: MIT */
/* Rewriting a trace with larger blocks and stronger compression. What it says, and so its content id, stays,
 * unless its content is to be masked: then it is a new trace that names the old one as its parent. */
#ifndef TOKTAPE_TRACE_REPACK_H
#define TOKTAPE_TRACE_REPACK_H

#include "formats/error.h"
#include "formats/trace_writer.h"

/* What a closed recording is packed with. The next levels take seven times as long, and more, for up to four
 * per cent: `repack` is for archives. */
#define REPACK_LEVEL       3
#define REPACK_BLOCK_BYTES ((size_t)1 << 20)

struct trace_repack_options {
    int level;            /* of zstd; 0: REPACK_LEVEL */
    size_t block_bytes;   /* raw bytes that a block holds; 0: REPACK_BLOCK_BYTES */
    int allow_incomplete; /* a trace whose end is missing: the copy has none either */
    int without_content;  /* masked; what this version does not know is dropped, for it may hold content */
    const char *note;     /* a NOTE document to be added; NULL: none */
};

struct trace_repack_result {
    char content_id[65], parent_id[65]; /* of the copy, and of the original */
    uint64_t bytes_before, bytes;
    uint64_t dropped; /* blocks, and tables and columns in blocks, that without_content left out */
    int is_incomplete;
};

/* Copies the trace `from` into a new file: written beside it under `temporary`, synced, read back and
 * compared before it gets its name, which still wants io_sync_folder_of. Nothing is ever replaced: TT_EXISTS.
 * TT_DAMAGED when the content id of what was read or written is not the one that the END states. */
int trace_repack_file(const char *from, const char *temporary, const char *to,
                      const struct trace_repack_options *options, struct trace_repack_result *result,
                      struct error *e);

#endif
