/* SPDX-License-Identifier: MIT */
#include "record/campaign/engine_model.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "record/engine.h"
#include "record/engine_watch.h"
#include "record/locality.h"

struct visit {
    struct probe_set probes;
    struct engine_watch watch;
    struct process_facts facts[ENGINE_FACTS_MAX];
    size_t count;
    struct engine_identity id;
};

static int ignore_row(void *context, enum table_id table, const void *row)
{
    (void)context;
    (void)table;
    (void)row;
    return TT_OK;
}

static void see_processes(struct visit *v, const struct probe_job *job)
{
    struct row_sink nowhere = {ignore_row, NULL};
    struct engine_target target = {.port = (uint16_t)job->endpoint->port};
    target.is_local = locality_of_host(job->endpoint->host, &target.address);
    engine_watch_init(&v->watch, &target, &nowhere, job->scrubber);
    int count = engine_watch_scan(&v->watch, NULL) == TT_OK ? engine_watch_facts(&v->watch, v->facts) : 0;
    v->count = count > 0 ? (size_t)count : 0;
}

static int identify(struct visit *v, const struct probe_job *job, struct error *e)
{
    struct engine_process seen[ENGINE_FACTS_MAX];
    int status = probe_ask(&v->probes, job, PROBE_AT_START, ABSENT, e);
    see_processes(v, job);
    for (size_t i = 0; i < v->count; i++)
        seen[i] = (struct engine_process){
            v->facts[i].executable, {v->facts[i].arguments.data, v->facts[i].arguments.len}, {NULL, 0}};
    struct engine_evidence evidence = {.probes = &v->probes, .processes = seen, .process_count = v->count};
    return status ? status : engine_identify(&v->id, &evidence, job->scrubber, e);
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

int engine_model_is(const char *served, const char *wanted)
{
    char a[PATH_MAX], b[PATH_MAX];
    if (*served == '/' && realpath(served, a) && realpath(wanted, b))
        return strcmp(a, b) == 0;
    return strcmp(file_name(served), file_name(wanted)) == 0;
}

static void release(struct visit *v)
{
    for (size_t i = 0; i < v->count; i++)
        process_release_facts(&v->facts[i]);
    engine_watch_release(&v->watch);
    engine_identity_release(&v->id);
    probe_set_release(&v->probes);
    mem_free(v);
}

int engine_model_check(const struct probe_job *job, const char *wanted, struct error *e)
{
    struct visit *v = mem_zalloc(1, sizeof *v);
    if (!v)
        return error_set(e, TT_NOMEM, "out of memory");
    probe_set_init(&v->probes);
    int status = identify(v, job, e);
    const char *served = v->id.model_file;
    if (!status && served && !engine_model_is(served, wanted))
        status = error_set(e, TT_NOTFOUND, "wrong model: the engine serves '%s', the plan says '%s'",
                           file_name(served), file_name(wanted));
    release(v);
    return status;
}
