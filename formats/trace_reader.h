/* SPDX-License-Identifier: MIT */
/* Reading a trace from front to back, one block in memory at a time. The file is hostile: every length is
 * checked. */
#ifndef TOKTAPE_TRACE_READER_H
#define TOKTAPE_TRACE_READER_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/rows.h"
#include "formats/schema.h"

#define TRACE_META_MAX 200 /* META documents in a trace */

struct trace_reader;

enum trace_item_kind {
    TRACE_META,    /* item.json: a META document; the first one opens the trace */
    TRACE_DATA,    /* item.rows[table] for each table present, item.wire */
    TRACE_NOTE,    /* item.json */
    TRACE_END,     /* item.json: the END document */
    TRACE_GAP,     /* item.json: blocks are missing here, and a repair says so */
    TRACE_UNKNOWN, /* item.type, item.raw: a block that may be passed over; only when asked for */
    TRACE_STOP     /* nothing more; see trace_reader_state */
};

/* Borrowed until the next call of trace_reader_next. */
struct trace_item {
    enum trace_item_kind kind;
    const cJSON *json;
    struct bytes json_text;             /* as stored */
    const struct rows *rows[TABLE_MAX]; /* NULL where the block has none */
    struct bytes wire;
    const struct payload *payload; /* everything in a data block, tables of newer versions included */
    uint16_t type;                 /* of the block */
    struct bytes raw;              /* its payload */
    uint64_t sequence, offset;
};

/* The reads of a data block, one by one and each with its bytes: reading a block has made sure that they
 * share out its wire exactly. */
struct read_cursor {
    const struct rows *rows;
    const unsigned char *wire;
    size_t next;
};

void read_cursor_init(struct read_cursor *cursor, const struct trace_item *item);
/* 1 with *row and its row->nbytes bytes at *bytes (borrowed from the item), 0 when there are no more. */
int read_cursor_next(struct read_cursor *cursor, struct read_row *row, const unsigned char **bytes);

enum trace_state {
    TRACE_CLEAN,     /* END was read and nothing follows */
    TRACE_TRUNCATED, /* whole blocks up to the cut, then the file ends (or zeros follow) */
    TRACE_DAMAGED_AT /* anything else: bad hash, gap in sequence, foreign block */
};

struct trace_reader_options {
    int allow_incomplete; /* a truncated tail ends the reading with TRACE_STOP instead of TT_TRUNCATED */
    int give_unknown;     /* blocks of a newer version are items, too, instead of passed over */
};

/* `path` "-" is standard input. Free with trace_reader_free, also after a failure. The first item is
 * TRACE_META. */
int trace_reader_open(struct trace_reader **reader, const char *path,
                      const struct trace_reader_options *options, struct error *e);
/* Reads from memory, for tests and fuzzers; `bytes` stays the caller's. */
int trace_reader_open_memory(struct trace_reader **reader, const void *bytes, size_t len,
                             const struct trace_reader_options *options, struct error *e);

/* TT_OK with *item filled (TRACE_STOP at the end), or TT_TRUNCATED, TT_DAMAGED, TT_UNSUPPORTED, TT_LIMIT,
 * TT_IO, TT_NOMEM. A failure ends the reading: later calls return it again. */
int trace_reader_next(struct trace_reader *r, struct trace_item *item, struct error *e);

/* Goes on with the block of that offset and sequence, as an item of this file told them, and of that trace
 * id. A reader may be sent there right after it was opened. TT_IO in a pipe. */
int trace_reader_seek(struct trace_reader *r, uint64_t offset, uint64_t sequence, uint64_t trace_id,
                      struct error *e);

enum trace_state
trace_reader_state(const struct trace_reader *r);            /* meaningful after TRACE_STOP or an error */
uint64_t trace_reader_offset(const struct trace_reader *r);  /* end of the last whole block */
uint64_t trace_reader_skipped(const struct trace_reader *r); /* unknown non-critical blocks passed over */
uint64_t trace_reader_trace_id(const struct trace_reader *r);

/* Content id of what was read so far, as hex of SHA256_HEX_BYTES; costs hashing, so it must be switched on
 * before the first trace_reader_next. */
void trace_reader_hash_content(struct trace_reader *r);
int trace_reader_content_id(const struct trace_reader *r, char hex[65], struct error *e);

void trace_reader_free(struct trace_reader *r);

/* Only the first META and END, without reading what is between; for `info`. *end is NULL when there is no END
 * in the last 64 KiB. Both are the caller's (cJSON_Delete). Needs a seekable file. */
int trace_read_ends(const char *path, cJSON **meta, cJSON **end, struct error *e);

#endif
