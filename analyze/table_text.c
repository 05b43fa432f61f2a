/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analyze/table_layout.h"
#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/textsafe.h"

#define INDENT 2 /* of the later lines of a broken text */

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

static void put_spaces(struct buf *out, size_t count)
{
    while (count--)
        buf_putc(out, ' ');
}

/* A line ends without the spaces that its last cells would be padded with. */
static void end_line(struct buf *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_putc(out, '\n');
}

/* What of one column is still to be shown in the line of the table that is being written. */
struct cell_rest {
    const char *text, *sequence;
    size_t wait; /* lines before the text begins: headers stand at the bottom */
    int is_later;
    int shown; /* the column belongs to the group */
};

struct terminal {
    const struct table *table;
    struct table_layout layout;
    struct cell_rest *rests;
    int colour;
    struct buf *out;
};

/* The next line of one cell, `width` wide. */
static void put_piece(struct terminal *t, struct cell_rest *rest, size_t width, enum table_align align)
{
    int hangs = rest->is_later && *rest->text && align != ALIGN_RIGHT && width > 2 * INDENT;
    size_t next, own, indent = hangs ? INDENT : 0;
    size_t len = text_line(rest->text, width - indent, &next);
    struct buf piece = BUF_INIT;
    text_plain_part(&piece, rest->text, len);
    own = text_width(buf_text(&piece)) + indent;
    put_spaces(t->out, align == ALIGN_RIGHT && width > own ? width - own : indent);
    if (rest->sequence && len)
        buf_puts(t->out, rest->sequence);
    buf_puts(t->out, buf_text(&piece));
    if (rest->sequence && len)
        buf_puts(t->out, plain);
    put_spaces(t->out, align != ALIGN_RIGHT && width > own ? width - own : 0);
    if (!t->out->failed)
        t->out->failed = piece.failed;
    buf_release(&piece);
    rest->text += next;
    rest->is_later = 1;
}

/* One line on the terminal; returns whether anything is left for another. */
static int put_pieces(struct terminal *t)
{
    int more = 0, first = 1;
    for (size_t i = 0; i < t->layout.count; i++) {
        struct cell_rest *rest = &t->rests[i];
        if (!rest->shown)
            continue;
        put_spaces(t->out, first ? 0 : t->layout.gap);
        first = 0;
        if (rest->wait) {
            rest->wait--;
            put_spaces(t->out, t->layout.columns[i].width);
        } else {
            put_piece(t, rest, t->layout.columns[i].width, t->table->columns[i].align);
        }
        more |= *rest->text != '\0';
    }
    end_line(t->out);
    return more;
}

static size_t lines_of(const char *text, size_t width)
{
    size_t lines = 0;
    for (size_t next; *text; text += next, lines++)
        text_line(text, width, &next);
    return lines;
}

static void put_header(struct terminal *t)
{
    size_t most = 0;
    for (size_t i = 0; i < t->layout.count; i++) {
        const char *header = t->table->columns[i].header;
        size_t lines = lines_of(header, t->layout.columns[i].width);
        t->rests[i].text = header;
        t->rests[i].sequence = t->colour ? bold : NULL;
        t->rests[i].wait = lines;
        t->rests[i].is_later = 0;
        most = t->rests[i].shown && lines > most ? lines : most;
    }
    for (size_t i = 0; i < t->layout.count; i++)
        t->rests[i].wait = t->rests[i].wait < most ? most - t->rests[i].wait : 0;
    while (put_pieces(t))
        ;
}

/* A sentence or a title, broken to the terminal's width. */
static void put_sentence(struct terminal *t, const char *mark, const char *text, const char *sequence)
{
    size_t room = t->layout.room ? t->layout.room : SIZE_MAX;
    if (sequence && *text)
        buf_puts(t->out, sequence);
    buf_puts(t->out, mark);
    text_wrap(t->out, text, strlen(mark), room, INDENT);
    if (sequence && *text)
        buf_puts(t->out, plain);
    buf_putc(t->out, '\n');
}

static void put_line(struct terminal *t, const struct table_line *line)
{
    if (line->title) {
        put_sentence(t, "", line->title, t->colour ? bold : NULL);
        return;
    }
    for (size_t i = 0; i < t->layout.count; i++) {
        const struct table_cell *cell = &t->table->cells[line->first_cell + i];
        t->rests[i].text = table_cell_text(t->table, cell);
        t->rests[i].sequence = t->colour ? style_sequence(cell->style) : NULL;
        t->rests[i].wait = 0;
        t->rests[i].is_later = 0;
    }
    while (put_pieces(t))
        ;
}

/* The columns from `from` to `end`, the keys in front of them. */
static void put_group(struct terminal *t, size_t from, size_t end)
{
    for (size_t i = 0; i < t->layout.count; i++)
        t->rests[i].shown = !t->layout.columns[i].hidden && (i < t->layout.keys || (i >= from && i < end));
    put_header(t);
    for (size_t i = 0; i < t->table->line_count; i++)
        put_line(t, table_line_at(t->table, i));
}

static void put_groups(struct terminal *t)
{
    for (size_t from = t->layout.keys, end; from < t->layout.count; from = end) {
        end = layout_group_end(&t->layout, from);
        if (from > t->layout.keys)
            buf_putc(t->out, '\n');
        put_group(t, from, end);
        while (end < t->layout.count && t->layout.columns[end].hidden)
            end++;
    }
}

static void put_note(struct terminal *t, int is_first, const char *note)
{
    if (is_first)
        buf_putc(t->out, '\n');
    put_sentence(t, "- ", note, NULL);
}

/* "not measured: RAM GB, accepted" */
static void put_left_out(struct terminal *t, int is_first)
{
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < t->layout.count; i++) {
        const struct column_layout *c = &t->layout.columns[i];
        if (c->hidden && c->has_absent)
            buf_printf(&names, "%s%s", names.len ? ", " : "not measured: ", t->table->columns[i].header);
    }
    if (names.len)
        put_note(t, is_first, buf_text(&names));
    if (!t->out->failed)
        t->out->failed = names.failed;
    buf_release(&names);
}

static void put_table(struct terminal *t)
{
    const struct text_list *notes = &t->table->notes;
    if (t->table->title) {
        put_sentence(t, "", t->table->title, t->colour ? bold : NULL);
        buf_putc(t->out, '\n');
    }
    put_groups(t);
    for (size_t i = 0; i < notes->count; i++)
        put_note(t, i == 0, notes->items[i]);
    put_left_out(t, notes->count == 0);
}

int table_terminal(const struct table *table, size_t width, int colour, struct buf *out)
{
    struct terminal t = {.table = table, .colour = colour, .out = out};
    int status = table_status(table);
    if (status)
        return status;
    t.rests = mem_zalloc(table->column_count, sizeof *t.rests);
    status = t.rests ? layout_make(&t.layout, table, width) : TT_NOMEM;
    if (!status)
        put_table(&t);
    layout_release(&t.layout);
    mem_free(t.rests);
    return status ? status : out->failed;
}
