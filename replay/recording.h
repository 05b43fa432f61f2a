/* SPDX-License-Identifier: MIT */
/* The answers of a trace, ready to be played: every run's reads as a schedule, and the probes. What does not
 * fit into RECORDING_MEMORY_KEPT stays in the file until it is asked for. */
#ifndef TOKTAPE_RECORDING_H
#define TOKTAPE_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "formats/digest.h"
#include "formats/error.h"
#include "replay/schedule.h"

/* Of answers, when there is a file to go back to: enough for short traces, and to fetch one of 14 000 tokens
 * takes a few milliseconds, less than an engine takes to begin. */
#define RECORDING_MEMORY_KEPT ((size_t)16 << 20)
#define RECORDING_MEMORY_MAX  ((size_t)1 << 30) /* of answers and probes together */

struct recorded_run {
    char *method, *path; /* without the query */
    unsigned char body_sha256[SHA256_BYTES];
    int has_body;
    struct schedule schedule; /* times since time zero; the recorded wire, head and framing included */
    uint64_t plays;
    int is_playable;
    int is_left; /* its schedule is empty: recording_fetch has it */

    /* for loading */
    uint64_t run, body, zero, close; /* zero, close: native ticks; close may be ABSENT */
    uint64_t offset, sequence;       /* of the block in which it begins */
    enum feed_end end;
    int is_open;
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
    char *path;            /* where answers can be left; NULL for a pipe */
    uint64_t trace_id;
    size_t memory, memory_kept; /* in use; from where on answers are left */
};

struct recording_options {
    int allow_incomplete; /* a truncated tail is no error */
    size_t memory_kept;   /* 0: RECORDING_MEMORY_KEPT */
};

/* Reads a whole trace. Release with recording_release, also after a failure. */
int recording_load(struct recording *r, const char *path, const struct recording_options *options,
                   struct error *e);

/* The schedule of a run that was left in the file; release it in every case. May be called by several
 * threads. TT_OK, TT_NOMEM, or as the reader says, of a file that is not what it was. */
int recording_fetch(const struct recording *r, const struct recorded_run *run, struct schedule *schedule,
                    struct error *e);

/* Turns the native ticks of a run's reads into times since its time zero, and ends the schedule. */
void recording_set_times(const struct recording *r, const struct recorded_run *run,
                         struct schedule *schedule);
void recording_release(struct recording *r);

#endif
