/* SPDX-License-Identifier: MIT */
/* What the files of synth share. Times are virtual: nanoseconds, which are the trace's ticks too. */
#ifndef TOKTAPE_SYNTH_STATE_H
#define TOKTAPE_SYNTH_STATE_H

#include "formats/body_store.h"
#include "formats/prng.h"
#include "formats/trace_writer.h"
#include "record/cold.h"
#include "record/description.h"
#include "replay/engine.h"
#include "replay/synth.h"
#include "replay/synth_sensors.h"

struct synth {
    const struct synth_options *options;
    const struct synth_plan *plan;
    struct engine *engine;
    struct profile *profile; /* the engine's own: may be changed between answers */
    struct profile usual;    /* what it is without a phase's differences; borrows its texts */
    struct cold_plan cold;
    struct prng pauses;

    struct trace_identity identity;
    struct trace_file file;
    struct trace_writer *writer;
    struct row_sink sink; /* into the writer */
    struct error *error;  /* of the writer */
    struct body_store *bodies;
    struct synth_sensors sensors;

    uint64_t now, next_run, failed;
};

/* One phase of one repeat, `now` moving on. TT_OK whatever the engine did. */
int synth_run(struct synth *s, uint64_t repeat, size_t phase, struct error *e);

/* The answers of the engine's information endpoints, as rows. */
int synth_probe(struct synth *s, enum probe_moment moment, struct error *e);

/* The first META document (mem_free). NULL with the reason in *e. */
char *synth_describe(struct synth *s, struct error *e);

int synth_row(struct synth *s, enum table_id table, const void *row, struct error *e);
int synth_mark(struct synth *s, const char *kind, uint64_t repeat, struct error *e);

#endif
