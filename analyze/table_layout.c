/* SPDX-License-Identifier: MIT */
#include "analyze/table_layout.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/textsafe.h"

#define GAP        2
#define GAP_NARROW 1
#define TEXT_LEAST 8
#define TEXT_FLOOR 20 /* texts are not broken into narrower lines than this to save a group of columns */

static size_t longest_word(const char *text)
{
    size_t longest = 0;
    for (size_t next; *text; text += next) {
        char word[64];
        next = strcspn(text, " ");
        size_t len = next < sizeof word ? next : sizeof word - 1;
        memcpy(word, text, len);
        word[len] = '\0';
        size_t own = text_width(word);
        longest = own > longest ? own : longest;
        next += text[next] == ' ';
    }
    return longest;
}

static void look_at_cell(struct column_layout *column, enum cell_kind kind, const char *text)
{
    size_t width = text_width(text);
    column->width = width > column->width ? width : column->width;
    column->is_text &= kind != CELL_NUMBER;
    column->is_blank &= kind == CELL_ABSENT || !*text;
    column->has_absent |= kind == CELL_ABSENT;
}

/* The width that cells and headers need; headers over several lines need only that of their longest word. */
static void measure(struct table_layout *l, const struct table *table, int headers_in_lines)
{
    for (size_t i = 0; i < l->count; i++) {
        const char *header = table->columns[i].header;
        l->columns[i] =
            (struct column_layout){.width = headers_in_lines ? longest_word(header) : text_width(header),
                                   .is_text = 1,
                                   .is_blank = 1};
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        const struct table_cell *cell = &table->cells[i];
        look_at_cell(&l->columns[i % l->count], cell->kind, table_cell_text(table, cell));
        shelf_walk(sizeof *cell);
    }
}

static size_t total(const struct table_layout *l)
{
    size_t sum = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (!l->columns[i].hidden)
            sum += l->columns[i].width + (sum ? l->gap : 0);
    }
    return sum;
}

static int fits(const struct table_layout *l)
{
    return !l->room || total(l) <= l->room;
}

static void hide_blank(struct table_layout *l, const struct table *table)
{
    for (size_t i = 0; i < l->count && table->cell_count; i++)
        l->columns[i].hidden = l->columns[i].is_blank;
}

/* Takes from the widest texts, a column at a time, until the table fits or they are at the floor. */
static void shrink_texts(struct table_layout *l)
{
    while (!fits(l)) {
        struct column_layout *widest = NULL;
        for (size_t i = 0; i < l->count; i++) {
            struct column_layout *c = &l->columns[i];
            if (c->is_text && !c->hidden && c->width > TEXT_FLOOR && (!widest || c->width > widest->width))
                widest = c;
        }
        if (!widest)
            return;
        widest->width--;
    }
}

/* The keys are the columns up to the first text that says more than a mark. */
static void find_keys(struct table_layout *l)
{
    for (size_t i = 0; i < l->count && !l->keys; i++) {
        if (!l->columns[i].hidden && l->columns[i].is_text && l->columns[i].width > 2)
            l->keys = i + 1;
    }
    if (l->keys == l->count)
        l->keys = 0;
}

/* Columns in front of every group, the gap behind them included. */
static size_t keys_width(const struct table_layout *l)
{
    size_t sum = 0;
    for (size_t i = 0; i < l->keys; i++)
        sum += l->columns[i].hidden ? 0 : l->columns[i].width + l->gap;
    return sum;
}

/* Groups have room for texts, but none gets more than leaves space for figures beside it. */
static void group(struct table_layout *l, const struct table *table)
{
    size_t most = l->room / 2 > TEXT_FLOOR ? l->room / 2 : TEXT_FLOOR;
    measure(l, table, 1);
    hide_blank(l, table);
    for (size_t i = 0; i < l->count; i++) {
        if (l->columns[i].is_text && l->columns[i].width > most)
            l->columns[i].width = most;
    }
    l->gap = GAP;
    l->grouped = 1;
    find_keys(l);
    size_t before = keys_width(l), left = l->room > before + TEXT_LEAST ? l->room - before : TEXT_LEAST;
    for (size_t i = l->keys; i < l->count; i++) {
        if (l->columns[i].is_text && l->columns[i].width > left)
            l->columns[i].width = left;
    }
}

int layout_make(struct table_layout *layout, const struct table *table, size_t room)
{
    *layout = (struct table_layout){.count = table->column_count, .gap = GAP, .room = room};
    layout->columns = mem_zalloc(layout->count, sizeof *layout->columns);
    if (!layout->columns)
        return TT_NOMEM;
    measure(layout, table, 0);
    if (!fits(layout))
        measure(layout, table, 1);
    if (!fits(layout))
        layout->gap = GAP_NARROW;
    if (!fits(layout))
        hide_blank(layout, table);
    if (!fits(layout))
        shrink_texts(layout);
    if (!fits(layout))
        group(layout, table);
    return TT_OK;
}

void layout_release(struct table_layout *layout)
{
    mem_free(layout->columns);
    memset(layout, 0, sizeof *layout);
}

size_t layout_group_end(const struct table_layout *layout, size_t from)
{
    size_t sum = keys_width(layout), end = from, shown = 0;
    if (!layout->grouped)
        return layout->count;
    for (; end < layout->count; end++) {
        if (layout->columns[end].hidden)
            continue;
        sum += layout->columns[end].width + (shown ? layout->gap : 0);
        if (shown++ && sum > layout->room)
            break;
    }
    return end;
}
