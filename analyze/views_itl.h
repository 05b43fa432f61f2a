/* SPDX-License-Identifier: MIT */
/* Inter-token latency: its percentiles phase by phase, the time of steps beside it, and where token counts
 * came from. */
#ifndef TOKTAPE_VIEWS_ITL_H
#define TOKTAPE_VIEWS_ITL_H

#include "analyze/cells.h"
#include "analyze/report.h"
#include "analyze/table.h"

/* As the views of views.h and report_json.h. */
int view_itl(const struct cell *cell, struct table *table);
int view_flat_itl(const struct report *report, struct table *table);
int report_json_itl(const struct report *report, struct buf *out);

#endif
