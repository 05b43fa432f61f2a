/* SPDX-License-Identifier: MIT */
/* How a page names rows: by label, by "block title / label" or by cell id, with '*' for any characters. */
#ifndef TOKTAPE_DOCS_ROWS_H
#define TOKTAPE_DOCS_ROWS_H

#include "analyze/report.h"

int docs_row_matches(const struct report_block *block, const struct report_row *row, const char *pattern);

/* The only row that matches; NULL, with an error that names the candidates, when there is none or several. */
const struct report_row *docs_row(const struct report *report, const char *pattern, struct error *e);

/* TT_NOTFOUND: no row matches (`any`: all rows are named), or more than one does (those are). */
int docs_row_refuse(const struct report *report, const char *pattern, int any, struct error *e);

#endif
