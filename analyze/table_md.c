/* SPDX-License-Identifier: MIT */
#include "analyze/table.h"
#include "formats/textsafe.h"

static void put_separator(const struct table *table, struct buf *out)
{
    static const char *const dashes[] = {
        [ALIGN_NONE] = "---|", [ALIGN_LEFT] = ":--|", [ALIGN_RIGHT] = "--:|"};
    buf_putc(out, '|');
    for (size_t i = 0; i < table->column_count; i++)
        buf_puts(out, dashes[table->columns[i].align]);
    buf_putc(out, '\n');
}

static void put_cell(struct buf *out, const char *text, int strike)
{
    buf_puts(out, strike ? " ~~" : " ");
    text_markdown(out, text);
    if (strike)
        buf_puts(out, "~~");
    buf_puts(out, *text ? " |" : "|");
}

static void put_header(const struct table *table, struct buf *out)
{
    buf_putc(out, '|');
    for (size_t i = 0; i < table->column_count; i++)
        put_cell(out, table->columns[i].header, 0);
    buf_putc(out, '\n');
    put_separator(table, out);
}

/* The title stands in the first cell, the others stay empty. */
static void put_heading(const struct table *table, const char *title, struct buf *out)
{
    buf_puts(out, "| **");
    text_markdown(out, title);
    buf_puts(out, "** ");
    for (size_t i = 0; i < table->column_count; i++)
        buf_putc(out, '|');
    buf_putc(out, '\n');
}

static void put_line(const struct table *table, const struct table_line *line, struct buf *out)
{
    if (line->title) {
        put_heading(table, line->title, out);
        return;
    }
    buf_putc(out, '|');
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_cell *cell = &table->cells[line->first_cell + i];
        put_cell(out, table_cell_text(table, cell),
                 (cell->style & STYLE_STRIKE) && cell->kind != CELL_ABSENT);
    }
    buf_putc(out, '\n');
}

int table_markdown(const struct table *table, struct buf *out)
{
    int status = table_status(table);
    if (status)
        return status;
    if (table->title) {
        buf_puts(out, "## ");
        text_markdown(out, table->title);
        buf_puts(out, "\n\n");
    }
    put_header(table, out);
    for (size_t i = 0; i < table->line_count; i++)
        put_line(table, table_line_at(table, i), out);
    for (size_t i = 0; i < table->notes.count; i++) {
        buf_puts(out, i ? "* " : "\n* ");
        text_markdown(out, table->notes.items[i]);
        buf_putc(out, '\n');
    }
    return out->failed;
}
