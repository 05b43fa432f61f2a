/* SPDX-License-Identifier: MIT */
/* The charts. Each function fills a chart that chart_init has prepared; chart_draw then writes and draws it.
 */
#ifndef TOKTAPE_CHARTS_H
#define TOKTAPE_CHARTS_H

#include "analyze/cells.h"
#include "analyze/gates.h"
#include "analyze/tape.h"
#include "plots/chart.h"

#define CHART_CELLS_MAX CHART_COLOURS

/* What charts over phases compare: one series per cell. */
struct chart_cells {
    const struct cell *cells;
    size_t count;
    const struct gates *gates;
    const char *small_print; /* where the figures come from: content ids */
};

/* Decode rate of each phase: median as bar, whiskers from the slowest to the fastest valid run. */
int chart_decode(struct chart *c, const struct chart_cells *input, struct error *e);

/* Time to first token of each phase on a logarithmic axis, every run a dot, against the limits of the TTFT
 * gate. */
int chart_ttft(struct chart *c, const struct chart_cells *input, struct error *e);

/* One run, token by token. */
struct token_tape {
    const char *label; /* "warm, repeat 1 of 3 · llamacpp b10587" */
    const char *small_print;
    const struct token_time *tokens; /* in order of arrival */
    size_t count;
    uint64_t t_zero;
    double ms_per_tick;
};

/* Tokens over time as a staircase, and below it the gap before each read. */
int chart_tokens(struct chart *c, const struct token_tape *input, struct error *e);

/* Memory of the engine over the whole recording, the phases as bands behind it. TT_NOTFOUND without memory
 * samples. */
int chart_memory(struct chart *c, const struct tape *tape, const char *small_print, struct error *e);

#endif
