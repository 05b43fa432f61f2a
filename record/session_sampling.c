/* SPDX-License-Identifier: MIT */
/* The engine's processes, and the sensors that run beside a session. */
#include "record/locality.h"
#include "record/session_state.h"

struct engine_target session_target(struct session *s)
{
    struct engine_target target = {.port = (uint16_t)s->endpoint.port, .pid = s->options->engine_pid};
    target.is_local = s->is_local = locality_of_host(s->endpoint.host, &target.address);
    return target;
}

static int ignore_row(void *context, enum table_id table, const void *row)
{
    (void)context;
    (void)table;
    (void)row;
    return TT_OK;
}

/* A look before the trace is open: what the processes say belongs into its description. */
size_t session_processes(struct session *s, struct process_facts processes[ENGINE_FACTS_MAX])
{
    struct engine_watch watch;
    struct engine_target target = session_target(s);
    struct row_sink nowhere = {ignore_row, NULL};
    engine_watch_init(&watch, &target, &nowhere, &s->scrubber);
    int count = engine_watch_scan(&watch, NULL) == TT_OK ? engine_watch_facts(&watch, processes) : 0;
    engine_watch_release(&watch);
    return count > 0 ? (size_t)count : 0;
}

int session_start_sampling(struct session *s, struct error *e)
{
    struct sensor numbers = {&sensor_engine_numbers, s->poll};
    struct sampler_options options = {.hz = s->options->sample_hz,
                                      .target = session_target(s),
                                      .scrubber = &s->scrubber,
                                      .more = &numbers,
                                      .more_count = s->poll != NULL};
    if (s->options->sample_hz <= 0)
        return TT_OK;
    return sampler_start_recording(&s->sampler, s->recorder, &options, e);
}

void session_stop_sampling(struct session *s)
{
    sampler_stop(s->sampler);
    s->sampler = NULL;
}
