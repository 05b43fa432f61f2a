/* SPDX-License-Identifier: MIT */
/* A campaign's sentinel: one short recording again and again, between all others. How much it differs from
 * one time to the next is what sessions differ by; where it changes for good, the machine itself has changed.
 */
#ifndef TOKTAPE_SENTINEL_H
#define TOKTAPE_SENTINEL_H

#include <stddef.h>

#include "analyze/cells.h"
#include "analyze/compare_units.h"
#include "formats/jsonout.h"

#define SENTINEL_METRICS 3 /* decode, prefill, time to first token */
#define SENTINEL_MIN     4 /* recordings below which nothing is judged */
#define SENTINEL_ALPHA   0.05

struct sentinel_metric {
    enum compare_id id;
    double *values; /* of each recording, in order of time: logarithm less the mean of all, over the phases;
                       NAN; owned */
    size_t n;       /* recordings with a value */
    double sd;      /* of the values, drift included; NAN below SENTINEL_MIN */
    /* The split in two that differs most: recordings from `from` on against those before. */
    size_t from;
    double shift, p; /* a fraction of the raw metric; p for the best of all splits */
    int drifts;
};

struct sentinel {
    size_t count; /* recordings */
    struct sentinel_metric metrics[SENTINEL_METRICS];
};

/* All recordings of the cell, whatever their order. A shift of less than `margin` (a fraction) is no drift.
 * TT_OK or TT_NOMEM; release in either case. */
int sentinel_judge(struct sentinel *s, const struct cell *cell, double margin);
void sentinel_release(struct sentinel *s);

/* Pure piece: finds the split and judges it. */
void sentinel_find_drift(struct sentinel_metric *m, size_t count, double margin);

/* {"recordings", "session_sd": {"decode_tok_s": {"sd_pct", "n"}, …}, "drift": [{"metric", "shift_pct",
 * "from", "p"}]}: what `diff --session-sd FILE` reads. */
void sentinel_put_json(const struct sentinel *s, struct jsonout *j);

/* Sentences for people, a line each. Returns out->failed. */
int sentinel_put_text(const struct sentinel *s, struct buf *out);

#endif
