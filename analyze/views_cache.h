/* SPDX-License-Identifier: MIT */
/* What the prefix cache did, phase by phase: for people, for spreadsheets, as JSON. All return TT_OK,
 * TT_NOMEM or TT_LIMIT. */
#ifndef TOKTAPE_VIEWS_CACHE_H
#define TOKTAPE_VIEWS_CACHE_H

#include "analyze/report.h"
#include "analyze/table.h"

int view_cache(const struct cell *cell, struct table *table);
int view_flat_cache(const struct report *report, struct table *table);
int report_json_cache(const struct report *report, struct buf *out);

#endif
