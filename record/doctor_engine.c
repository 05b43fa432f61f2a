/* SPDX-License-Identifier: MIT */
/* What an engine offers to a recording. */
#include <stdio.h>
#include <string.h>

#include "record/discipline.h"
#include "record/doctor.h"
#include "record/engine_visit.h"
#include "record/resident.h"

typedef unsigned long long llu;

static void report_identity(struct doctor *d, const struct engine_visit *v)
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

static void report_context(struct doctor *d, const struct engine_visit *v, uint64_t needed)
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

static void report_memory(struct doctor *d, struct engine_visit *v)
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

static void report_others(struct doctor *d, const struct engine_visit *v)
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

static void report(struct doctor *d, struct engine_visit *v, const char *url, uint64_t needed)
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

/* What is needed to ask. */
struct line {
    struct endpoint endpoint;
    struct http_client *client;
    struct scrubber scrubber;
};

static int open_line(struct line *line, const char *url, struct error *e)
{
    scrubber_init(&line->scrubber);
    int status = endpoint_parse(&line->endpoint, url, e);
    return status ? status : http_client_new(&line->client, e);
}

int doctor_check_engine(struct doctor *d, const char *url, uint64_t context_needed, struct error *e)
{
    struct line line = {.client = NULL};
    struct engine_visit v = {.count = 0};
    int status = open_line(&line, url, e);
    struct probe_job job = {.client = line.client, .endpoint = &line.endpoint, .scrubber = &line.scrubber};
    if (!status)
        status = engine_visit(&v, &job, e);
    if (!status)
        report(d, &v, line.endpoint.root, context_needed);
    engine_visit_release(&v);
    http_client_free(line.client);
    endpoint_release(&line.endpoint);
    return status;
}
