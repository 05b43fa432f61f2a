/* SPDX-License-Identifier: MIT */
/* The prompts of a tape's runs, compared with one another. */
#ifndef TOKTAPE_TAPE_PROMPTS_H
#define TOKTAPE_TAPE_PROMPTS_H

#include "analyze/tape.h"
#include "formats/bodies.h"

#define TAPE_PROMPTS_MAX ((size_t)64 << 20) /* bytes of all different prompts; with more none is compared */

/* Fills tape->overlap and the runs' prompt and prompt_key. Uses the engine's token ids when every prompt has
 * them. TT_OK, also where prompts are not known or over a cap, or TT_NOMEM. */
int tape_prompts_compare(struct tape *tape, const struct bodies *bodies, struct error *e);

#endif
