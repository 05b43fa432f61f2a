/* SPDX-License-Identifier: MIT */
/* One side of a comparison: its recordings, whatever cells they are of, and what they say of their
 * surroundings. */
#ifndef TOKTAPE_COMPARE_SIDE_H
#define TOKTAPE_COMPARE_SIDE_H

#include <stddef.h>

#include "analyze/cells.h"
#include "formats/jsonout.h"

#define COMPARE_FACTS 20

struct compare_side {
    const char *name;               /* "base", "new", "earlier" */
    const struct text_list *labels; /* win over the traces' own, as in a report; borrowed, NULL: none */
    struct cell cell;               /* all runs; its identity is that of the first trace */
    int has_cell;
    double *origins; /* for each trace: realtime at its first clock row, ns; NAN where that is no time */
    size_t origin_capacity;
    cJSON *phases;       /* META's list of the workload's phases; NULL when it has none */
    char *workload_name; /* "" when unknown */
    char workload_sha256[65];
    struct text_list facts[COMPARE_FACTS]; /* what the traces say, each value once */
    int is_partial;                        /* a trace was incomplete or repaired */
    int is_mixed;                          /* its traces are of several cells */
};

void compare_side_init(struct compare_side *side, const char *name);
void compare_side_release(struct compare_side *side);

/* Adds a recording, which may be released afterwards. TT_USAGE for one that is of another workload than the
 * side's, or is there already; TT_NOMEM. */
int compare_side_add(struct compare_side *side, const struct tape *tape, struct error *e);

/* TT_USAGE with the reason when two sides cannot be compared. */
int compare_sides_fit(const struct compare_side *a, const struct compare_side *b, struct error *e);

/* The name of the index-th fact, and whether the sides say different things of it. */
const char *compare_fact_name(size_t index);
int compare_fact_differs(const struct compare_side *base, const struct compare_side *new_side, size_t index);

/* "b1, b2"; an em dash where no trace says anything. Returns out->failed. */
int compare_fact_put(const struct compare_side *side, size_t index, struct buf *out);

int compare_side_speculates(const struct compare_side *side);
int compare_side_is_masked(const struct compare_side *side);

/* META's flag "cold" or "long" of the phase of that name; 0 where it is not told. */
int compare_side_flag(const struct compare_side *side, const char *phase, const char *flag);

#endif
