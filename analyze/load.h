/* SPDX-License-Identifier: MIT */
/* How an engine bears a load: what all conversations got together, and how long single answers took, from the
 * moment at which they should have been asked for. */
#ifndef TOKTAPE_LOAD_H
#define TOKTAPE_LOAD_H

#include "analyze/cells.h"

#define LOAD_PERCENTILES 3 /* p50, p95, p99 */
#define LOAD_ALL_PHASES  SIZE_MAX

/* Over the valid runs of one phase, or of all. NAN where there are none. */
struct load_line {
    uint64_t runs, valid;
    double ttft_ms[LOAD_PERCENTILES], latency_ms[LOAD_PERCENTILES]; /* from the intended start */
};

/* What bursts amount to; absent without any. */
struct load_figures {
    uint64_t concurrency; /* conversations at once */
    size_t bursts;
    struct figure tok_s; /* tokens of valid runs ÷ a burst's length; median over bursts */
    double least_tok_s, most_tok_s;
    struct figure j_per_token; /* energy of a burst ÷ tokens of its valid runs; median over bursts */
};

/* All three return TT_OK or TT_NOMEM. */
int load_line_of(const struct cell *cell, size_t phase, struct load_line *line);
int load_of(const struct cell *cell, struct load_figures *load);

/* One sentence about a cell of several conversations at once; nothing for others. */
int load_note(const struct cell *cell, struct text_list *notes);

#endif
