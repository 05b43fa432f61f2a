/* SPDX-License-Identifier: MIT */
#include "analyze/table.h"
#include "formats/jsonout.h"
#include "formats/textsafe.h"

static void put_number(struct buf *out, double number)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_number(&j, number);
}

static void put_line(const struct table *table, const struct table_line *line, struct buf *out)
{
    if (line->title)
        return;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_cell *cell = &table->cells[line->first_cell + i];
        if (i)
            buf_putc(out, ',');
        if (cell->kind == CELL_NUMBER)
            put_number(out, cell->number);
        else if (cell->kind == CELL_TEXT)
            text_csv(out, table_cell_text(table, cell));
    }
    buf_putc(out, '\n');
}

int table_csv_lines(const struct table *table, struct buf *out)
{
    int status = table_status(table);
    for (size_t i = 0; !status && i < table->line_count; i++)
        put_line(table, table_line_at(table, i), out);
    return status ? status : out->failed;
}

int table_csv(const struct table *table, struct buf *out)
{
    int status = table_status(table);
    if (status)
        return status;
    for (size_t i = 0; i < table->column_count; i++) {
        if (i)
            buf_putc(out, ',');
        text_csv(out, table->columns[i].key);
    }
    buf_putc(out, '\n');
    return table_csv_lines(table, out);
}
