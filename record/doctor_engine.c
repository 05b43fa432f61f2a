/* SPDX-License-Identifier: MIT */
/* What an engine offers to a recording. */
#include <stdio.h>
#include <string.h>

#include "record/discipline.h"
#include "record/doctor.h"
#include "record/engine.h"
#include "record/engine_watch.h"
#include "record/locality.h"
#include "record/resident.h"

typedef unsigned long long llu;

struct visit {
    struct endpoint endpoint;
    struct http_client *client;
    struct scrubber scrubber;
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

static void see_processes(struct visit *v)
{
    struct row_sink nowhere = {ignore_row, NULL};
    struct engine_target target = {.port = (uint16_t)v->endpoint.port};
    target.is_local = locality_of_host(v->endpoint.host, &target.address);
    engine_watch_init(&v->watch, &target, &nowhere, &v->scrubber);
    int count = engine_watch_scan(&v->watch, NULL) == TT_OK ? engine_watch_facts(&v->watch, v->facts) : 0;
    v->count = count > 0 ? (size_t)count : 0;
}

static int identify(struct visit *v, struct error *e)
{
    struct engine_process seen[ENGINE_FACTS_MAX];
    for (size_t i = 0; i < v->count; i++)
        seen[i] = (struct engine_process){
            v->facts[i].executable, {v->facts[i].arguments.data, v->facts[i].arguments.len}, {NULL, 0}};
    struct engine_evidence evidence = {.probes = &v->probes, .processes = seen, .process_count = v->count};
    return engine_identify(&v->id, &evidence, &v->scrubber, e);
}

static void report_identity(struct doctor *d, const struct visit *v)
{
    const struct engine_identity *id = &v->id;
    if (id->kind == ENGINE_UNKNOWN)
        doctor_add(d, DOCTOR_WARNING, "identity", NULL, "it answers, and is no engine that toktape knows");
    else
        doctor_add(d, id->version ? DOCTOR_OK : DOCTOR_WARNING, "identity", NULL, "%s %s",
                   engine_name(id->kind),
                   id->version ? id->version : "of an unknown version (its answers may tell it)");
    if (id->model_id)
        doctor_add(d, DOCTOR_OK, "model", NULL, "%.200s", id->model_id);
    else
        doctor_add(d, DOCTOR_WARNING, "model", "--model NAME", "the engine does not name one");
}

static void report_context(struct doctor *d, const struct visit *v, uint64_t needed)
{
    struct discipline found = {0};
    struct discipline_subject subject = {.context = v->id.context, .context_needed = needed};
    discipline_check_context(&found, &subject);
    if (found.count)
        doctor_add(d, DOCTOR_WARNING, "context",
                   "start the engine with more (llama-server -c, vllm --max-model-len)", "%s",
                   found.findings[0].text);
    else if (v->id.context == ABSENT)
        doctor_add(d, DOCTOR_MISSING, "context", NULL,
                   "the engine does not say; the workload needs about %llu tokens", (llu)needed);
    else
        doctor_add(d, DOCTOR_OK, "context", NULL, "%llu tokens; the workload needs about %llu",
                   (llu)v->id.context, (llu)needed);
}

static void report_memory(struct doctor *d, struct visit *v)
{
    struct procmem memory;
    if (v->watch.place == ENGINE_PLACE_ELSEWHERE)
        doctor_add(d, DOCTOR_MISSING, "engine memory", "run toktape on the engine's machine",
                   "the engine is on another machine: neither its memory nor its power");
    else if (v->watch.place == ENGINE_PLACE_FORWARDED)
        doctor_add(d, DOCTOR_MISSING, "engine memory",
                   "record on the engine's own machine, or name it: --engine-pid PID",
                   "who listens only passes connections on: neither memory nor power of the engine");
    else if (engine_watch_memory(&v->watch, &memory) == TT_OK)
        doctor_add(d, DOCTOR_OK, "engine memory", NULL, "process %llu%s, %llu MiB resident",
                   (llu)v->watch.members[0].id.pid, v->count > 1 ? " and children" : "",
                   (llu)(memory.bytes[PROCMEM_RSS] >> 20));
    else
        doctor_add(d, DOCTOR_MISSING, "engine memory", "run toktape as the engine's user, or as root", "%s",
                   v->watch.hidden ? "its process belongs to another user"
                                   : "no process that is visible here listens there");
}

static void report_others(struct doctor *d, const struct visit *v)
{
    struct resident_engine found[RESIDENT_MAX];
    struct process_list own = {.count = 0};
    for (size_t i = 0; i < v->count; i++)
        process_list_add(&own, v->facts[i].id.pid);
    int count = resident_engines(&own, found);
    for (int i = 0; i < count; i++) {
        char fix[64];
        snprintf(fix, sizeof fix, "kill %llu", (llu)found[i].pid);
        doctor_add(d, DOCTOR_WARNING, "other engine", fix, "%s is resident too (process %llu)",
                   engine_name(found[i].kind), (llu)found[i].pid);
    }
    if (!count)
        doctor_add(d, DOCTOR_OK, "other engines", NULL, "none is resident");
}

static void report(struct doctor *d, struct visit *v, const char *url, uint64_t needed)
{
    if (v->probes.reached) {
        doctor_add(d, DOCTOR_OK, "engine", NULL, "answers");
        report_identity(d, v);
        report_context(d, v, needed);
        report_memory(d, v);
    } else {
        doctor_add(d, DOCTOR_FAILED, "engine", "start it, or name its port with --url",
                   "nothing answers at %.150s", url);
    }
    report_others(d, v);
}

static int visit(struct visit *v, const char *url, struct error *e)
{
    int status = endpoint_parse(&v->endpoint, url, e);
    if (!status)
        status = http_client_new(&v->client, e);
    if (status)
        return status;
    struct probe_job job = {.client = v->client, .endpoint = &v->endpoint, .scrubber = &v->scrubber};
    see_processes(v);
    status = probe_ask(&v->probes, &job, PROBE_AT_START, ABSENT, e);
    return status ? status : identify(v, e);
}

int doctor_check_engine(struct doctor *d, const char *url, uint64_t context_needed, struct error *e)
{
    struct visit v;
    memset(&v, 0, sizeof v);
    probe_set_init(&v.probes);
    scrubber_init(&v.scrubber);
    int status = visit(&v, url, e);
    if (!status)
        report(d, &v, v.endpoint.root, context_needed);
    for (size_t i = 0; i < v.count; i++)
        process_release_facts(&v.facts[i]);
    engine_watch_release(&v.watch);
    engine_identity_release(&v.id);
    probe_set_release(&v.probes);
    http_client_free(v.client);
    endpoint_release(&v.endpoint);
    return status;
}
