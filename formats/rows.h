/* SPDX-License-Identifier: MIT */
/* The payload of a data block: the rows of each table and the wire bytes of one interval (FORMAT.md §4). */
#ifndef TOKTAPE_ROWS_H
#define TOKTAPE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/column.h"
#include "formats/error.h"
#include "formats/schema.h"

#define ROWS_COLUMNS_MAX   32
#define PAYLOAD_TABLES_MAX 32
#define PAYLOAD_VALUES_MAX ((size_t)1 << 21) /* rows times columns in one block: 16 MiB of numbers */
#define PAYLOAD_WIRE       0                 /* the section number of the wire bytes */

/* One column of one table. `values` are the numbers, or, for COLUMN_BYTES, where each value ends in `data`.
 * An encoding that this version does not know leaves `type` 0. */
struct row_column {
    uint64_t id;
    enum column_type type;
    enum column_encoding encoding;
    const uint64_t *values;
    const unsigned char *data;
};

/* All rows of one table in one block. Borrowed from the payload. */
struct rows {
    uint64_t table;
    const struct table_def *def; /* NULL for a table of a newer version */
    size_t count, column_count;
    struct row_column columns[ROWS_COLUMNS_MAX];
    signed char place[ROWS_COLUMNS_MAX]; /* def column -> columns[], -1 when the block lacks it */
};

struct payload {
    struct rows tables[PAYLOAD_TABLES_MAX];
    size_t table_count;
    struct bytes wire;
    uint64_t *values; /* backing of all columns */
    size_t values_used, values_capacity;
    size_t values_announced; /* rows × columns, those of unknown encodings included */
};

/* Decodes `raw`, which must outlive the payload's use. TT_DAMAGED, TT_LIMIT or TT_NOMEM with the table named.
 */
int payload_decode(struct payload *p, const void *raw, size_t len, struct error *e);
void payload_release(struct payload *p);
const struct rows *payload_rows(const struct payload *p, uint64_t table); /* NULL when absent */

size_t rows_count(const struct rows *rows); /* 0 for NULL */

/* Copies row i into the table's row struct. Columns that the block lacks are ABSENT or empty. */
void rows_get(const struct rows *rows, size_t i, void *row);

/* The raw column of a u64 column id, NULL when the block lacks it: the fast path for large tables. */
const uint64_t *rows_column(const struct rows *rows, uint64_t column_id);

/* Collects rows for the next block. */
struct batch_column {
    uint64_t id;
    enum column_type type;
    enum column_encoding encoding;
    uint64_t *values; /* numbers, or ends in `data` */
    size_t capacity;
    struct buf data;
};

struct batch_table {
    uint64_t table;
    size_t count, column_count;
    struct batch_column columns[ROWS_COLUMNS_MAX];
};

struct batch {
    struct batch_table *tables[PAYLOAD_TABLES_MAX]; /* ascending by table */
    size_t table_count;
    struct buf wire;
    size_t weight; /* estimated raw bytes held */
    size_t values;
};

/* Adds a row struct of a known table. TT_LIMIT when one value is over BATCH_VALUE_MAX. */
#define BATCH_VALUE_MAX  ((size_t)4 << 20)
#define BATCH_ROW_MAX    ((size_t)7 << 20) /* the weight of a row that still fits into a block of its own */
#define BATCH_VALUES_MAX (PAYLOAD_VALUES_MAX / 2) /* a batch with more is due */
int batch_add(struct batch *b, const struct table_def *def, const void *row);

/* Copying a decoded block whole: whether it fits beside what is held (same columns in every table, caps
 * kept), what it weighs, and its rows one by one, unknown columns included. TT_UNSUPPORTED for an unknown
 * encoding. */
int batch_takes(const struct batch *b, const struct payload *payload);
size_t payload_weight(const struct payload *payload);
size_t payload_values(const struct payload *payload);
int batch_add_from(struct batch *b, const struct rows *rows, size_t i);
int batch_add_wire(struct batch *b, const void *bytes, size_t len);

int batch_is_empty(const struct batch *b);
/* What the raw payload can take at most when `weight` and `values` more come to what is held. */
size_t batch_bound(const struct batch *b, size_t weight, size_t values);
/* Weight that adding this row would bring. */
size_t batch_row_weight(const struct table_def *def, const void *row);

/* Appends the raw payload to *out, with flush points for the compressor. */
int batch_encode(const struct batch *b, struct buf *out, struct cuts *cuts);

/* A read-only view of a table held, for hashing. */
void batch_view(const struct batch_table *t, struct rows *view);
void batch_clear(struct batch *b); /* empties, keeping memory */
void batch_release(struct batch *b);

#endif
