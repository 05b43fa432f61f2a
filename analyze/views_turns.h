/* SPDX-License-Identifier: MIT */
/* Conversations turn by turn: how the prompt grows, what of it the engine kept, whether tool calls are valid.
 * For people, for spreadsheets, as JSON. All return TT_OK, TT_NOMEM or TT_LIMIT. */
#ifndef TOKTAPE_VIEWS_TURNS_H
#define TOKTAPE_VIEWS_TURNS_H

#include "analyze/report.h"
#include "analyze/table.h"

int view_turns(const struct cell *cell, struct table *table);
int view_flat_turns(const struct report *report, struct table *table);
int report_json_turns(const struct report *report, struct buf *out);

#endif
