/* SPDX-License-Identifier: MIT */
/* The requests of a trace in the order they were sent, with what came back, ready to be sent again. */
#ifndef TOKTAPE_SCRIPT_H
#define TOKTAPE_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/bodies.h"
#include "formats/digest.h"
#include "formats/workload.h"
#include "replay/answer_trail.h"

#define SCRIPT_RUNS_MAX ((size_t)1 << 16)

/* Bytes of all answers. Where there is a file to go back to, those beyond are fetched from it when they are
 * asked for; of a pipe they are not compared. */
#define SCRIPT_ANSWERS_KEPT ((size_t)16 << 20)
#define SCRIPT_ANSWERS_MAX  ((size_t)256 << 20)

struct script_run {
    uint64_t run, repeat, phase, conversation, turn, parent; /* parent: index in the script, or ABSENT */
    uint64_t body, cold;
    uint64_t gap_ns, think_ns; /* after the start, and after the end, of the one before; 0 for the first */
    uint64_t since_ns;         /* after the start of the first run of its burst */
    uint64_t own_think_ns;     /* after the end of the one before of the same repeat; 0 for the first */
    uint64_t ended;            /* enum run_ended; ABSENT when the recording ended inside the run */
    int has_answer;            /* it is whole and small enough to be compared */
    /* while loading */
    uint64_t t_start, t_close;

    /* script_answer's */
    struct answer_trail answer;
    int is_left;               /* in the file */
    uint64_t offset, sequence; /* of the block in which the run begins */
};

struct script {
    struct workload workload; /* as META names it, with the messages that were sent */
    struct script_run *runs;
    size_t count, capacity;
    struct bodies bodies;
    uint64_t conversations; /* numbers that conversations have */
    uint64_t repeats;       /* of the recording */
    uint64_t concurrency;   /* conversations at once: repeats that make up a burst */
    uint64_t last_ns;       /* from the start of the last run to its end */
    int has_long_gaps;      /* a gap or think time was over the bound */
    char content_id[SHA256_HEX_BYTES];
    int is_incomplete;
    char *path; /* where answers can be left; NULL for a pipe */
    uint64_t trace_id;
    size_t answers_bytes, answers_kept; /* in memory; from where on they are left, or not compared */
};

struct script_options {
    int allow_incomplete;
    uint64_t gap_max_ns; /* longer gaps and think times count as this */
    int without_answers; /* none is kept: only requests are looked at */
    size_t answers_kept; /* 0: SCRIPT_ANSWERS_KEPT or, of a pipe, SCRIPT_ANSWERS_MAX */
};

/* Reads a trace, "-" for standard input. Release with script_release in every case. TT_UNSUPPORTED for a
 * trace that has no requests to send: masked, without bodies, or not of chat completions; TT_LIMIT over the
 * caps; TT_DAMAGED; else as the reader says. Nothing in the trace is taken for an address. */
int script_load(struct script *script, const char *path, const struct script_options *options,
                struct error *e);
void script_release(struct script *script);

/* Replaces *body by the request of run `index`, as it was sent. */
int script_body(const struct script *script, size_t index, struct buf *body, struct error *e);

/* What was answered to run `index`, which has_answer; *room takes it where it was left in the file. *answer
 * is NULL where the file is not what it was. TT_OK or TT_NOMEM. */
int script_answer(const struct script *script, size_t index, struct answer_trail *room,
                  const struct answer_trail **answer);

#endif
