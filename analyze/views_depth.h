/* SPDX-License-Identifier: MIT */
/* Decode rate against context depth: pooled for people, single runs too for machines. */
#ifndef TOKTAPE_VIEWS_DEPTH_H
#define TOKTAPE_VIEWS_DEPTH_H

#include "analyze/report.h"
#include "analyze/table.h"

/* All return TT_OK, TT_NOMEM or TT_LIMIT. */
int view_depth(const struct cell *cell, struct table *table);
int view_flat_depth(const struct report *report, struct table *table);
int report_json_depth(const struct report *report, struct buf *out);

#endif
