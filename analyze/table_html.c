/* SPDX-License-Identifier: MIT */
#include "analyze/table.h"
#include "formats/textsafe.h"

static void put_headers(const struct table *table, struct buf *out)
{
    buf_puts(out, "<thead><tr>");
    for (size_t i = 0; i < table->column_count; i++) {
        buf_puts(out, table->columns[i].align == ALIGN_RIGHT ? "<th scope=\"col\" class=\"n\">"
                                                             : "<th scope=\"col\">");
        text_html(out, table->columns[i].header);
        buf_puts(out, "</th>");
    }
    buf_puts(out, "</tr></thead>\n<tbody>\n");
}

static const char *style_class(unsigned style)
{
    if (style & STYLE_BAD)
        return " bad";
    if (style & STYLE_WARN)
        return " warn";
    return style & STYLE_GOOD ? " good" : "";
}

static void put_cell(const struct table *table, const struct table_cell *cell, int right, struct buf *out)
{
    int strike = (cell->style & STYLE_STRIKE) && cell->kind != CELL_ABSENT;
    buf_printf(out, "<td class=\"%s%s\">%s", right ? "n" : "t", style_class(cell->style),
               strike ? "<s>" : "");
    text_html(out, table_cell_text(table, cell));
    buf_puts(out, strike ? "</s></td>" : "</td>");
}

static void put_line(const struct table *table, const struct table_line *line, struct buf *out)
{
    buf_puts(out, "<tr>");
    if (line->title) {
        buf_printf(out, "<th scope=\"colgroup\" colspan=\"%zu\">", table->column_count);
        text_html(out, line->title);
        buf_puts(out, "</th>");
    }
    for (size_t i = 0; !line->title && i < table->column_count; i++)
        put_cell(table, &table->cells[line->first_cell + i], table->columns[i].align == ALIGN_RIGHT, out);
    buf_puts(out, "</tr>\n");
}

int table_html(const struct table *table, struct buf *out)
{
    int status = table_status(table);
    if (status)
        return status;
    buf_puts(out, "<div class=\"wide\" tabindex=\"0\"><table>\n");
    if (table->title) {
        buf_puts(out, "<caption>");
        text_html(out, table->title);
        buf_puts(out, "</caption>\n");
    }
    put_headers(table, out);
    for (size_t i = 0; i < table->line_count; i++)
        put_line(table, table_line_at(table, i), out);
    buf_puts(out, "</tbody></table></div>\n");
    if (table->notes.count)
        buf_puts(out, "<ul class=\"notes\">\n");
    for (size_t i = 0; i < table->notes.count; i++) {
        buf_puts(out, "<li>");
        text_html(out, table->notes.items[i]);
        buf_puts(out, "</li>\n");
    }
    if (table->notes.count)
        buf_puts(out, "</ul>\n");
    return out->failed;
}
