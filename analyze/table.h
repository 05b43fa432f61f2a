/* SPDX-License-Identifier: MIT */
/* A table of text and numbers that does not know how it will be shown, and the renderers that show it.
 *
 * Cells hold untrusted text as it is; each renderer escapes for its own medium. Building is sticky: calls
 * after a failed allocation do nothing, and table_status tells at the end. */
#ifndef TOKTAPE_TABLE_H
#define TOKTAPE_TABLE_H

#include <stddef.h>

#include "analyze/decimal.h"
#include "analyze/text_list.h"
#include "formats/buf.h"
#include "formats/shelf.h"

enum table_align { ALIGN_NONE, ALIGN_LEFT, ALIGN_RIGHT };

enum table_style {
    STYLE_NONE = 0,
    STYLE_STRIKE = 1 << 0,
    STYLE_GOOD = 1 << 1, /* colours, where there are any */
    STYLE_WARN = 1 << 2,
    STYLE_BAD = 1 << 3
};

struct table_column {
    char *key;    /* the machine-readable name, as in CSV */
    char *header; /* what people read */
    enum table_align align;
};

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_ABSENT };

struct table_cell {
    enum cell_kind kind;
    unsigned style; /* enum table_style bits */
    size_t text;    /* CELL_TEXT, and the rounded spelling of CELL_NUMBER; table_cell_text finds it */
    double number;  /* CELL_NUMBER, unrounded */
};

/* A line with a title has no cells. */
struct table_line {
    char *title; /* NULL for a line of cells */
    size_t first_cell;
};

struct table {
    char *title; /* NULL when there is none */
    struct table_column *columns;
    size_t column_count, column_capacity;
    struct table_line *lines;
    size_t line_count, line_capacity;
    struct table_cell *cells; /* column_count for each line without a title */
    size_t cell_count, cell_capacity;
    struct buf texts;       /* of all cells, each with its NUL; shelved, as lines and cells are */
    struct text_list notes; /* sentences under the table */
    int status;
};

#define TABLE_INIT                                                                                           \
    {                                                                                                        \
        .texts = {.is_shelved = 1 }                                                                          \
    }

void table_title(struct table *table, const char *title);
void table_column(struct table *table, const char *key, const char *header, enum table_align align);

/* A line across all columns. */
void table_heading(struct table *table, const char *title);

/* Begins a line; as many cells as there are columns must follow. */
void table_row(struct table *table);
void table_text(struct table *table, const char *text, unsigned style);
/* `divisor` turns the stored unit into the shown one (2^30 for GiB); NAN is an absent cell. */
void table_number(struct table *table, double value, double divisor, struct decimals decimals,
                  unsigned style);
void table_absent(struct table *table);
/* A text that was put together in a buf, which is released; its failure becomes the table's. */
void table_built(struct table *table, struct buf *text, unsigned style);
void table_note_built(struct table *table, struct buf *text);
void table_notef(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Its text; borrowed until the next cell is added. */
static inline const char *table_cell_text(const struct table *table, const struct table_cell *cell)
{
    return (const char *)table->texts.data + cell->text;
}

/* The i-th line, in a loop (formats/shelf.h), and the first of its cells. */
static inline const struct table_line *table_line_at(const struct table *table, size_t i)
{
    shelf_walk(sizeof table->lines[i] + table->column_count * sizeof *table->cells);
    return &table->lines[i];
}

/* TT_OK, or TT_NOMEM; TT_LIMIT when a line has too few or too many cells, or texts are too long for a
 * buf. */
int table_status(const struct table *table);
void table_release(struct table *table);

/* Renderers append to `out` and return TT_OK or what failed. */
int table_markdown(const struct table *table, struct buf *out);

/* For a terminal of `width` columns, 0 for as wide as it gets. What does not fit goes through these, until it
 * does: headers over several lines; one space between columns; columns without any value left out, and
 * named; long texts over several lines; the columns in groups below each other, each with the columns that
 * name the line in front. Only a width under TABLE_WIDTH_MIN can be exceeded. */
#define TABLE_WIDTH_MIN 60
int table_terminal(const struct table *table, size_t width, int colour, struct buf *out);
int table_html(const struct table *table, struct buf *out); /* a <table> in a box that scrolls sideways */
int table_csv(const struct table *table, struct buf *out);  /* full-precision numbers; absent is empty */
int table_csv_lines(const struct table *table, struct buf *out); /* without the line of names */

#endif
