/* SPDX-License-Identifier: MIT */
/* Is a run's answer one that figures may be made of? */
#ifndef TOKTAPE_VALIDITY_H
#define TOKTAPE_VALIDITY_H

#include "analyze/answer.h"
#include "analyze/figures.h"
#include "formats/bytes.h"

/* All causes of an answer whose transport went as `evidence` says. Fills figures->invalid, words, ok and
 * error; reads its http_status, ended, split and completion_tokens. TT_OK or TT_NOMEM. */
int validity_judge(struct run_figures *figures, const struct run_evidence *evidence);

/* Adds what is wrong with one call to *causes, INVALID_TOOL_ARGUMENTS or INVALID_TOOL_SCHEMA: `arguments`
 * must be JSON and fit the declaration of `name` in `tools` (JSON array text as in a request; .data NULL when
 * the request declared none). The first call of each cause goes into *words. TT_OK or TT_NOMEM. */
int validity_tool_call(struct bytes tools, struct bytes name, struct bytes arguments, unsigned *causes,
                       struct word_evidence *words);

#endif
