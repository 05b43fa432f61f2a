/* SPDX-License-Identifier: MIT */
/* A trace as JSON lines: one object a line with a `type`. Nanoseconds and ids are strings; times have a
 * numeric twin in microseconds. Lines go out in pieces of bounded size. */
#ifndef TOKTAPE_EXPORT_JSONL_H
#define TOKTAPE_EXPORT_JSONL_H

#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/jsonout.h"
#include "formats/stream.h"

struct jsonl {
    int fd;
    const char *path; /* for messages */
    struct buf pending;
    struct jsonout line;
    struct error error; /* of the first write that failed */
};

/* The descriptor and the path stay the caller's. */
void jsonl_init(struct jsonl *j, int fd, const char *path);

/* Writes what is pending. TT_OK, TT_IO or TT_NOMEM, now or earlier; j->error has the sentence. */
int jsonl_finish(struct jsonl *j);
void jsonl_release(struct jsonl *j);

/* Begins a line {"type": type; the caller adds members to the jsonout and ends the line. Both of jsonl_end
 * and the functions below return TT_OK, TT_IO or TT_NOMEM. */
struct jsonout *jsonl_begin(struct jsonl *j, const char *type);
int jsonl_end(struct jsonl *j);

/* `clock_ns` is the recorder's clock, `t_ns` the time since the run's time zero; ABSENT and 0 in `has_zero`
 * when the run has none. */
struct jsonl_time {
    uint64_t clock_ns;
    int has_zero;
    int64_t t_ns;
};

/* Where a line belongs. */
struct jsonl_place {
    uint64_t run, repeat, attempt;
    const char *phase; /* NULL when the workload names none */
};

/* A frame with the tokens it carried. `text` is its content, reasoning, arguments or error, whichever its
 * kind says; whatever else it holds stands in members of its own. */
int jsonl_frame(struct jsonl *j, const struct jsonl_place *place, const struct jsonl_time *time,
                const struct stream_frame *frame, uint64_t tokens);

/* One read from the connection. */
int jsonl_chunk(struct jsonl *j, const struct jsonl_place *place, const struct jsonl_time *time,
                uint64_t nbytes);

struct jsonl_sample {
    uint64_t clock_ns, duration_ns;
    uint64_t source_t; /* in the source's own unit, ABSENT when it has none */
    uint64_t value;
    const char *source, *name, *unit;
};

int jsonl_sample(struct jsonl *j, const struct jsonl_sample *sample);

#endif
