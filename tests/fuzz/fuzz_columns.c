/* SPDX-License-Identifier: MIT */
/* Fuzz target: columns, tables and the payload of a data block. What can be read is read the same after it
 * was written again, and any numbers survive being packed.
 *
 * Input: one byte that chooses what the rest is:
 *   0  a payload as it stands in a block;
 *   1  wire and tables with right lengths and ascending numbers, from flat pieces (see `build_payload`);
 *   2  numbers to pack, after one byte of encoding and one of their size. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/column.h"
#include "formats/content_id.h"
#include "formats/rows.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define PACKED_AGAIN_MAX 65536 /* values; a column of equal values can announce millions for nothing */
#define NUMBERS_MAX      4096

/* ---- payloads ---- */

static unsigned take_byte(struct bytes *in)
{
    if (!in->len)
        return 0;
    in->len--;
    return *in->data++;
}

static struct bytes take_run(struct bytes *in)
{
    size_t len = take_byte(in);
    len |= (size_t)(take_byte(in) & 3) << 8;
    struct bytes run = {in->data, len < in->len ? len : in->len};
    in->data += run.len;
    in->len -= run.len;
    return run;
}

static void put_section(struct buf *out, uint64_t number, const struct buf *content)
{
    buf_uvarint(out, number);
    buf_uvarint(out, content->len);
    buf_append(out, content->data, content->len);
}

/* A table: step to its number, rows (1 byte, or 2 when the first is 255), columns; each column: step to its
 * id, encoding, length (10 bits), bytes. */
static void build_table(struct buf *content, struct bytes *in)
{
    uint64_t rows = take_byte(in), columns = take_byte(in) & 31, id = 0;
    buf_uvarint(content, rows == 255 ? 256u * take_byte(in) : rows);
    buf_uvarint(content, columns);
    for (uint64_t i = 0; i < columns; i++) {
        id += 1 + (take_byte(in) & 7);
        buf_uvarint(content, id);
        buf_putc(content, (int)take_byte(in) & 3);
        struct bytes run = take_run(in);
        buf_uvarint(content, run.len);
        buf_append(content, run.data, run.len);
    }
}

static void build_payload(struct buf *out, struct bytes in)
{
    struct buf content = BUF_INIT;
    uint64_t number = 0;
    struct bytes wire = take_run(&in);
    buf_append(&content, wire.data, wire.len);
    if (content.len)
        put_section(out, PAYLOAD_WIRE, &content);
    while (in.len) {
        buf_clear(&content);
        number += 1 + (take_byte(&in) & 7);
        build_table(&content, &in);
        put_section(out, number, &content);
    }
    buf_release(&content);
}

/* Every value is touched, so that a sanitizer sees a column that reaches too far. */
static void touch_rows(const struct rows *rows)
{
    union any_row row;
    unsigned sum = 0;
    for (size_t i = 0; rows->def && i < rows->count && i < PACKED_AGAIN_MAX; i++) {
        rows_get(rows, i, &row);
        for (size_t d = 0; d < rows->def->column_count; d++) {
            const struct bytes *value = (const void *)((const char *)&row + rows->def->columns[d].offset);
            if (rows->def->columns[d].type == COLUMN_BYTES && value->len)
                sum += value->data[0] + (unsigned)value->data[value->len - 1];
        }
    }
    require(sum != UINT_MAX, "impossible");
}

/* 0 when a column is packed in a way that is not known here: then there is no copying it. */
static int copy_payload(const struct payload *p, struct buf *raw)
{
    struct batch batch = {0};
    struct cuts cuts = {0};
    int status = batch_add_wire(&batch, p->wire.data, p->wire.len);
    for (size_t t = 0; t < p->table_count && !status; t++) {
        for (size_t i = 0; i < p->tables[t].count && !status; i++)
            status = batch_add_from(&batch, &p->tables[t], i);
    }
    if (!status)
        status = batch_encode(&batch, raw, &cuts);
    for (size_t i = 0; i < cuts.count; i++)
        require(cuts.at[i] <= raw->len && (!i || cuts.at[i] >= cuts.at[i - 1]), "a cut lies outside");
    batch_release(&batch);
    mem_free(cuts.at);
    require(status == TT_OK || status == TT_UNSUPPORTED, "a payload cannot be copied");
    return !status;
}

