/* SPDX-License-Identifier: MIT */
/* The sources of power and energy of this machine, by name.
 *
 * A source is one or more sensors (record/sensor.h), each read at its own pace: a library may have one call
 * that is dear and one that is cheap. Its channels have kind SERIES_ENERGY (cumulative, preferred) or
 * SERIES_POWER (a gauge), values as raw as the source gives them, and a `rail` that says what they are the
 * power of. Whatever a source has to say once (names of all its channels, a list of devices) it adds to the
 * trace's description. Nothing here converts a unit or adds anything up: analysis does. */
#ifndef TOKTAPE_POWER_H
#define TOKTAPE_POWER_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "formats/error.h"
#include "record/sensor.h"

#define POWER_SOURCES_MAX 16
#define POWER_RAILS_TEXT  400
#define POWER_SENSORS_MAX 24 /* of all sources together */

struct power_source {
    const char *name;     /* as `--power` and `doctor` call it: "rapl", "nvml", "ioreport", "smc" */
    const char *measures; /* for people: "energy of CPU packages, cores and memory" */
    int is_automatic;     /* taken by `--power auto` when it works; 0: only by name */

    /* What a person can do when a sensor's open said TT_NOTFOUND (nothing of the kind here), and when it said
     * anything else (it is there, and may not be read). A command where there is one. NULL: nothing. */
    const char *way_out_absent, *way_out_denied;

    const struct sensor *sensors; /* the source works when one of them can be opened and read */
    size_t sensor_count;

    /* Optional: adds members to `about`, the source's object in the description ("rails", "devices" …). The
     * context is that of the first sensor. TT_OK, also when there is nothing to tell, or TT_NOMEM. */
    int (*describe)(void *context, cJSON *about);
};

/* The sources of this system in order of preference: a rail that several of them have is taken from the first
 * one. Constant; per OS, in linux/ and darwin/. Returns their number, at most POWER_SOURCES_MAX. */
size_t power_sources(const struct power_source **sources);

enum power_state {
    POWER_WORKS,
    POWER_ABSENT, /* this machine has nothing of the kind */
    POWER_DENIED  /* it has, and it cannot be read */
};

/* Opens the source, reads it once and closes it. */
struct power_check {
    enum power_state state;
    struct error why;             /* unless it works */
    const char *way_out;          /* NULL: none */
    size_t rail_count;            /* channels that had a value */
    char rails[POWER_RAILS_TEXT]; /* "package-0 (uJ), dram (uJ)", cut when it is longer */
};
void power_check(const struct power_source *source, struct power_check *check);

/* Reads a source that works again and again, for at most that long, until every counter that should move has:
 * `frozen` names those that have not ("CPU Energy, DRAM", cut when it is longer), "" when all have. A neural
 * engine may rest, and what is in no sum does not matter. */
void power_find_frozen(const struct power_source *source, uint64_t patience_ns,
                       char frozen[POWER_RAILS_TEXT]);

/* What `--power` chose. */
struct power_choice {
    const struct power_source *sources[POWER_SOURCES_MAX]; /* those that work, in order of preference */
    size_t count;
    struct sensor sensors[POWER_SENSORS_MAX];
    size_t sensor_count;
    struct power_check missed[POWER_SOURCES_MAX]; /* of `auto`: there, but denied */
    const struct power_source *missed_sources[POWER_SOURCES_MAX];
    size_t missed_count;
};

/* `asked` is "auto", "none" or names separated by commas. TT_USAGE for a name that is none of `sources`;
 * TT_NOTFOUND or TT_IO when one that was named does not work, with the way out in the sentence. */
int power_choose(const char *asked, const struct power_source *sources, size_t count,
                 struct power_choice *choice, struct error *e);

/* Sets description.power: {"asked", "sources": [{"name", "measures", …}], "missed": [{"name", "why"}]}. */
int power_describe(const struct power_choice *choice, const char *asked, cJSON *description);

#endif
