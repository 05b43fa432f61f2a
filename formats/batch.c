/* SPDX-License-Identifier: MIT */
/* Collecting rows for the next data block, and laying the block out. */
#include <string.h>

#include "formats/alloc.h"
#include "formats/rows.h"

#define VALUE_WEIGHT 3 /* bytes that a packed number typically takes before compression */

static size_t find_place(const struct batch *b, uint64_t table)
{
    size_t i = 0;
    while (i < b->table_count && b->tables[i]->table < table)
        i++;
    return i;
}

static void free_table(struct batch_table *t)
{
    for (size_t i = 0; i < ROWS_COLUMNS_MAX; i++) {
        mem_free(t->columns[i].values);
        buf_release(&t->columns[i].data);
    }
    mem_free(t);
}

/* Emptied tables keep their memory for the next block, as long as there is a place for them. */
static void forget_an_empty_table(struct batch *b)
{
    size_t i = 0;
    while (i < b->table_count && b->tables[i]->count)
        i++;
    if (i == b->table_count)
        return;
    free_table(b->tables[i]);
    b->table_count--;
    memmove(b->tables + i, b->tables + i + 1, (b->table_count - i) * sizeof *b->tables);
}

static struct batch_table *insert_table(struct batch *b, uint64_t table)
{
    if (b->table_count == PAYLOAD_TABLES_MAX)
        forget_an_empty_table(b);
    struct batch_table *t = b->table_count < PAYLOAD_TABLES_MAX ? mem_zalloc(1, sizeof *t) : NULL;
    if (!t)
        return NULL;
    size_t place = find_place(b, table);
    t->table = table;
    memmove(b->tables + place + 1, b->tables + place, (b->table_count - place) * sizeof *b->tables);
    b->tables[place] = t;
    b->table_count++;
    return t;
}

static struct batch_table *find_table(struct batch *b, uint64_t table)
{
    size_t place = find_place(b, table);
    if (place < b->table_count && b->tables[place]->table == table)
        return b->tables[place];
    return insert_table(b, table);
}

static int push_u64(struct batch_column *c, size_t i, uint64_t value)
{
    if (mem_grow(&c->values, &c->capacity, i + 1, sizeof *c->values))
        return TT_NOMEM;
    c->values[i] = value;
    return TT_OK;
}

static int push_bytes(struct batch_column *c, size_t i, struct bytes value)
{
    if (value.len > BATCH_VALUE_MAX)
        return TT_LIMIT;
    c->data.failed = TT_OK;
    c->data.len = i ? (size_t)c->values[i - 1] : 0; /* forgets what a row that failed half-way left here */
    int status = buf_append(&c->data, value.data, value.len);
    return status ? status : push_u64(c, i, c->data.len);
}

static void define_columns(struct batch_table *t, const struct table_def *def)
{
    t->column_count = def->column_count;
    for (size_t i = 0; i < def->column_count; i++) {
        t->columns[i].id = def->columns[i].id;
        t->columns[i].type = def->columns[i].type;
        t->columns[i].encoding = def->columns[i].encoding;
    }
}

size_t batch_row_weight(const struct table_def *def, const void *row)
{
    size_t weight = VALUE_WEIGHT * def->column_count;
    for (size_t i = 0; i < def->column_count; i++) {
        if (def->columns[i].type == COLUMN_BYTES)
            weight += ((const struct bytes *)(const void *)((const char *)row + def->columns[i].offset))->len;
    }
    return weight;
}

static void count_row(struct batch *b, struct batch_table *t, size_t weight)
{
    t->count++;
    b->weight += weight;
    b->values += t->column_count;
}

int batch_add(struct batch *b, const struct table_def *def, const void *row)
{
    struct batch_table *t = find_table(b, def->id);
    if (!t)
        return TT_NOMEM;
    if (t->count == 0)
        define_columns(t, def);
    int status = TT_OK;
    for (size_t i = 0; i < def->column_count && !status; i++) {
        const void *field = (const char *)row + def->columns[i].offset;
        if (def->columns[i].type == COLUMN_U64)
            status = push_u64(&t->columns[i], t->count, *(const uint64_t *)field);
        else
            status = push_bytes(&t->columns[i], t->count, *(const struct bytes *)field);
    }
    if (!status)
        count_row(b, t, batch_row_weight(def, row));
    return status;
}

static int adopt_columns(struct batch_table *t, const struct rows *rows)
{
    t->column_count = rows->column_count;
    for (size_t i = 0; i < rows->column_count; i++) {
        if (!rows->columns[i].type)
            return TT_UNSUPPORTED;
        t->columns[i].id = rows->columns[i].id;
        t->columns[i].type = rows->columns[i].type;
        t->columns[i].encoding = rows->columns[i].encoding;
    }
    return TT_OK;
}

static int same_columns(const struct batch_table *t, const struct rows *rows)
{
    int same = t->column_count == rows->column_count;
    for (size_t i = 0; same && i < rows->column_count; i++)
        same = t->columns[i].id == rows->columns[i].id && t->columns[i].type == rows->columns[i].type &&
               t->columns[i].encoding == rows->columns[i].encoding;
    return same;
}

int batch_takes(const struct batch *b, const struct payload *payload)
{
    size_t values = b->values, tables = payload->table_count;
    for (size_t i = 0; i < b->table_count; i++)
        tables += b->tables[i]->count > 0;
    for (size_t i = 0; i < payload->table_count; i++) {
        const struct rows *rows = &payload->tables[i];
        size_t place = find_place(b, rows->table);
        values += rows->count * rows->column_count;
        if (place == b->table_count || b->tables[place]->table != rows->table || !b->tables[place]->count)
            continue;
        if (!same_columns(b->tables[place], rows))
            return 0;
        tables--;
    }
    return values <= PAYLOAD_VALUES_MAX && tables <= PAYLOAD_TABLES_MAX;
}

