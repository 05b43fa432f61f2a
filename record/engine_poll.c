/* SPDX-License-Identifier: MIT */
#include "record/engine_poll.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "formats/alloc.h"
#include "record/clock.h"

#define COST_FACTOR    200
#define PAUSE_MAX_NS   UINT64_C(60000000000)
#define NAP_NS         UINT64_C(100000000)
#define POLL_TIMEOUT_S 10

static const char *const paths[] = {"/slots", "/metrics"};
#define PATHS (sizeof paths / sizeof paths[0])

struct engine_poll {
    struct http_client *client;
    const char *const *headers;
    char *urls[PATHS]; /* NULL: not asked */
    struct sensor_channel channels[ENGINE_NUMBERS_MAX];
    size_t index[ENGINE_NUMBERS_MAX]; /* of each channel in the table of numbers */
    size_t count;

    volatile sig_atomic_t stops;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    struct sensor_value values[ENGINE_NUMBERS_MAX];
};

static void clear_values(struct sensor_value *values)
{
    for (size_t i = 0; i < ENGINE_NUMBERS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
}

static void clear_numbers(uint64_t *numbers)
{
    for (size_t i = 0; i < ENGINE_NUMBERS_MAX; i++)
        numbers[i] = ABSENT;
}

/* ---- what this engine offers ---- */

static int choose_path(struct engine_poll *p, size_t path, const struct endpoint *endpoint,
                       const struct probe_set *probes)
{
    const struct probe_answer *answer = probe_find(probes, paths[path]);
    uint64_t numbers[ENGINE_NUMBERS_MAX];
    size_t before = p->count;
    clear_numbers(numbers);
    if (answer)
        engine_numbers_read(paths[path], &answer->body, numbers);
    if (numbers[1] != ABSENT)
        numbers[0] = 0; /* a slot that was never used has no tokens to tell of yet */
    for (size_t i = 0; i < engine_number_count; i++) {
        if (numbers[i] == ABSENT)
            continue;
        p->channels[p->count] = engine_numbers[i].channel;
        p->index[p->count++] = i;
    }
    if (p->count > before)
        p->urls[path] = endpoint_url(endpoint, paths[path]);
    return p->count == before || p->urls[path] ? TT_OK : TT_NOMEM;
}

int engine_poll_new(struct engine_poll **poll, const struct endpoint *endpoint, const char *const *headers,
                    const struct probe_set *probes, struct error *e)
{
    struct engine_poll *p = mem_zalloc(1, sizeof *p);
    int status = p ? http_client_new(&p->client, e) : error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; i < PATHS && !status; i++)
        status = choose_path(p, i, endpoint, probes);
    if (!status && !p->count)
        status = TT_NOTFOUND;
    if (status) {
        engine_poll_free(p);
        p = NULL;
    } else {
        p->headers = headers;
        clear_values(p->values);
        pthread_mutex_init(&p->lock, NULL);
    }
    *poll = p;
    return status;
}

void engine_poll_free(struct engine_poll *poll)
{
    if (!poll)
        return;
    for (size_t i = 0; i < PATHS; i++)
        mem_free(poll->urls[i]);
    http_client_free(poll->client);
    mem_free(poll);
}

/* ---- asking ---- */

/* *took: how long that took. Returns whether the engine answered: a wait for one that restarts is none of its
 * time. */
static int ask(struct engine_poll *p, size_t path, uint64_t *numbers, uint64_t *took)
{
    struct http_answer answer;
    struct http_request q = {
        .url = p->urls[path], .method = "GET", .headers = p->headers, .timeout_s = POLL_TIMEOUT_S};
    uint64_t begin = clock_ticks();
    int status = http_fetch(p->client, &q, PROBE_BODY_MAX, &p->stops, &answer, NULL);
    int answers = !status && answer.result.status == 200 && answer.result.ended == RUN_ENDED_COMPLETE;
    if (answers)
        engine_numbers_read(paths[path], &answer.body, numbers);
    http_answer_release(&answer);
    *took = clock_ticks() - begin;
    return answers;
}

static void publish(struct engine_poll *p, const uint64_t *numbers, uint64_t t, uint64_t duration)
{
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->count; i++) {
        uint64_t value = numbers[p->index[i]];
        if (value != ABSENT)
            p->values[i] =
                (struct sensor_value){.value = value, .source_t = ABSENT, .t = t, .duration = duration};
    }
    pthread_mutex_unlock(&p->lock);
}

/* One answer is published before the next is asked for: each has a time of its own. */
static uint64_t ask_all(struct engine_poll *p)
{
    uint64_t spent = 0;
    for (size_t i = 0; i < PATHS && !p->stops; i++) {
        uint64_t numbers[ENGINE_NUMBERS_MAX], duration, t = clock_ticks();
        if (!p->urls[i])
            continue;
        clear_numbers(numbers);
        if (!ask(p, i, numbers, &duration))
            continue;
        publish(p, numbers, t, duration);
        spent += clock_ticks_to_ns(duration);
    }
    return spent;
}

static void pause_for(const struct engine_poll *p, uint64_t ns)
{
    uint64_t until = clock_after_ns(ns), nap = clock_ns_to_ticks(NAP_NS);
    for (uint64_t now = clock_ticks(); !p->stops && now < until; now = clock_ticks())
        clock_sleep_until(until - now < nap ? until : now + nap);
}

static void *run(void *argument)
{
    struct engine_poll *p = argument;
    while (!p->stops) {
        uint64_t pause = ask_all(p) * COST_FACTOR;
        if (pause < ENGINE_POLL_PERIOD_NS)
            pause = ENGINE_POLL_PERIOD_NS;
        pause_for(p, pause < PAUSE_MAX_NS ? pause : PAUSE_MAX_NS);
    }
    return NULL;
}

/* ---- the sensor ---- */

static int open_numbers(void *context, void **state, struct error *e)
{
    struct engine_poll *p = context;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&p->thread, NULL, run, p);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    *state = p;
    return failed ? error_set(e, TT_IO, "cannot start the thread that asks the engine: %s", strerror(failed))
                  : TT_OK;
}

static void describe_numbers(void *state, struct sensor_layout *layout)
{
    const struct engine_poll *p = state;
    *layout = (struct sensor_layout){p->channels, p->count, ABSENT, 0};
}

/* Each answer is handed on once. */
static int read_numbers(void *state, struct sensor_value *values)
{
    struct engine_poll *p = state;
    pthread_mutex_lock(&p->lock);
    memcpy(values, p->values, p->count * sizeof *values);
    clear_values(p->values);
    pthread_mutex_unlock(&p->lock);
    return TT_OK;
}

static void close_numbers(void *state)
{
    struct engine_poll *p = state;
    p->stops = 1;
    pthread_join(p->thread, NULL);
}

const struct sensor_ops sensor_engine_numbers = {"engine",         500000000,    2000,          open_numbers,
                                                 describe_numbers, read_numbers, close_numbers, NULL};
