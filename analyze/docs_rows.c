/* SPDX-License-Identifier: MIT */
#include "analyze/docs_rows.h"

#include <string.h>

/* '*' stands for any characters. Each star is tried again only from the last one: linear for each start. */
static int matches(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            from = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++from;
        } else {
            return 0;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

int docs_row_matches(const struct report_block *block, const struct report_row *row, const char *pattern)
{
    struct buf name = BUF_INIT;
    buf_printf(&name, "%s / %s", block->title, row->label);
    int found =
        matches(pattern, row->label) || matches(pattern, row->cell) || matches(pattern, buf_text(&name));
    buf_release(&name);
    return found;
}

int docs_row_refuse(const struct report *report, const char *pattern, int any, struct error *e)
{
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < report->block_count; i++) {
        const struct report_block *block = &report->blocks[i];
        for (size_t k = 0; k < block->row_count; k++) {
            if (any || docs_row_matches(block, &block->rows[k], pattern))
                buf_printf(&names, "%s'%s / %s'", names.len ? ", " : "", block->title, block->rows[k].label);
        }
    }
    int status = error_set(e, TT_NOTFOUND, "'%s' is %s; there %s %s", pattern,
                           any ? "no row" : "more than one row", any ? "are" : "match", buf_text(&names));
    buf_release(&names);
    return status;
}

const struct report_row *docs_row(const struct report *report, const char *pattern, struct error *e)
{
    const struct report_row *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < report->block_count; i++) {
        const struct report_block *block = &report->blocks[i];
        for (size_t k = 0; k < block->row_count; k++) {
            if (docs_row_matches(block, &block->rows[k], pattern)) {
                found = &block->rows[k];
                matches++;
            }
        }
    }
    if (matches == 1)
        return found;
    (void)docs_row_refuse(report, pattern, !matches, e);
    return NULL;
}
