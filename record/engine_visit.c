/* SPDX-License-Identifier: MIT */
#include "record/engine_visit.h"

#include <string.h>

#include "record/locality.h"

static int ignore_row(void *context, enum table_id table, const void *row)
{
    (void)context;
    (void)table;
    (void)row;
    return TT_OK;
}

static void see_processes(struct engine_visit *v, const struct probe_job *job)
{
    struct row_sink nowhere = {ignore_row, NULL};
    struct engine_target target = {.port = (uint16_t)job->endpoint->port};
    target.is_local = locality_of_host(job->endpoint->host, &target.address);
    engine_watch_init(&v->watch, &target, &nowhere, job->scrubber);
    int count = engine_watch_scan(&v->watch, NULL) == TT_OK ? engine_watch_facts(&v->watch, v->facts) : 0;
    v->count = count > 0 ? (size_t)count : 0;
}

static int identify(struct engine_visit *v, const struct probe_job *job, struct error *e)
{
    struct engine_process seen[ENGINE_FACTS_MAX];
    for (size_t i = 0; i < v->count; i++)
        seen[i] = (struct engine_process){
            v->facts[i].executable, {v->facts[i].arguments.data, v->facts[i].arguments.len}, {NULL, 0}};
    struct engine_evidence evidence = {.probes = &v->probes, .processes = seen, .process_count = v->count};
    return engine_identify(&v->id, &evidence, job->scrubber, e);
}

int engine_visit(struct engine_visit *v, const struct probe_job *job, struct error *e)
{
    memset(v, 0, sizeof *v);
    probe_set_init(&v->probes);
    see_processes(v, job);
    int status = probe_ask(&v->probes, job, PROBE_AT_START, ABSENT, e);
    return status ? status : identify(v, job, e);
}

void engine_visit_release(struct engine_visit *v)
{
    for (size_t i = 0; i < v->count; i++)
        process_release_facts(&v->facts[i]);
    engine_watch_release(&v->watch);
    engine_identity_release(&v->id);
    probe_set_release(&v->probes);
    v->count = 0;
}
