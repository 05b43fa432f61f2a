/* SPDX-License-Identifier: MIT */
/* trace_rows TRACE: all that a trace holds, a line each, in the words of tests/reader.py --rows: documents,
 * wire, rows with every column, content id, and how the trace ends. The program's own reader, to be compared
 * with that one. */
#include <stdio.h>
#include <string.h>

#include "formats/digest.h"
#include "formats/trace_reader.h"

static void put_hex(struct bytes text)
{
    putchar('x');
    for (size_t i = 0; i < text.len; i++)
        printf("%02x", text.data[i]);
}

static void put_document(const char *kind, const struct trace_item *item)
{
    printf("%s ", kind);
    put_hex(item->json_text);
    putchar('\n');
}

static void put_number(uint64_t value)
{
    if (value == ABSENT)
        putchar('-');
    else
        printf("%llu", (unsigned long long)value);
}

static void put_known_columns(const struct rows *rows, size_t i)
{
    union any_row row;
    rows_get(rows, i, &row);
    for (size_t d = 0; d < rows->def->column_count; d++) {
        const struct column_def *def = &rows->def->columns[d];
        const void *field = (const char *)&row + def->offset;
        printf(" %s=", def->name);
        if (def->type == COLUMN_BYTES)
            put_hex(*(const struct bytes *)field);
        else
            put_number(*(const uint64_t *)field);
    }
}

static int is_known(const struct rows *rows, uint64_t id)
{
    for (size_t d = 0; rows->def && d < rows->def->column_count; d++) {
        if (rows->def->columns[d].id == id)
            return 1;
    }
    return 0;
}

static void put_newer_columns(const struct rows *rows, size_t i)
{
    for (size_t c = 0; c < rows->column_count; c++) {
        const struct row_column *column = &rows->columns[c];
        if (!column->type || is_known(rows, column->id))
            continue;
        printf(" #%llu=", (unsigned long long)column->id);
        uint64_t from = column->type == COLUMN_BYTES && i ? column->values[i - 1] : 0;
        if (column->type == COLUMN_BYTES)
            put_hex((struct bytes){column->data + from, (size_t)(column->values[i] - from)});
        else
            put_number(column->values[i]);
    }
}

static void put_rows(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->def)
            printf("%s", rows->def->name);
        else
            printf("table/%llu", (unsigned long long)rows->table);
        if (rows->def)
            put_known_columns(rows, i);
        put_newer_columns(rows, i);
        putchar('\n');
    }
}

static void put_item(const struct trace_item *item)
{
    if (item->kind == TRACE_META)
        put_document("meta", item);
    if (item->kind == TRACE_NOTE)
        put_document("note", item);
    if (item->kind == TRACE_END)
        put_document("end", item);
    if (item->kind != TRACE_DATA)
        return;
    if (item->wire.len) {
        printf("wire ");
        put_hex(item->wire);
        putchar('\n');
    }
    for (size_t t = 0; t < item->payload->table_count; t++)
        put_rows(&item->payload->tables[t]);
}

static const char *state_name(int status)
{
    switch (status) {
    case TT_OK:
        return "clean";
    case TT_TRUNCATED:
        return "truncated";
    case TT_UNSUPPORTED:
        return "unsupported";
    case TT_LIMIT:
        return "limit";
    default:
        return "damaged";
    }
}

/* What this version could not tell the content of has an id that it cannot tell either. */
static void put_content_id(const char *path)
{
    struct trace_reader *r;
    struct trace_item item = {0};
    char hex[SHA256_HEX_BYTES] = "unknown";
    int status = trace_reader_open(&r, path, NULL, NULL);
    trace_reader_hash_content(r);
    do
        status = trace_reader_next(r, &item, NULL);
    while (!status && item.kind != TRACE_STOP);
    if (status == TT_OK || status == TT_TRUNCATED)
        trace_reader_content_id(r, hex, NULL);
    printf("content %s\n", hex);
    trace_reader_free(r);
}

int main(int argc, char **argv)
{
    struct trace_reader *r;
    struct trace_item item = {0};
    struct error e = {0};
    uint64_t skipped = 0;
    if (argc != 2)
        return 2;
    int status = trace_reader_open(&r, argv[1], NULL, &e);
    while (!status && (status = trace_reader_next(r, &item, &e)) == TT_OK) {
        for (; skipped < trace_reader_skipped(r); skipped++)
            puts("skipped");
        if (item.kind == TRACE_STOP)
            break;
        put_item(&item);
    }
    if (status)
        fprintf(stderr, "%s\n", e.text);
    trace_reader_free(r);
    put_content_id(argv[1]);
    printf("state %s\n", state_name(status));
    return 0;
}
