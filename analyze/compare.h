/* SPDX-License-Identifier: MIT */
/* Judging a table of comparisons between two sides: which differences are real, which are none, which cannot
 * be told. Knows values, not traces; no random numbers. docs/diff.md explains the procedure. */
#ifndef TOKTAPE_COMPARE_H
#define TOKTAPE_COMPARE_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/effect.h"
#include "formats/buf.h"

enum compare_id { /* the first ones are the headline metrics */
                  COMPARE_DECODE,
                  COMPARE_DECODE_50K,
                  COMPARE_PREFILL,
                  COMPARE_TTFT,
                  COMPARE_J_PER_TOKEN,
                  COMPARE_PEAK_RSS,
                  COMPARE_HEADLINES,
                  COMPARE_STEP = COMPARE_HEADLINES, /* ms from one burst to the next */
                  COMPARE_STEP_50K,
                  COMPARE_TOKENS_PER_STEP,
                  COMPARE_ACCEPTANCE,
                  COMPARE_DEPTH, /* decode of the long phases ÷ decode of the short ones */
                  COMPARE_REUSE,
                  COMPARE_SOC_W,
                  COMPARE_COUNT
};

struct compare_metric {
    const char *name;           /* in JSON: "decode_tok_s" */
    const char *label;          /* in tables, with its unit */
    const char *short_name;     /* on the command line: "decode" */
    int more_is_better;         /* 1: faster is more; 0: faster is less */
    const char *better, *worse; /* what people call a change for the better */
    double divisor;             /* from the stored unit to the shown one */
};

const struct compare_metric *compare_metric(enum compare_id id);

/* By its short or its JSON name; COMPARE_COUNT when there is none. */
enum compare_id compare_find(const char *name, size_t len);

enum verdict {
    VERDICT_NONE,
    VERDICT_EQUIVALENT,
    VERDICT_FASTER, /* better: for J/token and memory, less */
    VERDICT_SLOWER,
    VERDICT_INCONCLUSIVE,
    VERDICT_EQUAL,   /* no value varies, and both sides have the same */
    VERDICT_CHANGED, /* no value varies, and the sides differ */
    VERDICT_TEXT_DIFFERS
};

#define COMPARE_HEADLINE SIZE_MAX

struct comparison {
    enum compare_id id;
    const char *phase;  /* NULL: over the metric's phases */
    size_t parent;      /* index of the headline that it explains, or COMPARE_HEADLINE */
    double weight;      /* in Holm's procedure, among its siblings */
    double *values;     /* for each unit: logarithms less their phases' means; NAN without; owned */
    double median[2];   /* of the sides' runs, in the stored unit */
    int is_constant;    /* no variance on either side */
    int is_untestable;  /* values that have no logarithm */
    double plain_shift; /* of the medians, where there is no fit */
    double session_sd, session_df; /* NAN: not known */
    size_t phases_left_out;        /* without a value on one of the sides */
    size_t dropped[2];             /* units with fewer than half of the phases */
    int texts_equal;               /* 1, 0; -1: nobody can tell */
    uint64_t texts_compared, texts_differing;

    /* Filled by compare_judge. */
    struct effect effect;    /* the session included */
    double shift, low, high; /* fractions: exp(d) − 1, and its 95 % interval */
    double p, p_adjusted;
    int significant, equivalent;
    enum verdict verdict;
    size_t more_repeats; /* 0: not asked, or not known */
};

struct compare_settings {
    double margin;      /* 0.02 */
    int within_session; /* repeats of one session each */
};

#define COMPARE_ALPHA          0.05
#define COMPARE_LEVEL          0.95
#define COMPARE_WEIGHT_PRIMARY 0.5
#define COMPARE_WEIGHT_OTHER   0.1
#define COMPARE_MARGIN         0.02
#define COMPARE_SAME           1e-9 /* logarithms nearer than this to each other do not vary */

/* Fits and judges all comparisons; parents stand before their children. TT_OK or TT_NOMEM. */
int compare_judge(struct comparison *items, size_t count, const struct effect_unit *units, size_t unit_count,
                  const struct compare_settings *settings);

/* Whether only one session of each side is known, and nothing of how sessions differ. */
int compare_is_one_session(const struct comparison *c, const struct compare_settings *settings);

/* "slower (one session each)"; NULL for none, `room` may be used. */
const char *compare_verdict_text(const struct comparison *c, const struct compare_settings *settings,
                                 char room[80]);

#endif
