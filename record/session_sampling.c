/* SPDX-License-Identifier: MIT */
/* The engine's processes, and the sensors that run beside a session. */
#include "record/locality.h"
#include "record/session_state.h"

#define SAMPLES_RING ((size_t)1 << 20)

/* Where the engine is; also settles is_local. */
static struct engine_target target_of(struct session *s)
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
    struct engine_target target = target_of(s);
    struct row_sink nowhere = {ignore_row, NULL};
    engine_watch_init(&watch, &target, &nowhere, &s->scrubber);
    int count = engine_watch_scan(&watch, NULL) == TT_OK ? engine_watch_facts(&watch, processes) : 0;
    s->is_forwarded = watch.place == ENGINE_PLACE_FORWARDED;
    engine_watch_release(&watch);
    return count > 0 ? (size_t)count : 0;
}

/* The sources of power first: their places among the sources are theirs. */
static size_t gather_sensors(struct session *s, struct sensor more[SAMPLER_SENSORS_MAX])
{
    size_t count = s->power.sensor_count;
    memcpy(more, s->power.sensors, count * sizeof *more);
    if (s->poll && count < SAMPLER_SENSORS_MAX)
        more[count++] = (struct sensor){&sensor_engine_numbers, s->poll};
    return count;
}

int session_start_sampling(struct session *s, struct error *e)
{
    struct producer *producer;
    struct sensor more[SAMPLER_SENSORS_MAX];
    struct sampler_options options = {.hz = s->options->sample_hz,
                                      .target = target_of(s),
                                      .scrubber = &s->scrubber,
                                      .more = more,
                                      .more_count = gather_sensors(s, more)};
    if (s->options->sample_hz <= 0)
        return TT_OK;
    producer = recorder_producer(s->recorder, SAMPLES_RING, 1);
    if (!producer)
        return error_set(e, TT_NOMEM, "no room for the sampler's rows");
    options.sink = power_log_sink(&s->power_log, producer_sink(producer));
    return sampler_start(&s->sampler, &options, e);
}

void session_stop_sampling(struct session *s)
{
    struct sampler_engine engine;
    if (s->sampler && sampler_engine(s->sampler, &engine, NULL) == TT_OK) {
        s->engine_was_here = engine.place == ENGINE_PLACE_HERE;
        sampler_engine_release(&engine);
    }
    sampler_stop(s->sampler);
    s->sampler = NULL;
}
