/* SPDX-License-Identifier: MIT */
/* All recordings of one cell, pooled: what a row's figures are computed from.
 *
 * Traces are added one by one and may be released afterwards: a cell holds the figures of their runs, not the
 * traces. */
#ifndef TOKTAPE_CELLS_H
#define TOKTAPE_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/cache_policy.h"
#include "analyze/identity.h"
#include "analyze/row.h"
#include "analyze/shared_runs.h"

#define SYNTHETIC_NOTE "synthetic: played or made from a profile, not measured"
#define MASKED_NOTE    "looping and tool calls are not judged: content is masked"
#define HEADLINE_PHASE "warm"
#define COLD_CACHED_MAX                                                                                      \
    64 /* tokens that a cold run may find cached: the chat template alone may be shared                      \
        */

/* One (repeat, phase), by its last attempt. */
struct cell_run {
    struct run_figures *figures; /* among the runs of its trace */
    uint64_t repeat, run;        /* theirs */
    uint32_t trace, phase;       /* indices in the cell */
    uint64_t cacheable; /* prompt tokens that a cache of the cell's policy would hold; ABSENT if unknown */
    uint64_t cacheable_in_repeat; /* likewise of CACHE_CONVERSATION, which the row's figures follow */
    int by_ids;                   /* both were counted in token ids, not estimated from bytes */
};

struct cell_trace {
    char *path;
    struct shared_runs runs;
    char content_id[65];
    char *workload;     /* name and hash, "" when unknown */
    const char *closed; /* static */
    int synthetic, is_masked;
    size_t headline; /* phase whose decode and TTFT are the row's; SIZE_MAX without runs */
    uint64_t stalls, lost_samples;
    struct text_list findings, remarks; /* analyze/trace_remarks.h */
    double idle_w;
    uint64_t concurrency; /* conversations at once */
    uint64_t begun_ns;    /* since 1970; 0: not known */
};

/* One point of one run's curve; there are many. */
struct cell_depth_point {
    struct depth_point point;
    uint32_t trace, phase; /* indices in the cell */
    uint64_t repeat;
};

/* Several conversations at once. */
struct cell_burst {
    struct tape_burst burst;
    size_t trace;
};

struct cell {
    struct identity id;
    struct cache_policy policy;
    enum itl_policy itl;     /* which inter-token latencies of its runs are shown */
    struct text_list phases; /* names, in order of appearance */
    struct cell_trace *traces;
    size_t trace_count, trace_capacity;
    struct cell_run *runs; /* by trace, then repeat, then time; cell_run_at walks through them */
    size_t run_count, run_capacity;
    struct cell_depth_point
        *depths; /* of valid runs, by trace, on a shelf; analyze/cell_depth.h pools them */
    size_t depth_count, depth_capacity;
    struct cell_burst *bursts;
    size_t burst_count, burst_capacity;
    struct text_list power_rails;
    uint64_t peak_rss; /* bytes over all traces; ABSENT when the engine's memory was not sampled */
    enum grade peak_rss_grade;
    uint64_t peak_footprint; /* likewise of its footprint, which only macOS tells */
};

/* Starts a cell with that identity, which it takes over. */
void cell_init(struct cell *cell, struct identity *id, struct cache_policy policy);
void cell_release(struct cell *cell);

/* Pools the trace's runs, which are shared with the tape from now on. TT_OK or TT_NOMEM. */
int cell_add(struct cell *cell, const struct tape *tape, struct error *e);

/* The i-th run, in a loop, as tape_run_at. */
static inline struct cell_run *cell_run_at(const struct cell *cell, size_t i)
{
    shelf_walk(sizeof *cell->runs[i].figures);
    return &cell->runs[i];
}

/* The i-th point of a depth, likewise. */
static inline const struct cell_depth_point *cell_depth_at(const struct cell *cell, size_t i)
{
    shelf_walk(sizeof cell->depths[i]);
    return &cell->depths[i];
}

