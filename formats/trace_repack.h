/* SPDX-License-Identifier: MIT */
/* Rewriting a trace with larger blocks and stronger compression; what it says, and so its content id, stays.
 */
#ifndef TOKTAPE_TRACE_REPACK_H
#define TOKTAPE_TRACE_REPACK_H

#include "formats/error.h"
#include "formats/trace_writer.h"

/* What a closed trace is packed with. */
#define REPACK_LEVEL       8 /* higher ones cost up to four times the time and save one per cent */
#define REPACK_BLOCK_BYTES ((size_t)1 << 20)

/* Copies the clean trace `from` to the open descriptor `to` (the caller's; `to_path` is for messages).
 * TT_DAMAGED when the copy's content id is not the one that the original's END states. `bytes` receives the
 * size of the copy. */
int trace_repack(const char *from, int to, const char *to_path, uint64_t *bytes, struct error *e);

#endif
