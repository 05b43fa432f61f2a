/* SPDX-License-Identifier: MIT */
#include "analyze/table.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"

static char *keep(struct table *table, const char *text)
{
    char *copy = table->status ? NULL : mem_strdup(text);
    if (!copy)
        table->status = TT_NOMEM;
    return copy;
}

void table_title(struct table *table, const char *title)
{
    mem_free(table->title);
    table->title = keep(table, title);
}

void table_column(struct table *table, const char *key, const char *header, enum table_align align)
{
    struct table_column column = {keep(table, key), keep(table, header), align};
    if (!table->status)
        table->status =
            mem_grow(&table->columns, &table->column_capacity, table->column_count + 1, sizeof column);
    if (!table->status) {
        table->columns[table->column_count++] = column;
        return;
    }
    mem_free(column.key);
    mem_free(column.header);
}

static int last_line_is_full(const struct table *table)
{
    if (!table->line_count || table->lines[table->line_count - 1].title)
        return 1;
    return table->cell_count == table->lines[table->line_count - 1].first_cell + table->column_count;
}

/* Takes over `title`. */
static void add_line(struct table *table, char *title)
{
    if (!table->status && !last_line_is_full(table))
        table->status = TT_LIMIT;
    if (!table->status)
        table->status =
            shelf_grow(&table->lines, &table->line_capacity, table->line_count + 1, sizeof *table->lines);
    if (table->status)
        mem_free(title);
    else
        table->lines[table->line_count++] = (struct table_line){title, table->cell_count};
}

void table_heading(struct table *table, const char *title)
{
    add_line(table, keep(table, title));
}

void table_row(struct table *table)
{
    add_line(table, NULL);
}

static void add_cell(struct table *table, enum cell_kind kind, const char *text, double number,
                     unsigned style)
{
    struct table_cell cell = {kind, style, table->texts.len, number};
    if (!table->status && last_line_is_full(table))
        table->status = TT_LIMIT;
    if (!table->status)
        table->status = buf_append(&table->texts, text, strlen(text) + 1);
    if (!table->status)
        table->status =
            shelf_grow(&table->cells, &table->cell_capacity, table->cell_count + 1, sizeof *table->cells);
    if (table->status)
        return;
    table->cells[table->cell_count++] = cell;
    shelf_walk(sizeof cell);
}

void table_text(struct table *table, const char *text, unsigned style)
{
    add_cell(table, CELL_TEXT, text, NAN, style);
}

void table_number(struct table *table, double value, double divisor, struct decimals decimals, unsigned style)
{
    struct buf text = BUF_INIT;
    if (!isfinite(value)) {
        table_absent(table);
        return;
    }
    decimal_put(&text, value / divisor, decimals);
    if (!table->status)
        table->status = text.failed;
    add_cell(table, CELL_NUMBER, buf_text(&text), value, style);
    buf_release(&text);
}

void table_absent(struct table *table)
{
    add_cell(table, CELL_ABSENT, EM_DASH, NAN, STYLE_NONE);
}

void table_built(struct table *table, struct buf *text, unsigned style)
{
    if (!table->status)
        table->status = text->failed;
    table_text(table, buf_text(text), style);
    buf_release(text);
}

void table_note_built(struct table *table, struct buf *text)
{
    if (!table->status)
        table->status = text->failed;
    if (!table->status)
        table->status = text_list_add(&table->notes, buf_text(text));
    buf_release(text);
}

void table_notef(struct table *table, const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    table_note_built(table, &text);
}

int table_status(const struct table *table)
{
    return !table->status && !last_line_is_full(table) ? TT_LIMIT : table->status;
}

void table_release(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        mem_free(table->columns[i].key);
        mem_free(table->columns[i].header);
    }
    for (size_t i = 0; i < table->line_count; i++)
        mem_free(table_line_at(table, i)->title);
    mem_free(table->title);
    mem_free(table->columns);
    shelf_free(table->lines);
    shelf_free(table->cells);
    buf_release(&table->texts);
    text_list_release(&table->notes);
    memset(table, 0, sizeof *table);
}
