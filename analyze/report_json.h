/* SPDX-License-Identifier: MIT */
/* Reports as JSON. The names are stable: they are what other programs read. All return out->failed, or
 * TT_NOMEM. */
#ifndef TOKTAPE_REPORT_JSON_H
#define TOKTAPE_REPORT_JSON_H

#include "analyze/report.h"

int report_json_rows(const struct gates *gates, const struct report *report, struct buf *out);
int report_json_phases(const struct report *report, struct buf *out);
int report_json_runs(const struct report *report, struct buf *out);

/* {"cells": [...]}, each cell put by `put`. */
struct jsonout;
typedef int report_json_cell_fn(struct jsonout *j, const struct cell *cell);
int report_json_cells(const struct report *report, report_json_cell_fn *put, struct buf *out);

/* The member "findings" of a cell that has some, into an object that is open. TT_OK or TT_NOMEM. */
int report_json_findings(struct jsonout *j, const struct cell *cell);

/* The members of one run, into an object that is open. */
void report_json_run(const struct cell *cell, const struct cell_run *run, struct jsonout *j);

#endif
