/* SPDX-License-Identifier: MIT */
/* Rows from several threads into one trace: each producer has a ring of its own, a writer thread drains them.
 *
 * The hot path is producer_read: copy into the ring, no lock, no allocation; a system call only
 * while the ring is more than half full, to wake the writer. */
#ifndef TOKTAPE_RECORDER_H
#define TOKTAPE_RECORDER_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/row_sink.h"
#include "formats/schema.h"

struct recorder;
struct producer; /* one thread's way in; single writer */

#define RECORDER_PRODUCERS_MAX 80

struct recorder_options {
    const char *path; /* the finished trace; "-" is standard output */
    const char *meta; /* first META document */
    uint64_t trace_id;
    size_t ring_bytes;   /* per network producer; 0 = 16 MiB */
    int without_content; /* the writer thread masks requests, answers and probes; no file ever holds them */
    /* Optional: what else the writer thread does whenever it is up, some times a second and after its last
     * row; from before recorder_open returns until recorder_close does. */
    void (*awake)(void *context);
    void *context;
};

/* Opens PATH.part (or the pipe), writes META and starts the writer thread. Refuses an existing PATH or
 * PATH.part. */
int recorder_open(struct recorder **recorder, const struct recorder_options *options, struct error *e);

/* A way in for one thread. What a producer was given before one that was made later was given something
 * stands before it in the trace; the other way round there is no such promise. `may_drop`: a full ring drops
 * the row and counts it (samples); otherwise the producer waits and a stall row says so. NULL when memory is
 * out or there are RECORDER_PRODUCERS_MAX. Freed by recorder_close. */
struct producer *recorder_producer(struct recorder *r, size_t ring_bytes, int may_drop);

/* TT_LIMIT for a row that was dropped, and for one larger than half the ring. A failed writer shows as its
 * error. */
int producer_row(struct producer *p, enum table_id table, const void *row);
int producer_read(struct producer *p, uint64_t run, uint64_t t, const void *bytes, size_t len);
int producer_meta(struct producer *p, const char *json); /* a later META document */

struct row_sink producer_sink(struct producer *p); /* producer_row as a sink */

/* TT_OK, or the error that stopped the writer (disk full …); checked between runs. */
int recorder_status(struct recorder *r, struct error *e);

/* Asks for everything so far to reach the disk (between runs); does not wait. */
void recorder_sync(struct recorder *r);

/* How often a producer had to wait, and how many samples were dropped; only while no producer is at work. */
void recorder_losses(const struct recorder *r, uint64_t *stalls, uint64_t *samples);

struct recorder_result {
    char content_id[65];
    uint64_t bytes;      /* size of the closed trace */
    uint64_t safe_bytes; /* after a failure: whole blocks that reached the file */
    char *path;          /* where it lies: PATH, or PATH.part after a failure; mem_free */
};

/* Stops the writer thread, writes END, repacks PATH.part into PATH. `how` is "clean" or "interrupted". On
 * failure the .part stays, result->path names it, and the error says how much is safe. Frees the recorder in
 * every case. */
int recorder_close(struct recorder *r, const char *how, const char *summary, struct recorder_result *result,
                   struct error *e);

#endif
