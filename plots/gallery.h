/* SPDX-License-Identifier: MIT */
/* Taking from traces, while they are read, what charts need of them. */
#ifndef TOKTAPE_GALLERY_H
#define TOKTAPE_GALLERY_H

#include "plots/charts.h"

/* Fill `tape`, `phase` and `repeat`, the rest with zeros; give it to gallery_tap before tape_load. */
struct gallery_trace {
    const struct tape *tape;
    const char *phase; /* of the run whose tokens are kept; NULL: 'warm', else whatever comes first */
    uint64_t repeat;
    int found, is_wanted;
    struct run_figures figures; /* of that run */
    struct token_time *tokens;
    size_t count;
    struct sensor_lines sensors;
};

/* Makes the options' taps fill `trace`. */
void gallery_tap(struct gallery_trace *trace, struct tape_options *options);
void gallery_trace_release(struct gallery_trace *trace);

/* "0/warm": TT_USAGE for anything else. `phase` is borrowed from the text. */
int gallery_run_option(const char *text, struct gallery_trace *trace, struct error *e);

/* Fills a chart of one trace, whose loaded tape is `trace->tape`. `report` has that trace alone. */
int gallery_chart_of_trace(const struct gallery_trace *trace, const struct chart_kind *kind, struct chart *c,
                           struct chart_input *input, struct error *e);

#endif
