/* SPDX-License-Identifier: MIT */
/* A dialect's figures as tables, CSV and JSON. All return TT_OK, TT_NOMEM or TT_LIMIT; the report is finished
 * and has at least one cell. */
#ifndef TOKTAPE_VIEWS_DIALECT_H
#define TOKTAPE_VIEWS_DIALECT_H

#include "analyze/dialect_report.h"
#include "analyze/table.h"

/* One cell; below it a line for each figure that is another one than ours. */
int view_dialect(struct dialect_report *r, const struct report *report, size_t cell, struct table *table);
int view_flat_dialect(struct dialect_report *r, const struct report *report, struct table *table);
int report_json_dialect(struct dialect_report *r, const struct report *report, struct buf *out);

#endif
