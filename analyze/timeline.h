/* SPDX-License-Identifier: MIT */
/* What happened in a trace as slices and values on tracks: for viewers of timelines.
 *
 *   timeline_begin → timeline_run, timeline_frame, timeline_sample as they come → timeline_end
 *
 * Each event is handed on as soon as it is known, so they do not come in order of time (viewers sort them);
 * those of one time on one track do come in the order in which they are shown. Memory is 40 bytes for each
 * run, and what is under way on each lane and in each series: nothing for tokens and samples.
 *
 * Times count from the first clock row of the recording, or from its first run where that began before. What
 * is stamped still earlier is shown at 0. */
#ifndef TOKTAPE_TIMELINE_H
#define TOKTAPE_TIMELINE_H

#include <stddef.h>

#include "analyze/exporter.h"

#define TIMELINE_LANES_MAX 4096 /* runs at one time */
#define TIMELINE_TEXT      16

enum timeline_kind {
    TIMELINE_TURN,
    TIMELINE_CONNECT,
    TIMELINE_PREFILL,
    TIMELINE_DECODE,
    TIMELINE_TOKENS,   /* one read's tokens, from the arrival of those before */
    TIMELINE_PROGRESS, /* prompt tokens that the server says are processed; 0 when the run is over */
    TIMELINE_SENSOR
};

/* Borrowed for the call. */
struct timeline_event {
    enum timeline_kind kind;
    uint64_t t, duration; /* ns */
    union {
        uint64_t count; /* tokens */
        double number;  /* watts for rails, else the source's unit */
    } value;
    uint32_t lane;                    /* of all but sensors; runs of one lane do not overlap */
    const struct export_run *run;     /* of a turn */
    const struct tape_series *series; /* of a sensor */
    const char *text;                 /* of tokens: how they begin; "" when it is not known */
};

struct timeline_run {
    uint64_t from, to; /* ns; from is ABSENT when nothing is known of when it was */
    uint64_t last_t;   /* of its tokens; ABSENT before */
    uint32_t lane;
};

/* Runs follow each other on a lane. What is kept is of the one that was heard of last. */
struct timeline_lane {
    const struct timeline_run *run; /* NULL before the first */
    int has_progress;
    uint64_t from, to, read, tokens; /* the slice that is not told yet; no tokens: none */
    char text[TIMELINE_TEXT];
};

struct timeline_series {
    int has_last;
    uint64_t t, value;
};

typedef int timeline_tell(void *context, const struct timeline_event *event, struct error *e);

/* Zero but for the first two before its first timeline_begin. */
struct timeline {
    timeline_tell *tell;       /* a value other than TT_OK is handed back */
    void *context;             /* its own */
    struct timeline_run *runs; /* by id */
    struct timeline_lane *lanes;
    struct timeline_series *series;
    size_t run_count, series_count, lane_count; /* known from the begin on */
    uint64_t base;                              /* ns on the recorder's clock; ABSENT until it is known */
    uint64_t span;                              /* ns until the end of the last event so far */
};

/* Empties it, too. All return TT_OK, TT_NOMEM, TT_LIMIT, TT_DAMAGED for times that cannot be, or what `tell`
 * returned. Tokens and values are those of the runs and series that the tape knows. */
int timeline_begin(struct timeline *line, const struct tape *tape, struct error *e);
int timeline_run(struct timeline *line, const struct export_run *run, struct error *e);
int timeline_frame(struct timeline *line, const struct export_frame *frame, struct error *e);
int timeline_sample(struct timeline *line, const struct export_sample *sample, struct error *e);
int timeline_end(struct timeline *line, struct error *e);
void timeline_release(struct timeline *line);

/* A channel of energy or power is shown in watts. */
int timeline_is_watts(const struct tape_series *series);

#endif
