/* SPDX-License-Identifier: MIT */
/* A small trace of three runs, and what a reader sees of it. */
#ifndef TOKTAPE_TESTS_THREE_RUNS_H
#define TOKTAPE_TESTS_THREE_RUNS_H

#include <string.h>

#include "formats/buf.h"
#include "formats/trace_reader.h"
#include "formats/trace_writer.h"

#define THREE_RUNS_META "{\"format\": \"toktape\", \"trace\": \"0123\"}\n"

static inline struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

/* The trace in a file of its own, and its bytes: the state of a test between setup and teardown. */
struct three_runs {
    char path[64];
    struct buf bytes;
};

int three_runs_setup(void **state);
int three_runs_teardown(void **state);

/* One run of 40 reads. */
void three_runs_add(struct trace_writer *w, uint64_t run);

/* All but its END, into an open file. */
struct trace_writer *three_runs_begin(int fd, const char *path, size_t block_bytes, int level);
/* All of it into a new file, which says this content id. */
void three_runs_write(const char *path, size_t block_bytes, int level, char id[65]);

/* What a reader saw, as one string, so that two readings can be compared. */
struct sight {
    struct buf log;
    size_t blocks;
    int status;
    enum trace_state state;
    char id[65];
};

/* Release its log. */
void sight_look(struct sight *s, const void *bytes, size_t len, int allow_incomplete);

#endif
