/* SPDX-License-Identifier: MIT */
/* Walking over the bytes of a trace, good or bad: which blocks are whole, and what else lies between them.
 * Nothing here knows what blocks mean to each other; the strict reader, `check` and `repair` do. Memory is
 * one block. */
#ifndef TOKTAPE_TRACE_SCAN_H
#define TOKTAPE_TRACE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "formats/block.h"
#include "formats/bytes.h"
#include "formats/error.h"

struct trace_scan;

enum scan_kind {
    SCAN_BLOCK, /* a block whose hashes hold and whose payload unpacks */
    SCAN_BAD,   /* no whole block begins here; trace_scan_resync goes on behind it */
    SCAN_CUT,   /* the file ends inside this block, or inside its header */
    SCAN_ZEROS, /* nothing but zero bytes to the end of the file */
    SCAN_STOP   /* the end */
};

struct scan_item {
    enum scan_kind kind;
    uint64_t offset;
    uint64_t bytes;             /* BLOCK, CUT and ZEROS: how many it has */
    int has_header;             /* its header is whole and right (always for BLOCK) */
    int begins_like_one;        /* BAD: the first bytes are a block's */
    struct block_header header; /* with has_header */
    struct bytes block, raw;    /* BLOCK: as stored, and its payload with a NUL behind; until the next call */
    struct error why;           /* BAD */
};

/* `path` "-" is standard input; it is borrowed. Free with trace_scan_free, also after a failure. */
int trace_scan_open(struct trace_scan **scan, const char *path, struct error *e);
int trace_scan_open_memory(struct trace_scan **scan, const void *bytes, size_t len, struct error *e);

/* What comes next. TT_OK, or TT_IO, TT_NOMEM, and TT_LIMIT for a file made to keep a reader busy: headers
 * without end whose payloads are none. */
int trace_scan_next(struct trace_scan *s, struct scan_item *item, struct error *e);

/* After SCAN_BAD: goes to the next place where a header is right, or to the end. */
int trace_scan_resync(struct trace_scan *s, struct error *e);

uint64_t trace_scan_offset(const struct trace_scan *s); /* where the next item begins */

/* Goes to a place in a file (not in a pipe: TT_IO). */
int trace_scan_seek(struct trace_scan *s, uint64_t offset, struct error *e);

void trace_scan_free(struct trace_scan *s);

#endif
