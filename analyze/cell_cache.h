/* SPDX-License-Identifier: MIT */
/* The prefix cache over a cell's repeats. */
#ifndef TOKTAPE_CELL_CACHE_H
#define TOKTAPE_CELL_CACHE_H

#include "analyze/cells.h"

/* Fills prefix_reuse, true_hit_rate and wasted_tokens. `scratch` has room for cell->run_count doubles. */
void cell_fill_cache(const struct cell *cell, struct report_row *row, double *scratch);

/* Reuse of a phase as its times to the first token tell it, for a server that does not: 1 for one as fast as
 * phase 'warm', 0 for one as slow as phase 'cold'. NAN unless the prompts are about equally long and the 95 %
 * intervals of both means are apart; grade C at best. `scratch` as above. */
double cell_reuse_by_ttft(const struct cell *cell, size_t phase, double *scratch);

/* Sentences about runs whose cache held more or less than it should. TT_OK or TT_NOMEM. */
int cell_cache_notes(const struct cell *cell, struct text_list *notes, double *scratch);

#endif