/* Base run: valid, and not stopped early; what medians are made of. */
int cell_run_is_base(const struct cell_run *run);
int cell_run_is_valid(const struct cell_run *run);
int cell_run_is_failed(const struct cell_run *run);
int cell_run_is_headline(const struct cell *cell, const struct cell_run *run);
int cell_is_synthetic(const struct cell *cell); /* any of its traces was made, not measured */
const char *cell_phase_name(const struct cell *cell, const struct cell_run *run);

/* Passes over the workload, all traces together, and whether the index-th run is the first of one. */
uint64_t cell_repeats(const struct cell *cell);
int cell_run_begins_repeat(const struct cell *cell, size_t index);

/* Whether it is the first run of a repeat, or, with several conversations at once, of a burst. */
int cell_run_begins_burst(const struct cell *cell, size_t index);

typedef double cell_value(const struct cell_run *run); /* NAN when the run has no such figure */
typedef enum grade cell_grade(const struct cell_run *run);
typedef int cell_filter(const struct cell *cell, const struct cell_run *run, const void *context);

/* Median, n, spread and worst grade over the runs that pass the filter. `scratch` has room
 * for cell->run_count doubles. */
struct figure cell_median(const struct cell *cell, cell_filter *filter, const void *context,
                          cell_value *value, cell_grade *grade, double *scratch);

/* Median, n and spread of values that are not of single runs; sorts them. */
struct figure figure_of(double *values, size_t count, enum grade grade);

/* Figures of single runs, for cell_median. */
double run_decode(const struct cell_run *run);
double run_ttft(const struct cell_run *run);
double run_prefill(const struct cell_run *run);
double run_turn(const struct cell_run *run); /* TTFT + answer */
double run_step(const struct cell_run *run);
double run_tokens_per_step(const struct cell_run *run);
double run_acceptance(const struct cell_run *run);
double run_rss(const struct cell_run *run);
double run_reuse(const struct cell_run *run); /* cached ÷ prompt */
double
run_hit_rate(const struct cell_run *run); /* cached ÷ cacheable; NAN below CACHE_HIT_MIN cacheable ones */
int run_is_carried_over(const struct cell_run *run); /* cached more than the policy could have held */
double run_soc_w(const struct cell_run *run);
double run_soc_w_net(const struct cell_run *run);
double run_j_per_token(const struct cell_run *run);
double run_tok_s_per_w(const struct cell_run *run);
double run_prompt(const struct cell_run *run);
double run_cached_tokens(const struct cell_run *run);
double run_cacheable_tokens(const struct cell_run *run);
double run_wasted_tokens(const struct cell_run *run); /* cacheable, but not cached */
double run_answer(const struct cell_run *run);        /* completion tokens */

/* Fills a row (after row_init) with everything but the verdict. TT_OK or TT_NOMEM. */
int cell_row(const struct cell *cell, struct report_row *row);

/* The median of each trace, in the traces' order, for a figure that is a median of runs; traces without a
 * value are left out. Returns how many there are; `out` and `scratch` have room for cell->run_count. */
size_t cell_trace_medians(const struct cell *cell, enum metric metric, double *out, double *scratch);

/* Sentences about what the figures rest on: invalid runs, early stops, cold runs that were not cold … */
int cell_notes(const struct cell *cell, struct report_row *row);

/* Adds what the recorder found amiss with the measurements: each sentence once, traces in order. TT_OK or
 * TT_NOMEM. */
int cell_findings(const struct cell *cell, struct text_list *findings);

/* One phase of the cell over all its runs. */
struct phase_figures {
    const char *name;
    uint64_t total, valid, early;
    int only_early; /* every valid run stopped early: the figures are of those, for want of better ones */
    double reuse_by_ttft; /* an estimate for servers that do not tell; NAN without */
    struct figure ttft, decode, prefill, cached, reuse, cacheable, hit_rate, wasted, prompt, answer,
        tokens_per_step, step, acceptance, rss;
};

int cell_phase(const struct cell *cell, size_t phase, struct phase_figures *out);

#endif
