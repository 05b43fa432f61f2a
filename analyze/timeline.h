/* SPDX-License-Identifier: MIT */
/* What happened in a trace as slices and values on tracks, sorted by time: for viewers of timelines.
 *
 *   timeline_begin → timeline_run, timeline_frame, timeline_sample as they come → timeline_sort → events
 *
 * 56 bytes for each read that brought tokens and for each sample; TIMELINE_EVENTS_MAX is the cap. */
#ifndef TOKTAPE_TIMELINE_H
#define TOKTAPE_TIMELINE_H

#include <stddef.h>

#include "analyze/exporter.h"

#define TIMELINE_EVENTS_MAX ((size_t)8 << 20)
#define TIMELINE_LANES_MAX  4096 /* runs at one time */
#define TIMELINE_TEXT       16

/* In the order in which those of one time come: what holds others first. */
enum timeline_kind {
    TIMELINE_TURN,
    TIMELINE_CONNECT,
    TIMELINE_PREFILL,
    TIMELINE_DECODE,
    TIMELINE_TOKENS,   /* one read's tokens, from the arrival of those before */
    TIMELINE_PROGRESS, /* prompt tokens that the server says are processed */
    TIMELINE_SENSOR
};

struct timeline_event {
    uint64_t t, duration; /* ns; after timeline_sort, t counts from the first event */
    union {
        uint64_t count; /* tokens */
        double number;  /* watts for rails, else the source's unit */
    } value;
    uint32_t order; /* in which it was told */
    uint32_t owner; /* run, or series */
    char text[TIMELINE_TEXT];
    unsigned char kind;
};

struct timeline_run {
    const struct export_run *run; /* NULL for an id that no run has */
    uint64_t from, to, last_t;    /* ns */
    uint64_t last_read;
    size_t last_tokens; /* its last event of that kind; SIZE_MAX */
    uint32_t lane;      /* runs of one lane do not overlap */
    int has_progress;
};

struct timeline_series {
    int has_last;
    uint64_t t, value;
};

struct timeline {
    struct timeline_event *events;
    size_t count, capacity;
    struct timeline_run *runs; /* by id */
    struct timeline_series *series;
    size_t run_count, series_count, lanes;
    uint64_t span; /* ns from the first event to the end of the last */
};

/* Empties it, too. All return TT_OK, TT_NOMEM, TT_LIMIT, or TT_DAMAGED for times that cannot be. */
int timeline_begin(struct timeline *line, const struct tape *tape, struct error *e);
int timeline_run(struct timeline *line, const struct export_run *run, struct error *e);
int timeline_frame(struct timeline *line, const struct export_frame *frame, struct error *e);
int timeline_sample(struct timeline *line, const struct export_sample *sample, struct error *e);
int timeline_sort(struct timeline *line, struct error *e);
void timeline_release(struct timeline *line);

/* A channel of energy or power is shown in watts. */
int timeline_is_watts(const struct tape_series *series);

#endif