static void digest_payload(const struct payload *p, char hex[SHA256_HEX_BYTES])
{
    struct content_id *c = content_id_new();
    require(c && content_id_wire(c, p->wire.data, p->wire.len) == TT_OK, "no memory");
    for (size_t t = 0; t < p->table_count; t++)
        require(content_id_rows(c, &p->tables[t]) == TT_OK, "a table has no digest");
    require(content_id_hex(c, hex) == TT_OK, "no memory");
    content_id_free(c);
}

static void check_copy(const struct payload *p)
{
    char before[SHA256_HEX_BYTES], after[SHA256_HEX_BYTES];
    struct payload again = {0};
    struct buf raw = BUF_INIT;
    if (copy_payload(p, &raw)) {
        digest_payload(p, before);
        require(payload_decode(&again, raw.data, raw.len, NULL) == TT_OK, "the copy cannot be read");
        digest_payload(&again, after);
        require(strcmp(before, after) == 0, "the copy says something else");
    }
    payload_release(&again);
    buf_release(&raw);
}

static void check_payload(const unsigned char *raw, size_t len)
{
    struct payload p = {0};
    struct error e = {0};
    int status = payload_decode(&p, raw, len, &e);
    require(status == (int)e.code && (!status || e.text[0]), "an error without a sentence");
    for (size_t t = 0; t < p.table_count; t++)
        touch_rows(&p.tables[t]);
    if (!status && p.values_announced <= PACKED_AGAIN_MAX)
        check_copy(&p);
    payload_release(&p);
}

/* ---- numbers ---- */

static size_t take_numbers(struct bytes in, uint64_t *values)
{
    size_t size = 1 + (take_byte(&in) & 7), count = 0;
    for (; in.len >= size && count < NUMBERS_MAX; count++) {
        uint64_t v = 0;
        for (size_t i = 0; i < size; i++)
            v |= (uint64_t)take_byte(&in) << 8 * i;
        values[count] = v == (UINT64_MAX >> (64 - 8 * size)) ? ABSENT : v;
    }
    return count;
}

static void check_numbers(struct bytes in)
{
    static uint64_t values[NUMBERS_MAX], back[NUMBERS_MAX];
    enum column_encoding encoding = take_byte(&in) & 1 ? ENCODING_DELTA : ENCODING_VALUE;
    struct buf packed = BUF_INIT;
    struct cuts cuts = {0};
    size_t count = take_numbers(in, values);
    if (!count)
        return;
    require(column_pack_u64(encoding, values, count, &packed, &cuts) == TT_OK, "no memory");
    struct bytes whole = {packed.data, packed.len}, cut = {packed.data, packed.len - 1};
    require(column_unpack_u64(encoding, whole, back, count) == TT_OK, "a packed column does not unpack");
    require(memcmp(values, back, count * sizeof *values) == 0, "a number did not survive packing");
    require(column_unpack_u64(encoding, cut, back, count) == TT_DAMAGED, "a cut column unpacks");
    buf_release(&packed);
    mem_free(cuts.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf raw = BUF_INIT;
    if (!len)
        return 0;
    struct bytes rest = {bytes + 1, len - 1};
    switch (bytes[0]) {
    case 0:
        check_payload(rest.data, rest.len);
        break;
    case 1:
        build_payload(&raw, rest);
        check_payload(raw.data, raw.len);
        break;
    case 2:
        check_numbers(rest);
        break;
    default:
        break;
    }
    buf_release(&raw);
    return 0;
}
