/* SPDX-License-Identifier: MIT */
/* Reaching the engine of a session, and finding out who it is. */
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "record/clock.h"
#include "record/command_runner.h"
#include "record/session_state.h"

static int add_header(struct session *s, size_t at, const char *before, const char *value)
{
    struct buf line = BUF_INIT;
    buf_printf(&line, "%s%s", before, value);
    s->headers[at] = buf_detach(&line);
    return s->headers[at] ? TT_OK : TT_NOMEM;
}

static int make_headers(struct session *s, struct error *e)
{
    const struct session_options *o = s->options;
    int status = TT_OK;
    s->headers = mem_zalloc(o->header_count + 2, sizeof *s->headers);
    if (!s->headers)
        return error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; i < o->header_count && !status; i++)
        status = add_header(s, i, "", o->headers[i]);
    if (o->api_key && !status)
        status = add_header(s, o->header_count, "Authorization: Bearer ", o->api_key);
    if (o->api_key && endpoint_exposes_key(&s->endpoint))
        session_remark(s, "the API key travels in plain text to another host");
    return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}

static int probe(struct session *s, struct error *e)
{
    struct probe_job job = session_probe_job(&s->lane);
    int status = probe_ask(&s->probes, &job, PROBE_AT_START, ABSENT, e);
    if (!status && session_is_interrupted(s))
        return error_set(e, TT_INTERRUPTED, "interrupted before the first run; nothing was written");
    if (status || s->probes.reached)
        return status;
    return error_set(e, TT_NETWORK, "nothing answers at %s; is the engine running, and is that its port?",
                     s->endpoint.root);
}

/* From the probes, the engine's processes and, once there is one, a chat answer. */
static int identify(struct session *s, const struct live_figures *answer, struct engine_identity *id,
                    struct error *e)
{
    struct process_facts processes[ENGINE_FACTS_MAX];
    struct engine_process seen[ENGINE_FACTS_MAX];
    size_t count = session_processes(s, processes);
    for (size_t i = 0; i < count; i++)
        seen[i] = (struct engine_process){processes[i].executable,
                                          {processes[i].arguments.data, processes[i].arguments.len},
                                          {processes[i].environment.data, processes[i].environment.len}};
    struct engine_evidence evidence = {.probes = &s->probes, .processes = seen, .process_count = count};
    if (answer) {
        evidence.server = text_bytes(answer->server);
        evidence.fingerprint = text_bytes(answer->fingerprint);
        evidence.model = text_bytes(answer->model);
    }
    int status = engine_identify(id, &evidence, &s->scrubber, e);
    if (!status && s->is_local)
        status = engine_measure_model(id);
    for (size_t i = 0; i < count; i++)
        process_release_facts(&processes[i]);
    return status;
}

/* A recording of a recording must never pass for a measurement: `toktape serve` says what it is in each
 * answer. */
static void recognise_playback(struct session *s)
{
    for (size_t i = 0; i < s->probes.count; i++) {
        struct bytes value = http_header_value(&s->probes.answers[i].head, "X-Toktape");
        if (value.len && value.len < sizeof s->playback)
            memcpy(s->playback, value.data, value.len);
    }
    if (s->playback[0])
        session_remark(s, "what answers is 'toktape serve' (%s): the trace is marked synthetic", s->playback);
}

/* The engine that is ours to start, or the process that a person named. */
static int settle_engine(struct session *s, struct error *e)
{
    const struct session_options *o = s->options;
    struct probe_job job = session_probe_job(&s->lane);
    struct engine_command_options start = {o->engine_cmd, o->engine_timeout_s, o->purge_cmd};
    struct command_job purge = {"the purge command", o->purge_cmd, ENGINE_TIMEOUT_S, s->interrupted};
    struct process named;
    if (o->engine_pid && process_os_find(o->engine_pid, &named))
        return error_set(e, TT_USAGE, "--engine-pid: there is no process %llu",
                         (unsigned long long)o->engine_pid);
    if (o->engine_cmd)
        return engine_command_start(&s->started, &start, &job, e);
    return o->purge_cmd ? command_run(&purge, NULL, e) : TT_OK;
}

