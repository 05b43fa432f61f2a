/* SPDX-License-Identifier: MIT */
/* Tapes made by hand: a META document and run figures as a test wants them. */
#ifndef TOKTAPE_MADE_TAPE_H
#define TOKTAPE_MADE_TAPE_H

#include "analyze/tape.h"

/* Phases of the tapes' workload, in order. */
enum {
    PHASE_COLD,
    PHASE_WARM,
    PHASE_PREFIX_1,
    PHASE_PREFIX_2,
    PHASE_PREFIX_3,
    PHASE_COLD_PREFIX,
    PHASE_LONG_CONTEXT,
    PHASE_LONG_PREFIX,
    PHASE_COUNT
};

/* A closed tape without runs; `meta` is merged over the usual META (NULL: nothing). tape_release it. */
void made_tape_init(struct tape *tape, const char *content_id, const char *meta);

/* Another valid run with nothing measured but what is given; borrowed until the next one. */
struct run_figures *made_tape_run(struct tape *tape, uint64_t repeat, uint64_t phase, double decode,
                                  double ttft);

/* Sets prompt and cached tokens as an engine reports them. */
void run_cached(struct run_figures *run, uint64_t cached, uint64_t prompt);

/* Another series, of what the row says but for its number; its texts may be empty. Returns the number. */
uint64_t made_tape_series(struct tape *tape, const struct series_row *row);
struct bytes made_text(const char *text);

/* What to declare for a rail of the engine's machine, "rail" of that source: a counter in uJ, or a gauge in
 * W. */
struct series_row made_rail(const char *source, enum series_kind kind, uint64_t rail);

/* A sample of the series; `source_t` is its own stamp, or ABSENT. */
void made_tape_sample(struct tape *tape, uint64_t series, uint64_t t, uint64_t source_t, uint64_t value);

/* One series of the engine's memory; samples are {t, bytes} pairs. */
void made_tape_memory(struct tape *tape, enum series_kind kind, uint64_t generation,
                      const uint64_t (*samples)[2], size_t count);

/* `repeats` passes over the whole workload with plausible figures. */
void made_tape_campaign(struct tape *tape, uint64_t repeats);

#endif
