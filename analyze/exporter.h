/* SPDX-License-Identifier: MIT */
/* What an export format is: a table of functions that are told, in order, what traces hold. A new format is a
 * file with such a table and a line in exporters.c.
 *
 *   open → for each trace: begin, then run, chunk, frame, sample and note in the order of the recording, end
 *        → finish → close
 *
 * All that is handed over is borrowed for the call. Each function may be NULL but open and close; a value
 * other than TT_OK, with the sentence in *e, ends the export (close still comes). */
#ifndef TOKTAPE_EXPORTER_H
#define TOKTAPE_EXPORTER_H

#include <stdint.h>

#include "analyze/cells.h"
#include "analyze/tape.h"
#include "formats/error.h"

#define EXPORT_ID_SIZE 40

struct export_trace {
    const struct tape *tape; /* whole: figures of all runs, all series */
    const struct cell *cell; /* of this trace alone: its identity, and the names of its phases */
    char id[EXPORT_ID_SIZE]; /* the first 16 digits of its content id, or the UUID of a trace that has none */
    size_t number;           /* 0, 1, 2 … of the traces of this export */
};

/* One attempt. */
struct export_run {
    const struct export_trace *trace;
    const struct cell_run *run; /* of an earlier attempt, too: nothing is known to be cacheable of those */
    const char *phase;          /* NULL when the workload gives no name */
};

/* A point of time: on the recorder's clock, and since its run's time zero. */
struct export_time {
    uint64_t clock_ns;
    int has_zero; /* 0: the run has no time zero */
    int64_t t_ns;
};

struct export_frame {
    const struct export_run *run;
    struct export_time time;
    const struct stream_frame *frame;
    uint64_t tokens; /* that it carried */
};

/* One read from the connection; its frames follow. */
struct export_chunk {
    const struct export_run *run;
    struct export_time time;
    uint64_t nbytes;
};

struct export_sample {
    const struct export_trace *trace;
    const struct tape_series *series; /* without samples */
    const struct sample_row *row;
    uint64_t clock_ns, duration_ns;
};

enum export_to {
    EXPORT_TO_STREAM, /* written from front to back, into a file or a pipe */
    EXPORT_TO_FILE,   /* a file that is written to here and there */
    EXPORT_TO_FOLDER
};

struct export_target {
    int fd;              /* of the stream or of the new, empty file; -1 for a folder */
    const char *path;    /* where it is written; a stream's name in messages */
    uint64_t part_bytes; /* of a folder: lines of this size make a file */
    int is_plain;        /* of a folder: files are not compressed */
};

struct exporter {
    const char *name; /* of --format */
    const char *what; /* one line of help */
    enum export_to to;
    /* NULL with *e filled. The target outlives the exporter's state, which close frees. */
    void *(*open)(const struct export_target *target, struct error *e);
    void (*close)(void *state);
    int (*begin)(void *state, const struct export_trace *trace, struct error *e);
    int (*run)(void *state, const struct export_run *run, const struct run_row *row, struct error *e);
    int (*chunk)(void *state, const struct export_chunk *chunk, struct error *e);
    int (*frame)(void *state, const struct export_frame *frame, struct error *e);
    int (*sample)(void *state, const struct export_sample *sample, struct error *e);
    int (*note)(void *state, const struct export_trace *trace, const cJSON *note, struct error *e);
    int (*end)(void *state, const struct export_trace *trace, struct error *e);
    int (*finish)(void *state, struct error *e);
};

#endif