/* An engine without numbers of its own is none the worse. */
static int plan_poll(struct session *s, struct error *e)
{
    int status = engine_poll_new(&s->poll, &s->endpoint, (const char *const *)s->headers, &s->probes, e);
    return status == TT_NOTFOUND ? TT_OK : status;
}

/* A run beside others can neither restart the engine nor empty its cache: it does what it can in its own
 * request. A replay sends what was recorded. */
static int plan_cold_in_burst(struct session *s, struct error *e)
{
    const struct session_options *o = s->options;
    s->cold_in_burst = s->cold;
    if (s->cold.method != COLD_RESTART && s->cold.method != COLD_RESET)
        return TT_OK;
    int status =
        cold_plan_make(&s->cold_in_burst, o->script ? "keep" : "auto", s->identity.kind, NULL, o->seed, e);
    if (!status && s->cold_in_burst.method == COLD_RESET)
        status = cold_plan_make(&s->cold_in_burst, "nonce", s->identity.kind, NULL, o->seed, e);
    return status;
}

static int plan_cold(struct session *s, struct error *e)
{
    const struct session_options *o = s->options;
    struct cold_restart restart = {o->restart_cmd, o->purge_cmd, s->started};
    int status = cold_plan_make(&s->cold, o->cold, s->identity.kind, &restart, o->seed, e);
    if (status || o->concurrency == 1)
        return status;
    return plan_cold_in_burst(s, e);
}

int session_reach_engine(struct session *s, struct error *e)
{
    int status = endpoint_parse(&s->endpoint, s->options->url, e);
    if (!status)
        status = http_client_new(&s->client, e);
    s->lane.client = s->client;
    if (!status)
        status = make_headers(s, e);
    if (status)
        return status;
    scrubber_learn_host(&s->scrubber, s->endpoint.host);
    status = settle_engine(s, e);
    if (!status)
        status = probe(s, e);
    recognise_playback(s);
    if (!status)
        status = identify(s, NULL, &s->identity, e);
    if (!status && !s->options->no_poll)
        status = plan_poll(s, e);
    return status ? status : plan_cold(s, e);
}

static int keep_learnt(struct session *s, const cJSON *facts)
{
    const cJSON *fact;
    int status = TT_OK;
    if (!s->learnt)
        s->learnt = cJSON_CreateArray();
    cJSON_ArrayForEach(fact, facts)
    {
        cJSON *copy = s->learnt ? cJSON_Duplicate(fact, 1) : NULL;
        if (!copy || !cJSON_AddItemToArray(s->learnt, copy)) {
            cJSON_Delete(copy);
            status = TT_NOMEM;
        }
    }
    return status;
}

int session_tell_facts(struct session *s, cJSON *facts, struct error *e)
{
    cJSON *document = cJSON_CreateObject(), *fact;
    int status = TT_OK;
    cJSON_ArrayForEach(fact, facts)
    {
        if (!status)
            status = json_set_u64(fact, "t", clock_ticks());
    }
    if (!status)
        status = keep_learnt(s, facts);
    if (!status)
        status = json_set(document, "facts", cJSON_Duplicate(facts, 1));
    char *text = status ? NULL : cJSON_PrintUnformatted(document);
    pthread_mutex_lock(&s->row_lock);
    status = text ? producer_meta(s->producer, text) : TT_NOMEM;
    pthread_mutex_unlock(&s->row_lock);
    mem_free(text);
    cJSON_Delete(document);
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory for facts");
    return status ? recorder_status(s->recorder, e) : TT_OK;
}

int session_learn(struct session *s, const struct live_figures *figures, struct error *e)
{
    struct engine_identity newer = {0};
    if (s->facts_told || !figures->is_whole)
        return TT_OK;
    s->facts_told = 1;
    int status = identify(s, figures, &newer, e);
    cJSON *facts = status ? NULL : engine_facts_since(&s->identity, &newer);
    if (!status && !facts)
        status = error_set(e, TT_NOMEM, "out of memory");
    if (!status && cJSON_GetArraySize(facts) > 0)
        status = session_tell_facts(s, facts, e);
    cJSON_Delete(facts);
    engine_identity_release(&newer);
    return status;
}
