/* SPDX-License-Identifier: MIT */
/* Percentiles from the intended start, and what conversations at once get together. For people, for
 * spreadsheets, as JSON. All return TT_OK, TT_NOMEM or TT_LIMIT. */
#ifndef TOKTAPE_VIEWS_LOAD_H
#define TOKTAPE_VIEWS_LOAD_H

#include "analyze/report.h"
#include "analyze/table.h"

int view_load(const struct cell *cell, struct table *table);
int view_flat_load(const struct report *report, struct table *table);
int report_json_load(const struct report *report, struct buf *out);

#endif
