/* SPDX-License-Identifier: MIT */
/* One thread that reads sensors at their pace and tells the trace what they said. It shares nothing with the
 * thread that talks to the engine.
 *
 * Rows: a series when a channel has its first value, and anew when it comes to mean something else (another
 * generation of the engine, another scope); a sample per value, with the start and duration of its read; a
 * process row per process of the engine; a clock triple at the start, every 10 s and at the end; and marks:
 * "engine_gone", "sensor_gone" and "sensor_back" (text: the source), "rail_gone" and "rail_back" when one
 * rail of a source that works falls silent (text: its name), "sensor_failed" when a source could not be
 * opened (text: why).
 *
 * Reads stand on a grid of absolute deadlines, 1 ÷ hz apart; each source takes every k-th of them
 * (record/cadence.h). A missed deadline is skipped, never made up for. Counters are stored when they changed,
 * and at the end. */
#ifndef TOKTAPE_SAMPLER_H
#define TOKTAPE_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/row_sink.h"
#include "formats/scrub.h"
#include "record/engine_watch.h"
#include "record/sensor.h"

#define SAMPLER_SENSORS_MAX 32
#define SAMPLER_HZ          10.0
#define SAMPLER_HZ_MAX      1000.0
#define SAMPLER_HZ_MIN      0.01

struct sampler;

struct sampler_options {
    double hz; /* ceiling of every source's rate; 0: SAMPLER_HZ */
    struct engine_target target;
    const struct scrubber *scrubber; /* borrowed until sampler_stop; NULL knows nobody */
    struct row_sink sink;      /* called from the sampler's thread, and from the starting one before that */
    const struct sensor *more; /* further sources (power …) beside the engine's memory, the machine's memory
                                  and the recorder's own CPU time; copied */
    size_t more_count;
};

/* Looks for the engine once, so that sampler_engine can answer right away, opens the sources and starts the
 * thread. A source that is not there (TT_NOTFOUND) is left out. TT_USAGE for a silly rate, TT_LIMIT for too
 * many sources, TT_NOMEM, TT_IO when no thread can be made. */
int sampler_start(struct sampler **sampler, const struct sampler_options *options, struct error *e);

/* Reads everything a last time, ends the thread and frees the sampler. Takes up to 0.1 s. NULL is fine. */
void sampler_stop(struct sampler *s);

/* Where the engine is and what its processes are. Any thread may ask, but not while bytes arrive: it takes a
 * lock and allocates. */
struct sampler_engine {
    enum engine_place place;
    int hidden;          /* somebody listens, but the system does not show this user who */
    uint64_t generation; /* ABSENT when none was seen */
    struct process_facts processes[ENGINE_FACTS_MAX]; /* listeners, then children; not scrubbed */
    size_t count;
};
int sampler_engine(struct sampler *s, struct sampler_engine *engine, struct error *e);
void sampler_engine_release(struct sampler_engine *engine);

/* engine_watch's peaks, for any thread. */
int sampler_reset_peaks(struct sampler *s);
int sampler_read_peaks(struct sampler *s, struct procmem_peak *sum, uint64_t *processes);

/* How often each source has brought news of power or energy so far, in the order of the sources; 0 for those
 * that measure something else. Returns how many sources there are. Any thread may ask. */
size_t sampler_publications(struct sampler *s, uint64_t counts[SAMPLER_SENSORS_MAX]);

/* Asks for a look at the engine's processes soon: after a restart. Does not wait. */
void sampler_look(struct sampler *s);

#endif
