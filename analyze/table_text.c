/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analyze/table.h"
#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/textsafe.h"

#define GAP 2

static const char bold[] = "\033[1m", dim[] = "\033[2m", plain[] = "\033[0m";

/* The escape sequence that opens a style, NULL for none. */
static const char *style_sequence(unsigned style)
{
    if (style & STYLE_STRIKE)
        return dim;
    if (style & STYLE_GOOD)
        return "\033[32m";
    if (style & STYLE_WARN)
        return "\033[33m";
    return style & STYLE_BAD ? "\033[31m" : NULL;
}

static void put_styled(struct buf *out, const char *text, const char *sequence)
{
    if (sequence && *text)
        buf_puts(out, sequence);
    text_plain(out, text);
    if (sequence && *text)
        buf_puts(out, plain);
}

static void put_spaces(struct buf *out, size_t count)
{
    while (count--)
        buf_putc(out, ' ');
}

/* One cell of `width`, and the gap to the next. */
static void put_aligned(struct buf *out, const char *text, size_t width, enum table_align align,
                        const char *sequence)
{
    size_t own = text_width(text), missing = width > own ? width - own : 0;
    if (align == ALIGN_RIGHT)
        put_spaces(out, missing);
    put_styled(out, text, sequence);
    if (align != ALIGN_RIGHT)
        put_spaces(out, missing);
    put_spaces(out, GAP);
}

/* A line ends without the spaces that its last cells would be padded with. */
static void end_line(struct buf *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_putc(out, '\n');
}

static void measure(const struct table *table, size_t *widths)
{
    size_t n = table->column_count;
    for (size_t i = 0; i < n; i++)
        widths[i] = text_width(table->columns[i].header);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = text_width(table->cells[i].text);
        if (width > widths[i % n])
            widths[i % n] = width;
    }
}

static void put_header(const struct table *table, const size_t *widths, int colour, struct buf *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->columns[i];
        put_aligned(out, column->header, widths[i], column->align, colour ? bold : NULL);
    }
    end_line(out);
}

static void put_line(const struct table *table, const struct table_line *line, const size_t *widths,
                     int colour, struct buf *out)
{
    if (line->title) {
        put_styled(out, line->title, colour ? bold : NULL);
    } else {
        for (size_t i = 0; i < table->column_count; i++) {
            const struct table_cell *cell = &table->cells[line->first_cell + i];
            put_aligned(out, cell->text, widths[i], table->columns[i].align,
                        colour ? style_sequence(cell->style) : NULL);
        }
    }
    end_line(out);
}

int table_terminal(const struct table *table, int colour, struct buf *out)
{
    int status = table_status(table);
    size_t *widths = status ? NULL : mem_zalloc(table->column_count, sizeof *widths);
    if (!widths)
        return status ? status : TT_NOMEM;
    measure(table, widths);
    if (table->title) {
        put_styled(out, table->title, colour ? bold : NULL);
        buf_puts(out, "\n\n");
    }
    put_header(table, widths, colour, out);
    for (size_t i = 0; i < table->line_count; i++)
        put_line(table, &table->lines[i], widths, colour, out);
    for (size_t i = 0; i < table->notes.count; i++) {
        buf_puts(out, i ? "- " : "\n- ");
        text_plain(out, table->notes.items[i]);
        buf_putc(out, '\n');
    }
    mem_free(widths);
    return out->failed;
}
