/* SPDX-License-Identifier: MIT */
/* The "synth" member of a profile: what a made-up recording needs beside the engine itself. docs/synth.md
 * explains every key. */
#ifndef TOKTAPE_SYNTH_PLAN_H
#define TOKTAPE_SYNTH_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/workload.h"
#include "replay/faults.h"
#include "replay/profile.h"

#define SYNTH_RAILS_MAX   16
#define SYNTH_PHASES_MAX  64
#define SYNTH_DEFECTS_MAX 32
#define SYNTH_REPEATS_MAX 64 /* that one defect names */
#define SYNTH_RUNS_MAX    10000

enum synth_activity { SYNTH_IDLE, SYNTH_PREFILL, SYNTH_DECODE, SYNTH_ACTIVITIES };

struct synth_rail {
    char *name, *unit;
    uint64_t kind; /* enum series_rail */
    double watts[SYNTH_ACTIVITIES];
    double period_ms; /* between two publications */
    int gauge;        /* a power reading instead of an energy counter */
    int frozen;       /* publishes its first value for ever */
};

/* What differs in one phase; NAN and ABSENT leave the profile's value. */
struct synth_phase {
    char *name;
    double first_token_ms, decode_tok_s;
    uint64_t answer_tokens, loop_tokens;
};

/* Faults of the runs that it names; no phases or no repeats: of all. */
struct synth_defect {
    struct fault_list faults;
    char *phases[SYNTH_PHASES_MAX];
    size_t phase_count;
    uint64_t repeats[SYNTH_REPEATS_MAX];
    size_t repeat_count;
};

struct synth_plan {
    char *machine, *chip, *power_mode, *model_file, *speculative; /* NULL: not told */
    double ram_gib;                                               /* NAN: not told */
    char *workload;                                               /* name or path */
    int calibrate; /* cut the workload's texts to their token targets with the engine's tokeniser */
    uint64_t runs;
    double pause_s, idle_s, timeout_s, stall_s, sample_hz;
    enum cold_method cold; /* COLD_NOT_ASKED: what the profile's engine offers best */
    char *power_source;
    struct synth_rail rails[SYNTH_RAILS_MAX];
    size_t rail_count;
    double rss_gib; /* NAN: no memory series */
    double kv_bytes_per_token;
    struct synth_phase phases[SYNTH_PHASES_MAX];
    size_t phase_count;
    struct synth_defect defects[SYNTH_DEFECTS_MAX];
    size_t defect_count;
};

/* Reads the member "synth" of a profile's text, or the defaults where there is none. Unknown keys and values
 * out of range are refused by name (TT_USAGE). Release with synth_plan_release, also after a failure. */
int synth_plan_parse(struct synth_plan *plan, const void *text, size_t len, struct error *e);
void synth_plan_release(struct synth_plan *plan);

/* Refuses names of phases that the workload does not have. */
int synth_plan_check(const struct synth_plan *plan, const struct workload *workload, struct error *e);

/* NULL when the phase has nothing of its own. */
const struct synth_phase *synth_plan_phase(const struct synth_plan *plan, const char *name);

/* Appends the faults of one run. TT_LIMIT when they are too many. */
int synth_plan_faults(const struct synth_plan *plan, const char *phase, uint64_t repeat,
                      struct fault_list *faults);

#endif
