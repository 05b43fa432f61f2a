/* SPDX-License-Identifier: MIT */
#ifndef TOKTAPE_TRACE_REMARKS_H
#define TOKTAPE_TRACE_REMARKS_H

#include "analyze/tape.h"
#include "analyze/text_list.h"

/* What the recorder found amiss with its measurement (META `discipline`), as sentences: every table made from
 * the trace shows them. What its person knew of beforehand begins with "accepted: ". TT_OK or TT_NOMEM. */
int trace_findings(const cJSON *meta, struct text_list *findings);

/* What those who read a row made from this trace have to know: what the engine's memory rests on, and power
 * that is in no sum. TT_OK or TT_NOMEM. */
int trace_remarks(const struct tape *tape, struct text_list *remarks);

#endif
