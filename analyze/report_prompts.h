/* SPDX-License-Identifier: MIT */
/* Engines that count the same prompt differently: a tokeniser or chat template that is not the other's, so
 * that their tokens, rates and context depths are not of the same size. */
#ifndef TOKTAPE_REPORT_PROMPTS_H
#define TOKTAPE_REPORT_PROMPTS_H

#include "analyze/report.h"

#define PROMPT_COUNTS_WITHIN 0.01 /* of the smaller count: what a template may add */

/* Compares the prompt tokens of all cells of one model wherever they were sent the same bytes. For each model
 * the pair of cells that is farthest apart gives a warning, and both of its rows a note. Call it when the
 * rows are made and not yet judged. TT_OK or TT_NOMEM. */
int report_compare_prompts(struct report *report);

#endif
