/* SPDX-License-Identifier: MIT */
/* The workload that a trace was recorded with, as far as the trace tells. */
#ifndef TOKTAPE_SCRIPT_WORKLOAD_H
#define TOKTAPE_SCRIPT_WORKLOAD_H

#include <cjson/cJSON.h>

#include "replay/script.h"

/* Makes script->workload from META's description and the requests: the name, hash, phases and flags of the
 * recording. Checked like a workload file. TT_UNSUPPORTED when META describes none, TT_USAGE for one that
 * breaks the rules, TT_LIMIT, TT_NOMEM. */
int script_workload(struct script *script, const cJSON *meta, struct error *e);

#endif
