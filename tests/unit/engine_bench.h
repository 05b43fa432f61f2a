/* SPDX-License-Identifier: MIT */
/* Evidence about an engine that a test puts together, and what is expected to be learnt from it. */
#ifndef TOKTAPE_TEST_ENGINE_BENCH_H
#define TOKTAPE_TEST_ENGINE_BENCH_H

#include "record/engine.h"

#define BENCH_PROCESSES 4

struct bench {
    struct probe_set probes;
    struct engine_process processes[BENCH_PROCESSES];
    struct engine_evidence evidence;
    struct scrubber scrubber; /* knows /home/ada */
    struct engine_identity id;
};

void bench_open(struct bench *b);
void bench_close(struct bench *b);

struct probe_answer *answer_of(struct bench *b, const char *path);
void says(struct bench *b, const char *path, const char *body); /* with status 200 */
void has_header(struct bench *b, const char *path, const char *line);
void says_captured(struct bench *b, const char *path, const char *name); /* of captures/probes */

/* The process that listens; its arguments are separated by NUL. */
void runs_as(struct bench *b, const char *executable, const char *arguments, size_t len);
#define RUNS_AS(b, executable, arguments) runs_as(b, executable, arguments, sizeof arguments)
void has_child(struct bench *b, const char *executable, const char *arguments, size_t len);

struct bytes text(const char *s);
void identify(struct bench *b);

const cJSON *fact(const struct bench *b, const char *path); /* NULL: not stated */
void expect_text(const struct bench *b, const char *path, const char *value, const char *how);
void expect_count(const struct bench *b, const char *path, double value, const char *how);

#endif
