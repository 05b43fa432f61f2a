/* SPDX-License-Identifier: MIT */
/* Reading the payload of a data block. Everything in it is checked before it is used. */
#include <string.h>

#include "formats/alloc.h"
#include "formats/rows.h"

static int damaged(struct error *e, uint64_t table, const char *what)
{
    const struct table_def *def = schema_table(table);
    return error_set(e, TT_DAMAGED, "table %s (%llu): %s", def ? def->name : "of a newer version",
                     (unsigned long long)table, what);
}

/* Columns point into one array whose final size is only known as tables come; it grows before it is pointed
 * into, so columns hold offsets until payload_decode has seen everything. */
static int reserve_values(struct payload *p, size_t count, struct error *e)
{
    if (mem_grow(&p->values, &p->values_capacity, p->values_used + count, sizeof *p->values))
        return error_set(e, TT_NOMEM, "out of memory for a block's columns");
    return TT_OK;
}

static int decode_column(struct payload *p, struct rows *t, struct bytes packed, struct row_column *c,
                         struct error *e)
{
    if (c->encoding < ENCODING_VALUE || c->encoding > ENCODING_BYTES)
        return TT_OK; /* of a newer version: passed over */
    int status = reserve_values(p, t->count, e);
    if (status)
        return status;
    uint64_t *to = p->values + p->values_used;
    if (c->encoding == ENCODING_BYTES)
        status = column_unpack_bytes(packed, to, t->count, &c->data);
    else
        status = column_unpack_u64(c->encoding, packed, to, t->count);
    if (status)
        return damaged(e, t->table, "a column does not unpack");
    c->type = c->encoding == ENCODING_BYTES ? COLUMN_BYTES : COLUMN_U64;
    c->values = NULL;
    p->values_used += t->count;
    return TT_OK;
}

static int take_bytes(struct bytes *in, uint64_t len, struct bytes *out)
{
    if (len > in->len)
        return TT_DAMAGED;
    out->data = in->data;
    out->len = (size_t)len;
    in->data += len;
    in->len -= (size_t)len;
    return TT_OK;
}

static int take_column(struct payload *p, struct rows *t, struct bytes *in, struct error *e)
{
    uint64_t id, length;
    struct bytes packed;
    if (take_uvarint(in, &id) || in->len < 1)
        return damaged(e, t->table, "a column header is cut off");
    unsigned encoding = in->data[0];
    in->data++;
    in->len--;
    if (take_uvarint(in, &length) || take_bytes(in, length, &packed))
        return damaged(e, t->table, "a column is cut off");
    if (t->column_count && id <= t->columns[t->column_count - 1].id)
        return damaged(e, t->table, "columns are not in order");
    struct row_column *c = &t->columns[t->column_count];
    memset(c, 0, sizeof *c);
    c->id = id;
    c->encoding = (enum column_encoding)encoding;
    t->column_count++;
    return decode_column(p, t, packed, c, e);
}

static int decode_table(struct payload *p, uint64_t table, struct bytes in, struct error *e)
{
    uint64_t count, columns;
    if (p->table_count == PAYLOAD_TABLES_MAX)
        return error_set(e, TT_LIMIT, "a block holds more than %d tables", PAYLOAD_TABLES_MAX);
    struct rows *t = &p->tables[p->table_count++];
    memset(t, 0, sizeof *t);
    t->table = table;
    t->def = schema_table(table);
    if (take_uvarint(&in, &count) || take_uvarint(&in, &columns))
        return damaged(e, table, "the table header is cut off");
    if (!count || count > PAYLOAD_VALUES_MAX || !columns || columns > ROWS_COLUMNS_MAX)
        return damaged(e, table, "an impossible number of rows or columns");
    if (count * columns > PAYLOAD_VALUES_MAX - p->values_announced)
        return error_set(e, TT_LIMIT, "a block holds more than %zu values", PAYLOAD_VALUES_MAX);
    p->values_announced += (size_t)(count * columns);
    t->count = (size_t)count;
    for (uint64_t i = 0; i < columns; i++) {
        int status = take_column(p, t, &in, e);
        if (status)
            return status;
    }
    return in.len ? damaged(e, table, "bytes left over") : TT_OK;
}

