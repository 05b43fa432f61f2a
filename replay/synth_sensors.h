/* SPDX-License-Identifier: MIT */
/* The sensors of a made-up machine: power rails that publish at their own pace while the engine idles,
 * prefills and decodes, and the memory of the engine's process. Virtual time, in nanoseconds. */
#ifndef TOKTAPE_SYNTH_SENSORS_H
#define TOKTAPE_SYNTH_SENSORS_H

#include <stdint.h>

#include "formats/row_sink.h"
#include "replay/synth_plan.h"

struct synth_rail_state {
    double joules;      /* delivered so far */
    double joule_units; /* units in a joule, or in a watt for a gauge */
    double watts;       /* of now */
    uint64_t advanced;  /* up to when `joules` counts */
    uint64_t next;      /* publication */
    uint64_t last_value;
    int has_published;
};

struct synth_sensors {
    const struct synth_plan *plan;
    struct row_sink sink;
    struct synth_rail_state rails[SYNTH_RAILS_MAX];
    enum synth_activity activity;
    uint64_t now;
    uint64_t next_sample; /* of memory */
    uint64_t tokens;      /* held by the KV cache */
    uint64_t generation;
};

/* Declares the series and the engine's process. TT_USAGE for a unit that is none of energy or power. */
int synth_sensors_start(struct synth_sensors *s, const struct synth_plan *plan, const struct row_sink *sink,
                        const char *engine, uint64_t now, struct error *e);

/* Time passes until `now` in the activity so far, then the activity is this one. TT_OK or the sink's error.
 */
int synth_sensors_advance(struct synth_sensors *s, uint64_t now, enum synth_activity activity);

/* The engine's process is another one from now on. */
int synth_sensors_restart(struct synth_sensors *s, const char *engine);

/* Every counter shows its last value, as a recorder reads it at the end. */
int synth_sensors_finish(struct synth_sensors *s);

#endif
