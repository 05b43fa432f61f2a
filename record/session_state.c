/* SPDX-License-Identifier: MIT */
/* Small things that all parts of a session use. */
#include "record/session_state.h"

#include <stdarg.h>
#include <stdio.h>

#include "record/clock.h"

int session_row(struct session *s, enum table_id table, const void *row, struct error *e)
{
    struct row_sink sink = session_sink(s);
    return session_row_status(s, row_sink_emit(&sink, table, row), e);
}

int session_row_status(struct session *s, int status, struct error *e)
{
    if (status == TT_LIMIT)
        return error_set(e, TT_LIMIT, "a row is larger than the recorder's buffer");
    return status ? recorder_status(s->recorder, e) : TT_OK;
}

static int into_session(void *context, enum table_id table, const void *row)
{
    struct session *s = context;
    pthread_mutex_lock(&s->row_lock);
    int status = producer_row(s->producer, table, row);
    pthread_mutex_unlock(&s->row_lock);
    return status;
}

struct row_sink session_sink(struct session *s)
{
    return (struct row_sink){into_session, s};
}

int session_mark(struct session *s, const char *kind, uint64_t repeat, const char *text, struct error *e)
{
    struct mark_row mark = {clock_ticks(), ABSENT, repeat, text_bytes(kind), text_bytes(text)};
    return session_row(s, TABLE_MARK, &mark, e);
}

void session_remark(const struct session *s, const char *format, ...)
{
    struct error sentence;
    char text[sizeof sentence.text];
    va_list args;
    if (!s->view->remark)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->view->remark(s->view->context, text);
}

#define WAIT_SLICE_NS UINT64_C(100000000)

/* In slices: a signal that another thread receives, or that comes just before the sleep, wakes nobody here.
 */
void session_wait(const struct session *s, uint64_t until)
{
    uint64_t slice = clock_ns_to_ticks(WAIT_SLICE_NS);
    for (uint64_t now = clock_ticks(); !session_is_interrupted(s) && now < until; now = clock_ticks())
        clock_sleep_until(until - now > slice ? now + slice : until);
}

#define SPIN_NS UINT64_C(200000) /* sleeping is late by up to this much */

int session_wait_exactly(const struct session *s, uint64_t until)
{
    session_wait(s, until - clock_ns_to_ticks(SPIN_NS));
    while (!session_is_interrupted(s) && clock_ticks() < until)
        ;
    return session_is_interrupted(s) ? TT_INTERRUPTED : TT_OK;
}

int session_is_interrupted(const struct session *s)
{
    return (s->interrupted && *s->interrupted) || atomic_load(&s->is_stopping);
}

double session_weight(const struct session *s, size_t phase)
{
    const struct workload_phase *p = &s->workload->phases[phase];
    return (double)p->max_tokens + (double)strlen(p->messages) / 200.0;
}

struct probe_job session_probe_job(struct lane *lane)
{
    struct session *s = lane->session;
    return (struct probe_job){.client = lane->client,
                              .endpoint = &s->endpoint,
                              .headers = (const char *const *)s->headers,
                              .interrupted = s->interrupted,
                              .scrubber = &s->scrubber,
                              .emit = probe_log_emit,
                              .context = &s->probe_log};
}
