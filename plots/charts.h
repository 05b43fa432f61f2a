/* SPDX-License-Identifier: MIT */
/* The catalogue of charts, and what they are made from. */
#ifndef TOKTAPE_CHARTS_H
#define TOKTAPE_CHARTS_H

#include "analyze/compare_show.h"
#include "analyze/report.h"
#include "analyze/tape.h"
#include "plots/chart.h"
#include "plots/sensor_lines.h"

/* One run, token by token. */
struct token_run {
    char label[120];                 /* "warm, repeat 1" */
    const struct token_time *tokens; /* in order of arrival */
    size_t count;
    uint64_t t_zero;
    double ms_per_tick;
};

/* `report` is finished, of tapes loaded with_depth. Charts of one trace need `tape`, that of tokens also
 * `tokens`. */
struct chart_input {
    const struct report *report;
    const struct report_block *block; /* only this one; NULL: all */
    const struct gates *gates;
    const struct tape *tape;
    const struct sensor_lines *sensors; /* of the tape; NULL: none */
    const struct token_run *tokens;
    const char *panels; /* of the timeline: "phases,power,memory,thermal"; NULL: what there is */
    const char *metric; /* of the history, as JSON names it; NULL: decode_tok_s */
    const struct compare_result *comparison; /* of the chart 'diff'; NULL: there are no sides */
};

enum chart_scope { CHART_OF_ALL, CHART_OF_TRACE };

/* Fills a chart after chart_init. TT_NOTFOUND, with a sentence, when there is nothing to show. */
typedef int chart_function(struct chart *c, const struct chart_input *input, struct error *e);

struct chart_kind {
    const char *name;
    const char *says; /* one line for people */
    enum chart_scope scope;
    chart_function *fill;
};

/* Ends with a NULL name. */
extern const struct chart_kind chart_kinds[];
const struct chart_kind *chart_find(const char *name); /* NULL when there is none */

/* TT_USAGE for anything but a metric of rows; NULL is fine. */
int chart_check_metric(const char *metric, struct error *e);

/* TT_USAGE for anything but names of panels with commas between them; NULL is fine. */
int chart_check_panels(const char *panels, struct error *e);

chart_function chart_leaderboard, chart_tradeoff, chart_ttft, chart_turn, chart_prefill, chart_cache,
    chart_tokens, chart_timeline, chart_repeats, chart_mtp, chart_ram_fit, chart_depth, chart_diff,
    chart_history, chart_sentinel;

#endif
