/* SPDX-License-Identifier: MIT */
#ifndef TOKTAPE_VIEWS_FINDINGS_H
#define TOKTAPE_VIEWS_FINDINGS_H

#include "analyze/report.h"
#include "analyze/table.h"

/* What the recorder found amiss with the cell's measurements, below any table of it. */
int view_findings(const struct cell *cell, struct table *table);

/* … as the last column "findings" of a table for machines: begins it if any cell has some, and returns
 * whether. Then each line takes those of its row, its trace or its cell. */
int view_findings_column(const struct report *report, struct table *table);
void view_findings_cell(const struct text_list *findings, struct table *table);
void view_findings_of_cell(const struct cell *cell, struct table *table);

#endif
