/* SPDX-License-Identifier: MIT */
/* What each cause of an invalid run rests on, as named values: the share of distinct 8-grams and the end of a
 * loop, the place where a tool call does not fit, an HTTP status, how many bytes had come. Names and words
 * are the same in every language. */
#ifndef TOKTAPE_EVIDENCE_H
#define TOKTAPE_EVIDENCE_H

#include "analyze/figures.h"
#include "formats/buf.h"
#include "formats/jsonout.h"

#define EVIDENCE_MAX 4

struct evidence {
    const char *name;
    const char *text; /* borrowed from the run; NULL for a number */
    double number;    /* NAN: not known */
};

/* {"cause": "looping", "ratio": 0.11, …} for each cause of the run, in their order. */
void evidence_json(const struct run_figures *figures, struct jsonout *j);

/* looping ratio=0.11 limit=0.300 in=content text="again"; … Nothing for a valid run. Returns out->failed. */
int evidence_text(const struct run_figures *figures, struct buf *out);

#endif
