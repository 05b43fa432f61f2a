/* SPDX-License-Identifier: MIT */
#include "analyze/docs_diff.h"

#include <string.h>

#include "formats/error.h"

#define LABEL_CELL 1

int docs_same(struct bytes old, const struct buf *now)
{
    return old.len == now->len && (!old.len || memcmp(old.data, now->data, old.len) == 0);
}

static int same(struct bytes a, struct bytes b)
{
    return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

/* Takes the first line, without its end; 0 when nothing is left. */
static int next_line(struct bytes *text, struct bytes *line)
{
    if (!text->len)
        return 0;
    const unsigned char *end = memchr(text->data, '\n', text->len);
    line->data = text->data;
    line->len = end ? (size_t)(end - text->data) : text->len;
    size_t used = line->len + (end != NULL);
    text->data += used;
    text->len -= used;
    return 1;
}

/* Takes the cell behind a row's next '|', blanks and strike marks off; 0 when there is none. */
static int next_cell(struct bytes *row, struct bytes *cell)
{
    size_t end = 1;
    if (!row->len || *row->data != '|')
        return 0;
    while (end < row->len && row->data[end] != '|')
        end += row->data[end] == '\\' ? 2 : 1;
    if (end >= row->len)
        return 0;
    *cell = (struct bytes){row->data + 1, end - 1};
    while (cell->len && strchr(" ~", cell->data[0])) {
        cell->data++;
        cell->len--;
    }
    while (cell->len && strchr(" ~", cell->data[cell->len - 1]))
        cell->len--;
    row->data += end;
    row->len -= end;
    return 1;
}

/* Empty for lines that are no rows, and for titles. */
static struct bytes label_of(struct bytes line)
{
    struct bytes cell = {NULL, 0};
    for (int i = 0; i <= LABEL_CELL; i++) {
        if (!next_cell(&line, &cell))
            return (struct bytes){NULL, 0};
    }
    return cell;
}

static int find_row(struct bytes text, struct bytes label, struct bytes *row)
{
    while (next_line(&text, row)) {
        if (same(label_of(*row), label))
            return 1;
    }
    return 0;
}

static int has_line(struct bytes text, struct bytes wanted)
{
    struct bytes line;
    while (next_line(&text, &line)) {
        if (same(line, wanted))
            return 1;
    }
    return 0;
}

#define SHOWN(b) (int)(b).len, (const char *)(b).data

static int diff_row(const char *where, const struct table *table, struct bytes old, struct bytes now,
                    struct text_list *stale)
{
    struct bytes label = label_of(now), was, is;
    int status = TT_OK;
    size_t before = stale->count;
    for (size_t i = 0; !status && i < table->column_count; i++) {
        was = is = (struct bytes){(const unsigned char *)"", 0};
        (void)next_cell(&old, &was);
        (void)next_cell(&now, &is);
        if (!same(was, is))
            status = text_list_addf(stale, "%s: '%.*s', %s: the page has '%.*s', the traces give '%.*s'",
                                    where, SHOWN(label), table->columns[i].key, SHOWN(was), SHOWN(is));
    }
    if (!status && stale->count == before)
        status =
            text_list_addf(stale, "%s: '%.*s': struck through, or spaced, otherwise", where, SHOWN(label));
    return status;
}

static int diff_line(const char *where, const struct table *table, struct bytes old, struct bytes line,
                     struct text_list *stale)
{
    struct bytes row, label = label_of(line);
    if (has_line(old, line))
        return TT_OK;
    if (!label.len)
        return text_list_addf(stale, "%s: not on the page: %.*s", where, SHOWN(line));
    if (!find_row(old, label, &row))
        return text_list_addf(stale, "%s: '%.*s' is not on the page", where, SHOWN(label));
    return diff_row(where, table, row, line, stale);
}

/* Rows, or other lines, that the traces no longer give. */
static int diff_gone(const char *where, struct bytes old, struct bytes now, struct text_list *stale)
{
    struct bytes line, row;
    int status = TT_OK;
    while (!status && next_line(&old, &line)) {
        struct bytes label = label_of(line);
        int there = label.len ? find_row(now, label, &row) : has_line(now, line);
        if (!there)
            status = text_list_addf(stale, "%s: only on the page: %.*s", where, SHOWN(line));
    }
    return status;
}

int docs_diff_table(const char *name, size_t line, const struct table *table, struct bytes old,
                    const struct buf *now, struct text_list *stale)
{
    struct bytes rest = buf_bytes(now), one;
    struct buf where = BUF_INIT;
    size_t before = stale->count;
    int status = buf_printf(&where, "%s:%zu", name, line);
    if (docs_same(old, now))
        rest.len = 0;
    else if (!status)
        status = diff_gone(buf_text(&where), old, rest, stale);
    while (!status && next_line(&rest, &one))
        status = diff_line(buf_text(&where), table, old, one, stale);
    if (!status && !docs_same(old, now) && stale->count == before)
        status = text_list_addf(stale, "%s: the same lines in another order", buf_text(&where));
    buf_release(&where);
    return status;
}