static int take_section(struct payload *p, struct bytes *in, uint64_t *previous, struct error *e)
{
    uint64_t section, length;
    struct bytes content;
    if (take_uvarint(in, &section) || take_uvarint(in, &length) || take_bytes(in, length, &content))
        return error_set(e, TT_DAMAGED, "a section is cut off");
    if (*previous != UINT64_MAX && section <= *previous)
        return error_set(e, TT_DAMAGED, "sections are not in order");
    *previous = section;
    if (section == PAYLOAD_WIRE) {
        p->wire = content;
        return TT_OK;
    }
    return decode_table(p, section, content, e);
}

/* Now that the array no longer moves: columns were decoded one after another, in this order. A column whose
 * type does not match what this version knows of it is damage, since a number keeps its meaning for ever. */
static int attach_columns(struct payload *p, struct error *e)
{
    uint64_t *next = p->values;
    for (size_t i = 0; i < p->table_count; i++) {
        struct rows *t = &p->tables[i];
        memset(t->place, -1, sizeof t->place);
        for (size_t c = 0; c < t->column_count; c++) {
            struct row_column *column = &t->columns[c];
            if (!column->type)
                continue;
            column->values = next;
            next += t->count;
            for (size_t d = 0; t->def && d < t->def->column_count; d++) {
                if (t->def->columns[d].id != column->id)
                    continue;
                if (t->def->columns[d].type != column->type)
                    return damaged(e, t->table, "a column has the wrong type");
                t->place[d] = (signed char)c;
            }
        }
    }
    return TT_OK;
}

/* The wire is cut up by the reads of the same block: all of it, and no more. */
static int check_wire(const struct payload *p, struct error *e)
{
    const struct rows *reads = payload_rows(p, TABLE_READ);
    const uint64_t *nbytes = rows_column(reads, READ_NBYTES_COLUMN);
    size_t left = p->wire.len;
    for (size_t i = 0; nbytes && i < reads->count; i++) {
        if (nbytes[i] > left)
            return damaged(e, TABLE_READ, "the reads have more bytes than the wire");
        left -= (size_t)nbytes[i];
    }
    return left ? damaged(e, TABLE_READ, "the wire has more bytes than the reads") : TT_OK;
}

int payload_decode(struct payload *p, const void *raw, size_t len, struct error *e)
{
    struct bytes in = {raw, len};
    uint64_t previous = UINT64_MAX;
    p->table_count = 0;
    p->values_used = p->values_announced = 0;
    p->wire = (struct bytes){raw, 0};
    int status = TT_OK;
    while (in.len && !status)
        status = take_section(p, &in, &previous, e);
    if (!status)
        status = attach_columns(p, e);
    if (!status)
        status = check_wire(p, e);
    if (status)
        p->table_count = 0;
    return status;
}

void payload_release(struct payload *p)
{
    mem_free(p->values);
    memset(p, 0, sizeof *p);
}

const struct rows *payload_rows(const struct payload *p, uint64_t table)
{
    for (size_t i = 0; i < p->table_count; i++) {
        if (p->tables[i].table == table)
            return &p->tables[i];
    }
    return NULL;
}

size_t rows_count(const struct rows *rows)
{
    return rows ? rows->count : 0;
}

static void get_bytes(const struct row_column *c, size_t i, struct bytes *value)
{
    uint64_t from = i ? c->values[i - 1] : 0;
    value->data = c->data + from;
    value->len = (size_t)(c->values[i] - from);
}

static const struct row_column *placed(const struct rows *rows, size_t def_column)
{
    int place = rows->place[def_column];
    return place < 0 ? NULL : &rows->columns[place];
}

void rows_get(const struct rows *rows, size_t i, void *row)
{
    static const unsigned char nothing[1];
    for (size_t d = 0; rows->def && d < rows->def->column_count; d++) {
        const struct column_def *def = &rows->def->columns[d];
        const struct row_column *c = placed(rows, d);
        void *field = (char *)row + def->offset;
        if (def->type == COLUMN_U64) {
            *(uint64_t *)field = c ? c->values[i] : ABSENT;
        } else if (c) {
            get_bytes(c, i, field);
        } else {
            *(struct bytes *)field = (struct bytes){nothing, 0};
        }
    }
}

const uint64_t *rows_column(const struct rows *rows, uint64_t column_id)
{
    for (size_t c = 0; rows && c < rows->column_count; c++) {
        if (rows->columns[c].id == column_id && rows->columns[c].type == COLUMN_U64)
            return rows->columns[c].values;
    }
    return NULL;
}
