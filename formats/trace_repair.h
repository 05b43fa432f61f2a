/* SPDX-License-Identifier: MIT */
/* Salvaging a damaged trace: what is whole is copied byte for byte, what is missing is said, and the result
 * is closed so that every reader takes it (FORMAT.md §9).
 *
 * The input is read twice: once to find the blocks, once for each trace found to write it. Memory is one
 * block and 48 bytes for each block. */
#ifndef TOKTAPE_TRACE_REPAIR_H
#define TOKTAPE_TRACE_REPAIR_H

#include <stddef.h>
#include <stdint.h>

#include "formats/digest.h"
#include "formats/error.h"
#include "formats/schema.h"

#define REPAIR_PARTS_MAX  100
#define REPAIR_RANGES_MAX 64 /* listed; more are counted */
#define REPAIR_GAPS_MAX   64

/* A whole block of the input. */
struct repair_block {
    uint64_t offset, sequence, next, trace_id, hash;
    uint32_t bytes;
    uint16_t type, part;
};

/* Bytes of the input that are no whole block. */
struct repair_range {
    uint64_t offset, bytes;
    char why[80];
};

/* One trace of the input: more than one when traces were put one after another. */
struct repair_part {
    uint64_t trace_id;
    size_t first, count; /* of plan.blocks */
    uint64_t bytes;      /* of the blocks kept */
    int is_intact;       /* it lacks nothing, and is written as it was */
    int has_description; /* its first block is there */
    uint64_t duplicates; /* blocks that are there again */
    uint64_t conflicts;  /* other blocks under a number that was taken */
    uint64_t reordered;  /* blocks that stood behind one with a higher number */
    uint64_t missing;    /* sequence numbers below the last one kept */
    size_t gaps;
    int has_end;                                   /* what its END said of the whole: */
    uint64_t end_rows[TABLE_MAX], rows[TABLE_MAX]; /* … and what the blocks found hold */
    char content_id[SHA256_HEX_BYTES];
};

struct repair_plan {
    struct trace_scan *scan;
    struct repair_block *blocks; /* part by part, in order of sequence */
    size_t block_count, block_capacity;
    struct repair_part *parts;
    size_t part_count;
    struct repair_range ranges[REPAIR_RANGES_MAX];
    uint64_t range_count, dropped_bytes, bytes; /* of all bad ranges; of the input */
    uint64_t foreign;                           /* blocks of traces that do not begin in this file */
    int is_cut;                                 /* it ends inside a block, or in zeros */
};

/* Blocks that are missing in the trace written. */
struct repair_gap {
    uint64_t first, next;       /* sequence numbers first … next − 1 */
    uint64_t t_before, t_after; /* the last time before it and the first behind it; ABSENT when unknown */
};

/* What was written. */
struct repair_result {
    uint64_t blocks, bytes; /* of the output, what repair added included */
    uint64_t kept_blocks, rows[TABLE_MAX], wire_bytes;
    struct repair_gap gaps[REPAIR_GAPS_MAX];
    size_t gap_count;         /* may be more than are listed */
    uint64_t t_first, t_last; /* ticks of the rows kept */
    uint64_t ticks_numer, ticks_denom;
    uint64_t runs_hurt, hurt[16];      /* runs that lost something; the first of them */
    char content_id[SHA256_HEX_BYTES]; /* "" for an intact one */
};

/* Finds what is whole. TT_DAMAGED when nothing is, TT_UNSUPPORTED for what a newer version wrote, TT_USAGE
 * for a pipe, TT_IO, TT_NOMEM, TT_LIMIT. `path` is borrowed. Release also after a failure. */
int repair_plan(struct repair_plan *plan, const char *path, struct error *e);
int repair_plan_memory(struct repair_plan *plan, const void *bytes, size_t len, struct error *e);
void repair_plan_release(struct repair_plan *plan);

/* Reads a block of the plan again, and decodes it. TT_IO when the file changed meanwhile. */
struct block_content;
struct scan_item;
int repair_read_block(struct repair_plan *plan, const struct repair_block *block, struct scan_item *found,
                      struct block_content *content, struct error *e);

/* 1 when something that was in the input is in none of the outputs, or an end was made up. */
int repair_loses(const struct repair_plan *plan);

/* How many rows of a table are missing, as the END of the input tells; UINT64_MAX when it is missing itself.
 */
uint64_t repair_lost_rows(const struct repair_part *part, enum table_id table);

/* Writes part number `part` to an open descriptor. */
int repair_write(struct repair_plan *plan, size_t part, int fd, const char *to_path,
                 struct repair_result *result, struct error *e);

#endif
