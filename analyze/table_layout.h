/* SPDX-License-Identifier: MIT */
/* How a table is put into the columns of a terminal: which of its columns are shown, how wide, in which
 * groups. */
#ifndef TOKTAPE_TABLE_LAYOUT_H
#define TOKTAPE_TABLE_LAYOUT_H

#include "analyze/table.h"

struct column_layout {
    size_t width;
    int is_text;  /* no numbers: may be broken over several lines */
    int is_blank; /* nothing but absent cells and empty texts */
    int has_absent;
    int hidden;
};

struct table_layout {
    struct column_layout *columns; /* as many as the table has */
    size_t count;
    size_t gap;  /* spaces between two columns */
    size_t keys; /* columns at the left that are repeated in front of every group */
    int grouped; /* the columns behind the keys do not fit beside each other */
    size_t room; /* columns of the terminal; 0: no limit */
};

/* TT_OK, or TT_NOMEM; layout_release is due in either case. */
int layout_make(struct table_layout *layout, const struct table *table, size_t room);
void layout_release(struct table_layout *layout);

/* The end of the group that begins at column `from`, at least one shown column further where there is one. */
size_t layout_group_end(const struct table_layout *layout, size_t from);

#endif
