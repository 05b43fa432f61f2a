/* SPDX-License-Identifier: MIT */
/* Reports as JSON. The names are stable: they are what other programs read. All return out->failed, or
 * TT_NOMEM. */
#ifndef TOKTAPE_REPORT_JSON_H
#define TOKTAPE_REPORT_JSON_H

#include "analyze/report.h"

int report_json_rows(const struct gates *gates, const struct report *report, struct buf *out);
int report_json_phases(const struct report *report, struct buf *out);
int report_json_runs(const struct report *report, struct buf *out);

/* {"cells": [{"cell", "label", "synthetic", …, "findings"}, …]}: `put` adds what stands between. */
struct jsonout;
typedef int report_json_cell_fn(struct jsonout *j, const struct cell *cell);
int report_json_cells(const struct report *report, report_json_cell_fn *put, struct buf *out);

/* The same for one cell, where others know more than the report: begins its object; ends it with "findings"
 * if it has some. TT_OK or TT_NOMEM. */
void report_json_begin_cell(struct jsonout *j, const struct cell *cell);
int report_json_end_cell(struct jsonout *j, const struct cell *cell);

/* The members of one run, into an object that is open. */
void report_json_run(const struct cell *cell, const struct cell_run *run, struct jsonout *j);

#endif
