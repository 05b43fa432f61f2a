/* SPDX-License-Identifier: MIT */
/* From two sides' recordings to a judged table of comparisons. */
#ifndef TOKTAPE_COMPARE_TABLE_H
#define TOKTAPE_COMPARE_TABLE_H

#include "analyze/compare.h"
#include "analyze/compare_session.h"
#include "analyze/compare_side.h"

enum { SIDE_BASE, SIDE_NEW, SIDES };

#define COMPARE_TRACES_MIN  3 /* on each side: then a trace is a unit */
#define COMPARE_EARLIER_MIN 4 /* recordings that tell how sessions differ */

/* Which phases a metric is made of, where they are not the usual ones. */
struct compare_phases {
    struct text_list of[COMPARE_HEADLINES];
    int is_given[COMPARE_HEADLINES];
};

struct compare_options {
    enum compare_id primary;
    double margin;                       /* 0.02 */
    struct compare_session session;      /* as it was told */
    const struct compare_phases *phases; /* NULL: the usual ones */
};

struct compare_table {
    struct compare_settings settings;
    enum compare_id primary;
    int unit_is_trace;
    int has_bursts; /* else a unit is a repeat; with several conversations at once it is a burst of them */
    struct effect_unit *units; /* base units first */
    size_t unit_count;
    size_t *unit_of[SIDES]; /* for each run of a side's cell its unit */
    struct comparison *items;
    size_t count, capacity;
};

/* Reads {"decode_tok_s": ["phase", …], …}. TT_USAGE for other metrics. Release also after a failure. */
int compare_phases_load(struct compare_phases *phases, const char *path, struct error *e);
void compare_phases_release(struct compare_phases *phases);

/* Compares, judges. `earlier` may hold no trace. The sides must stay. TT_OK, TT_NOMEM, or TT_USAGE when there
 * is nothing to compare. Release also after a failure. */
int compare_table_make(struct compare_table *table, const struct compare_side sides[SIDES],
                       const struct compare_side *earlier, const struct compare_options *options,
                       struct error *e);

/* "trace", "repeat" or "burst". */
const char *compare_unit_name(const struct compare_table *table);

void compare_table_release(struct compare_table *table);

/* The headline comparison of a metric; NULL when there is none. */
const struct comparison *compare_table_find(const struct compare_table *table, enum compare_id id);

/* Shown, never tested: the fastest run, and valid runs in per cent of all. NAN without. */
double compare_peak(const struct compare_side *side);
double compare_valid_pct(const struct compare_side *side);

#endif
