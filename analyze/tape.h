/* SPDX-License-Identifier: MIT */
/* A trace in memory, ready for analysis: merged facts, figures of every run, sensor series. Frames are not kept: memory
 * is one block plus what one run needs while it is open. */
#ifndef TOKTAPE_TAPE_H
#define TOKTAPE_TAPE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/figures.h"
#include "formats/error.h"
#include "formats/stream.h"

struct tape_series {
    struct series_row row; /* byte columns point into `text`s below */
    char *source, *name, *unit;
    struct sample_row *samples;
    size_t count, capacity;
};

struct tape {
    char *path;
    cJSON *meta;             /* first META document, with later facts merged in (the last one wins) */
    cJSON *facts;            /* array of every {path, value, how, t}, contradictions included */
    char content_id[65];     /* as END states it; "" when there is none */
    const char *closed;      /* "clean", "interrupted", "incomplete", "repaired" */
    uint64_t ticks_numer, ticks_denom; /* nanoseconds = ticks × numer ÷ denom */
    struct run_figures *runs;
    size_t run_count, run_capacity;
    struct tape_series *series;
    size_t series_count, series_capacity;
    uint64_t t_origin;       /* first clock row, native ticks */
    uint64_t stalls, lost_samples;
    uint64_t last_rss_generation;
};

struct tape_options {
    int allow_incomplete;
    int hash_content;        /* recompute the content id and refuse a trace whose END says another */
    /* Optional taps, called in trace order; `context` is theirs. */
    int (*on_frame)(void *context, const struct run_row *run, const struct stream_frame *frame, uint64_t tokens_hint);
    int (*on_read)(void *context, const struct read_row *read);
    int (*on_run)(void *context, const struct run_figures *figures, const struct token_time *tokens, size_t count);
    void *context;
};

/* Reads a whole trace. Release with tape_release, also after a failure. */
int tape_load(struct tape *tape, const char *path, const struct tape_options *options, struct error *e);
void tape_release(struct tape *tape);

/* META look-ups: "engine.name" … NULL when absent. */
const char *tape_text(const struct tape *tape, const char *dotted);
double tape_number(const struct tape *tape, const char *dotted); /* NAN when absent */

const char *tape_phase_name(const struct tape *tape, uint64_t phase); /* "" when unknown */
double tape_ns(const struct tape *tape, uint64_t ticks);              /* a difference of ticks in nanoseconds */

#endif
