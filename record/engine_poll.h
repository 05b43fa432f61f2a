/* SPDX-License-Identifier: MIT */
/* Numbers of the engine's own, asked of it now and then while runs are under way: /metrics of llama.cpp and
 * vLLM, and the tokens in /slots.
 *
 * A thread of its own asks, with a connection of its own, because a busy engine may take long to answer. It
 * asks every 2 s, and no oftener than 200 times what asking took last, so that the engine spends at most 0.5
 * % of its time on it. It cannot know when tokens come, and so may fall between two of them. */
#ifndef TOKTAPE_ENGINE_POLL_H
#define TOKTAPE_ENGINE_POLL_H

#include "formats/buf.h"
#include "record/probe.h"
#include "record/sensor.h"

#define ENGINE_NUMBERS_MAX    32
#define ENGINE_POLL_PERIOD_NS UINT64_C(2000000000)

struct engine_poll;

/* TT_OK; TT_NOTFOUND when the answers at the start show no number that is known; TT_NOMEM. Everything is
 * borrowed until engine_poll_free. */
int engine_poll_new(struct engine_poll **poll, const struct endpoint *endpoint, const char *const *headers,
                    const struct probe_set *probes, struct error *e);
void engine_poll_free(struct engine_poll *poll);

/* The sensor; its context is a struct engine_poll, which outlives it. */
extern const struct sensor_ops sensor_engine_numbers;

/* One number. */
struct engine_number {
    struct sensor_channel channel; /* its name is the metric's */
    double scale;                  /* what the engine says × scale is stored, rounded */
};
extern const struct engine_number engine_numbers[];
extern const size_t engine_number_count;

/* Reads the numbers out of an answer of `path`; the others stay as they are. A metric that stands in several
 * lines (one for each label) is added up. Pure. */
void engine_numbers_read(const char *path, const struct buf *body, uint64_t values[ENGINE_NUMBERS_MAX]);

#endif
