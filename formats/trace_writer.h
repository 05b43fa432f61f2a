/* SPDX-License-Identifier: MIT */
/* Writing a trace: append only, no seeking, bounded memory; works into a file or a pipe. */
#ifndef TOKTAPE_TRACE_WRITER_H
#define TOKTAPE_TRACE_WRITER_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/digest.h"
#include "formats/error.h"
#include "formats/schema.h"

struct trace_writer;

struct block_content;
struct scan_item;

struct trace_writer_options {
    int level;          /* zstd level; 0 = 3 */
    size_t block_bytes; /* a block is closed when its raw payload reaches this; 0 = 256 KiB */
    uint64_t trace_id;  /* the same in every block; must not be 0 */
    int is_copy;        /* what is written is not hashed: trace_writer_adopt comes before the end */
};

/* Starts a trace on an open descriptor, which stays the caller's. `meta` is the first META document (JSON
 * text, at most 256 KiB). `path` is for messages only. Free with trace_writer_free, also after a failure. */
int trace_writer_new(struct trace_writer **writer, int fd, const char *path, const char *meta,
                     const struct trace_writer_options *options, struct error *e);

/* The same without a META document: for repair, whose first block is kept or comes by trace_writer_meta. */
int trace_writer_bare(struct trace_writer **writer, int fd, const char *path,
                      const struct trace_writer_options *options, struct error *e);

/* Adds one row; `row` is the table's row struct. Byte columns are copied. A full block is written out. */
int trace_writer_row(struct trace_writer *w, enum table_id table, const void *row, struct error *e);

/* Adds a read row and its bytes to the wire stream. */
int trace_writer_read(struct trace_writer *w, const struct read_row *row, const void *wire, struct error *e);

/* Adds everything that a data block of another trace holds, unknown tables and columns included: for
 * repacking. */
struct payload;
int trace_writer_copy(struct trace_writer *w, const struct payload *payload, struct error *e);

/* A later META document: {"facts": [...]}. Closes the block under way first, so that order is kept. */
int trace_writer_meta(struct trace_writer *w, const char *json, struct error *e);

/* A note: JSON {"text", "author", "time"}; outside the content id. */
int trace_writer_note(struct trace_writer *w, const char *json, struct error *e);

/* A block of a type that this version does not know, which readers may pass over; outside the content id. */
int trace_writer_unknown(struct trace_writer *w, uint16_t type, struct bytes raw, struct error *e);

/* A whole block of another file, byte for byte; `content` is what it says. Its sequence number must be the
 * next one: a gap comes before. */
int trace_writer_keep(struct trace_writer *w, const struct scan_item *block,
                      const struct block_content *content, struct error *e);

/* Says that `blocks` (at least 1) sequence numbers are skipped here. `facts` is the document of the gap,
 * whose member `next` is filled in. */
int trace_writer_gap(struct trace_writer *w, const cJSON *facts, uint64_t blocks, struct error *e);
uint64_t trace_writer_sequence(const struct trace_writer *w); /* of the block that comes next */

/* Writes the rows held so far as a block, if there are any. */
int trace_writer_flush(struct trace_writer *w, struct error *e);
size_t trace_writer_pending(const struct trace_writer *w); /* raw bytes held in memory */

/* Takes the content's digests from the END of the trace that this copies. TT_DAMAGED when they are none. */
int trace_writer_adopt(struct trace_writer *w, const cJSON *end, struct error *e);

/* Content id of all rows that were written out; for a trace that gets no END. */
int trace_writer_hash(struct trace_writer *w, struct error *e);

/* What END says beside its own counts. `how` is "clean", "interrupted" or "repaired"; `summary` is a JSON
 * object text or NULL that END carries so that `info` need not read the whole trace. */
int trace_writer_finish(struct trace_writer *w, const char *how, const char *summary, struct error *e);

uint64_t trace_writer_rows(const struct trace_writer *w, enum table_id table); /* written or held */
uint64_t trace_writer_blocks(const struct trace_writer *w);
uint64_t trace_writer_wire_bytes(const struct trace_writer *w);

/* Hex content id; valid after finish or hash. */
const char *trace_writer_content_id(const struct trace_writer *w);
uint64_t
trace_writer_bytes(const struct trace_writer *w); /* bytes that reached the descriptor as whole blocks */

void trace_writer_free(struct trace_writer *w);

#endif
