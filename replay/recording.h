/* SPDX-License-Identifier: MIT */
/* The answers of a trace in memory, ready to be played: every run's reads as a schedule, and the probes. */
#ifndef TOKTAPE_RECORDING_H
#define TOKTAPE_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "formats/digest.h"
#include "formats/error.h"
#include "replay/schedule.h"

#define RECORDING_MEMORY_MAX ((size_t)1 << 30) /* of answers and probes together */

struct recorded_run {
    char *method, *path; /* without the query */
    unsigned char body_sha256[SHA256_BYTES];
    int has_body;
    struct schedule schedule; /* times since time zero; the recorded wire, head and framing included */
    uint64_t plays;

    /* while loading */
    uint64_t run, body, zero; /* zero: native ticks */
    int is_open, is_playable;
};

struct recorded_probe {
    char *method, *path;
    uint64_t status;
    struct buf head, body;
    uint64_t plays;
};

struct recording {
    struct recorded_run *runs;
    size_t run_count, run_capacity;
    struct recorded_probe *probes;
    size_t probe_count, probe_capacity;
    unsigned char (*bodies)[SHA256_BYTES]; /* of TABLE_BODY's rows, in order */
    size_t body_count, body_capacity;
    uint64_t numer, denom; /* nanoseconds = ticks x numer / denom */
    char *model;           /* model.id of META; NULL when unknown */
    size_t memory;
};

struct recording_options {
    int allow_incomplete; /* a truncated tail is no error */
};

/* Reads a whole trace. Release with recording_release, also after a failure. */
int recording_load(struct recording *r, const char *path, const struct recording_options *options,
                   struct error *e);
void recording_release(struct recording *r);

#endif
