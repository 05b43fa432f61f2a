/* SPDX-License-Identifier: MIT */
/* Runs while their trace is read: each read's bytes go to the stream of its own run, and a run that ends
 * becomes figures. */
#ifndef TOKTAPE_TAPE_RUNS_H
#define TOKTAPE_TAPE_RUNS_H

#include "analyze/tape.h"
#include "formats/bodies.h"

struct open_run;
struct run_slot;

/* What the figures need to know of each request body, found out once. */
struct body_facts {
    int known, thinking_off, has_tools;
    uint64_t max_tokens;
};

struct tape_runs {
    struct tape *tape;
    const struct tape_options *options;
    struct bodies bodies;
    struct body_facts *facts; /* by body number */
    size_t facts_capacity;
    struct run_slot *slots; /* by run id */
    size_t slot_count, slot_capacity;
    size_t open_count, open_steps;
    size_t first_begun;  /* slots before it have ended */
    uint64_t last_close; /* of the runs that have ended; ABSENT */
    int has_gap;         /* rows may speak of runs whose beginning was lost */
    struct buf body;     /* the last one assembled */
};

void tape_runs_init(struct tape_runs *r, struct tape *tape, const struct tape_options *options);
void tape_runs_release(struct tape_runs *r);

/* Rows in the order of the trace. TT_DAMAGED for rows that cannot be (a run that begins or ends twice, a read
 * outside its run), TT_LIMIT over the caps of tape.h, TT_NOMEM, or what a tap returned. */
int tape_runs_begin(struct tape_runs *r, const struct run_row *row, struct error *e);
int tape_runs_read(struct tape_runs *r, const struct read_row *row, const void *bytes, struct error *e);
int tape_runs_arrival(struct tape_runs *r, const struct arrival_row *row, struct error *e);
int tape_runs_given(struct tape_runs *r, const struct given_row *row, struct error *e);
int tape_runs_pieces(struct tape_runs *r, const struct pieces_row *row, struct error *e);
int tape_runs_end(struct tape_runs *r, const struct run_end_row *row, struct error *e);

/* A block has its reads and its ends in two tables, and may cover hundreds of short runs that were never
 * under way together. All of its ends and reads (and arrivals, likewise) are announced first; then
 * tape_runs_due_end tells, after each read, which end (by its announced number) that read was the last one
 * before; SIZE_MAX for none. */
int tape_runs_announce_end(struct tape_runs *r, uint64_t run, size_t number, struct error *e);
void tape_runs_announce_read(struct tape_runs *r, uint64_t run);
size_t tape_runs_due_end(const struct tape_runs *r, uint64_t run); /* of a run that was just read */

/* Blocks are missing here: runs under way are over, since nobody knows what they lost. Rows about them that
 * still come, and about runs whose beginning was lost, are to be passed over: 0 from tape_runs_speaks_of. */
int tape_runs_gap(struct tape_runs *r, const cJSON *gap, struct error *e);
int tape_runs_speaks_of(const struct tape_runs *r, uint64_t run);

/* All that begins later begins after that: the end of the last run, but not what comes after the start of one
 * that is under way. ABSENT before a run has ended. */
uint64_t tape_runs_settled(struct tape_runs *r);

/* The trace is over: runs without an end become unfinished ones, and the last attempts are known. */
int tape_runs_finish(struct tape_runs *r, struct error *e);

#endif
