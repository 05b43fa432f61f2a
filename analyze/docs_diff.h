/* SPDX-License-Identifier: MIT */
/* What differs between a page's region and what the traces give, in sentences. */
#ifndef TOKTAPE_DOCS_DIFF_H
#define TOKTAPE_DOCS_DIFF_H

#include "analyze/table.h"
#include "formats/bytes.h"

int docs_same(struct bytes old, const struct buf *now);

/* Adds a sentence for each cell of a Markdown table, or other line, of `now` that is not in `old`. Rows are
 * found again by their label, the second cell. `line` is where `old` begins. TT_OK or TT_NOMEM. */
int docs_diff_table(const char *name, size_t line, const struct table *table, struct bytes old,
                    const struct buf *now, struct text_list *stale);

#endif