size_t payload_weight(const struct payload *payload)
{
    size_t weight = payload->wire.len;
    for (size_t i = 0; i < payload->table_count; i++) {
        const struct rows *rows = &payload->tables[i];
        weight += VALUE_WEIGHT * rows->count * rows->column_count;
        for (size_t c = 0; c < rows->column_count; c++)
            weight +=
                rows->columns[c].type == COLUMN_BYTES ? (size_t)rows->columns[c].values[rows->count - 1] : 0;
    }
    return weight;
}

size_t payload_values(const struct payload *payload)
{
    size_t values = 0;
    for (size_t i = 0; i < payload->table_count; i++)
        values += payload->tables[i].count * payload->tables[i].column_count;
    return values;
}

int batch_add_from(struct batch *b, const struct rows *rows, size_t i)
{
    struct batch_table *t = find_table(b, rows->table);
    if (!t)
        return TT_NOMEM;
    int status = t->count == 0 ? adopt_columns(t, rows) : TT_OK;
    size_t weight = 0;
    for (size_t c = 0; c < rows->column_count && !status; c++) {
        const struct row_column *from = &rows->columns[c];
        uint64_t begin = from->type == COLUMN_BYTES && i ? from->values[i - 1] : 0;
        weight += VALUE_WEIGHT;
        if (from->type == COLUMN_U64) {
            status = push_u64(&t->columns[c], t->count, from->values[i]);
        } else {
            struct bytes value = {from->data + begin, (size_t)(from->values[i] - begin)};
            status = push_bytes(&t->columns[c], t->count, value);
            weight += value.len;
        }
    }
    if (!status)
        count_row(b, t, weight);
    return status;
}

int batch_add_wire(struct batch *b, const void *bytes, size_t len)
{
    b->weight += len;
    return buf_append(&b->wire, bytes, len);
}

/* A number takes up to 8 bytes, and columns and tables a little for themselves. */
size_t batch_bound(const struct batch *b, size_t weight, size_t values)
{
    return b->weight + weight + (8 - VALUE_WEIGHT) * (b->values + values) +
           (size_t)PAYLOAD_TABLES_MAX * ROWS_COLUMNS_MAX * 4 * UVARINT_MAX_BYTES;
}

int batch_is_empty(const struct batch *b)
{
    return b->values == 0 && b->wire.len == 0;
}

static int encode_column(const struct batch_table *t, const struct batch_column *c, struct buf *out,
                         struct cuts *cuts)
{
    struct buf packed = BUF_INIT;
    struct cuts inner = {0};
    int status;
    if (c->type == COLUMN_BYTES)
        status = column_pack_bytes(c->values, c->data.data, t->count, &packed, &inner);
    else
        status = column_pack_u64(c->encoding, c->values, t->count, &packed, &inner);
    buf_uvarint(out, c->id);
    buf_putc(out, (int)c->encoding);
    buf_uvarint(out, packed.len);
    for (size_t i = 0; i < inner.count && !status; i++)
        status = cuts_add(cuts, out->len + inner.at[i]);
    buf_append(out, packed.data, packed.len);
    buf_release(&packed);
    mem_free(inner.at);
    return status ? status : out->failed;
}

static int encode_table(const struct batch_table *t, struct buf *out, struct cuts *cuts)
{
    struct buf body = BUF_INIT;
    struct cuts inner = {0};
    buf_uvarint(&body, t->count);
    buf_uvarint(&body, t->column_count);
    int status = TT_OK;
    for (size_t i = 0; i < t->column_count && !status; i++)
        status = encode_column(t, &t->columns[i], &body, &inner);
    buf_uvarint(out, t->table);
    buf_uvarint(out, body.len);
    for (size_t i = 0; i < inner.count && !status; i++)
        status = cuts_add(cuts, out->len + inner.at[i]);
    buf_append(out, body.data, body.len);
    buf_release(&body);
    mem_free(inner.at);
    return status ? status : out->failed;
}

int batch_encode(const struct batch *b, struct buf *out, struct cuts *cuts)
{
    int status = TT_OK;
    if (b->wire.len) {
        buf_uvarint(out, PAYLOAD_WIRE);
        buf_uvarint(out, b->wire.len);
        buf_append(out, b->wire.data, b->wire.len);
        status = cuts_add(cuts, out->len);
    }
    for (size_t i = 0; i < b->table_count && !status; i++) {
        if (b->tables[i]->count)
            status = encode_table(b->tables[i], out, cuts);
    }
    return status ? status : out->failed;
}

void batch_view(const struct batch_table *t, struct rows *view)
{
    memset(view, 0, sizeof *view);
    view->table = t->table;
    view->count = t->count;
    view->column_count = t->column_count;
    for (size_t i = 0; i < t->column_count; i++) {
        const struct batch_column *c = &t->columns[i];
        view->columns[i] = (struct row_column){c->id, c->type, c->encoding, c->values, c->data.data};
    }
}

void batch_clear(struct batch *b)
{
    for (size_t i = 0; i < b->table_count; i++)
        b->tables[i]->count = 0;
    buf_clear(&b->wire);
    b->weight = b->values = 0;
}

void batch_release(struct batch *b)
{
    for (size_t i = 0; i < b->table_count; i++)
        free_table(b->tables[i]);
    buf_release(&b->wire);
    memset(b, 0, sizeof *b);
}
