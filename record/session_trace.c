/* SPDX-License-Identifier: MIT */
/* The trace of a session: opening it with what is known by then, telling what is learnt later, closing it. */
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/trace_masker.h"
#include "record/clock.h"
#include "record/session_state.h"

#define NETWORK_RING ((size_t)16 << 20)

/* ---- the description ---- */

/* Scrubbed like everything that the recorder says itself; the requests have it word for word. */
static int add_extra_body(const struct session *s, cJSON *options)
{
    struct buf text = BUF_INIT;
    const char *given = s->options->extra_body;
    int status = scrub_text(&s->scrubber, &text, given, strlen(given));
    cJSON *scrubbed = status ? NULL : json_parse(text.data, text.len, JSON_DOCUMENT_MAX, NULL);
    if (!status)
        status = scrubbed ? json_set(options, "extra_body", scrubbed)
                          : json_set_string(options, "extra_body", SCRUB_REDACTED);
    buf_release(&text);
    return status;
}

static int add_options(const struct session *s, cJSON *description)
{
    const struct session_options *o = s->options;
    cJSON *object = cJSON_CreateObject(), *only = cJSON_CreateArray();
    char *url = endpoint_scrubbed(&s->endpoint);
    int status = json_set(description, "options", object);
    if (!status)
        status = json_set(object, "phases", only);
    if (!status)
        status = url ? json_set_string(object, "url", url) : TT_NOMEM;
    mem_free(url);
    if (!status)
        status = json_set_number(object, "runs", (double)o->runs);
    if (!status && o->concurrency > 1)
        status = json_set_number(object, "concurrency", (double)o->concurrency);
    if (!status)
        status = json_set_number(object, "pause_s", o->pause_s);
    if (!status)
        status = json_set_number(object, "timeout_s", o->timeout_s);
    if (!status)
        status = json_set_number(object, "stall_timeout_s", o->stall_s);
    if (!status)
        status = json_set_number(object, "sample_hz", o->sample_hz);
    if (!status)
        status = json_set_u64(object, "seed", o->seed);
    if (!status)
        status = json_set(object, "reset_peaks", cJSON_CreateBool(o->reset_peaks));
    if (!status)
        status = json_set(object, "poll", cJSON_CreateBool(s->poll != NULL));
    if (!status)
        status = json_set(object, "engine_started", cJSON_CreateBool(o->engine_cmd != NULL));
    if (!status)
        status = json_set(object, "purge", cJSON_CreateBool(o->purge_cmd != NULL));
    if (!status && o->power_csv)
        status = json_set(object, "power_csv", cJSON_CreateTrue());
    if (!status && o->idle_s >= 0)
        status = json_set_number(object, "idle_s", o->idle_s);
    if (!status && o->live)
        status = json_set(object, "live", cJSON_CreateTrue());
    if (!status && o->extra_body)
        status = add_extra_body(s, object);
    for (size_t i = 0; i < o->workload->phase_count && !status; i++) {
        if (s->chosen[i] && !cJSON_AddItemToArray(only, cJSON_CreateString(o->workload->phases[i].name)))
            status = TT_NOMEM;
    }
    return status;
}

static int add_cold(const struct session *s, cJSON *description)
{
    cJSON *object = cJSON_CreateObject();
    int status = json_set(description, "cold", object);
    if (!status)
        status = json_set_string(object, "asked", s->options->cold);
    if (!status)
        status = json_set_string(object, "method", cold_method_name(s->cold.method));
    return status;
}

static cJSON *describe(struct session *s, struct error *e)
{
    cJSON *d = description_new(&s->trace, s->options->script ? "replay" : "record");
    cJSON *facts = cJSON_Duplicate(s->identity.facts, 1);
    int status = d && facts ? TT_OK : TT_NOMEM;
    if (!d)
        cJSON_Delete(facts);
    if (!status)
        status = description_add_facts(d, facts);
    if (!status)
        status = description_add_workload(d, s->workload);
    if (!status)
        status = add_options(s, d);
    if (!status && s->options->script)
        status = session_describe_script(s, d);
    if (!status)
        status = add_cold(s, d);
    if (!status)
        status = json_set(d, "discipline", discipline_describe(&s->discipline, s->is_strict));
    if (!status)
        status = power_describe(&s->power, s->options->power, d);
    if (!status && s->playback[0])
        status = json_set(d, "synthetic", cJSON_CreateTrue());
    if (!status && s->playback[0])
        status = json_set_string(d, "playback", s->playback);
    if (!status && s->options->without_content)
        status = trace_masker_describe(d);
    if (status)
        error_set(e, TT_NOMEM, "out of memory for the description");
    else
        status = description_add_labels(d, s->options->labels, s->options->label_count, &s->scrubber, e);
    if (status) {
        cJSON_Delete(d);
        return NULL;
    }
    return d;
}

/* ---- opening ---- */

/* What has been parsed need not be kept until its run is over. */
static void catch_up(void *context)
{
    const struct session *s = context;
    for (uint64_t i = 0; i < s->options->concurrency; i++)
        live_catch_up(s->view->live[i]);
}

static int start_recorder(struct session *s, const cJSON *description, struct buf *name, struct error *e)
{
    struct buf meta = BUF_INIT;
    const char *output = s->options->output;
    if (!output && description_file_name(description, &s->trace, name))
        return error_set(e, TT_NOMEM, "out of memory");
    struct recorder_options options = {.path = output ? output : buf_text(name),
                                       .trace_id = s->trace.id,
                                       .without_content = s->options->without_content,
                                       .awake = catch_up,
                                       .context = s};
    int status = description_print(description, &meta, e);
    options.meta = buf_text(&meta);
    if (!status)
        status = recorder_open(&s->recorder, &options, e);
    buf_release(&meta);
    return status;
}

static int start_writing(struct session *s, struct error *e)
{
    s->producer = s->lane.producer = recorder_producer(s->recorder, NETWORK_RING, 0);
    s->bodies = body_store_new();
    if (!s->producer || !s->bodies)
        return error_set(e, TT_NOMEM, "out of memory for the recording");
    int status = session_clock(s, e);
    if (!status && probe_log_open(&s->probe_log, s->producer))
        status = recorder_status(s->recorder, e);
    return status ? status : session_start_sampling(s, e);
}

static void tell_opened(const struct session *s, const char *path)
{
    if (s->view->opened)
        s->view->opened(s->view->context, path, engine_name(s->identity.kind), s->identity.version,
                        s->identity.model_id);
}

int session_open_trace(struct session *s, struct error *e)
{
    struct buf name = BUF_INIT;
    struct session_result nothing = {0};
    int status = trace_identity_make(&s->trace, e);
    cJSON *description = status ? NULL : describe(s, e);
    if (!status && !description)
        status = e && e->code ? (int)e->code : TT_NOMEM;
    if (!status)
        status = start_recorder(s, description, &name, e);
    if (!status) {
        tell_opened(s, s->options->output ? s->options->output : buf_text(&name));
        status = start_writing(s, e);
        if (status)
            status = session_close_trace(s, status, &nothing, e);
        session_result_release(&nothing);
    }
    cJSON_Delete(description);
    buf_release(&name);
    return status;
}

/* ---- closing ---- */

static void put_runs(const struct session *s, struct jsonout *out)
{
    jsonout_key(out, "runs");
    jsonout_object(out);
    jsonout_field_u64(out, "total", s->done);
    jsonout_field_u64(out, "ok", s->done - s->failed);
    jsonout_field_u64(out, "failed", s->failed);
    jsonout_end(out, '}');
}

static void put_cold(const struct session *s, struct jsonout *out)
{
    jsonout_key(out, "cold");
    jsonout_object(out);
    jsonout_field_string(out, "method", cold_method_name(s->cold.method));
    jsonout_key(out, "verified");
    if (!s->cold_asked || (s->cold_silent && !s->cold_warm))
        jsonout_null(out);
    else
        jsonout_bool(out, s->cold_warm == 0);
    jsonout_end(out, '}');
}

static void put_loss(const struct session *s, struct jsonout *out)
{
    uint64_t stalls, samples;
    recorder_losses(s->recorder, &stalls, &samples);
    jsonout_key(out, "loss");
    jsonout_object(out);
    jsonout_field_u64(out, "stalls", stalls);
    jsonout_field_u64(out, "samples", samples);
    jsonout_end(out, '}');
}

static void put_power(const struct session *s, struct jsonout *out)
{
    jsonout_key(out, "power");
    jsonout_object(out);
    power_log_put(&s->power_log, out);
    jsonout_end(out, '}');
}

/* Only what META does not say yet. */
static void put_facts(const struct session *s, struct jsonout *out)
{
    char *facts = s->learnt ? cJSON_PrintUnformatted(s->learnt) : NULL;
    jsonout_key(out, "facts");
    jsonout_raw(out, facts ? facts : "[]", facts ? strlen(facts) : 2);
    mem_free(facts);
}

/* What the trace says anyway, repeated where END can be found without reading all of it. */
static char *summarise(const struct session *s)
{
    struct buf text = BUF_INIT;
    struct jsonout out;
    jsonout_init(&out, &text, 0);
    jsonout_object(&out);
    jsonout_field_u64(&out, "repeats", s->repeats_begun);
    put_runs(s, &out);
    put_cold(s, &out);
    put_power(s, &out);
    put_loss(s, &out);
    put_facts(s, &out);
    jsonout_end(&out, '}');
    return buf_detach(&text);
}

static void probe_at_end(struct session *s)
{
    struct probe_job job = session_probe_job(&s->lane);
    job.interrupted = NULL;
    probe_ask(&s->probes, &job, PROBE_AT_END, ABSENT, NULL);
}

int session_close_trace(struct session *s, int status, struct session_result *result, struct error *e)
{
    int interrupted = session_is_interrupted(s);
    struct error closing = {0};
    result->interrupted = interrupted; /* what comes while it is being closed changes nothing any more */
    if (!status && interrupted)
        session_mark(s, "interrupted", ABSENT, "", NULL);
    if (!status && !interrupted)
        probe_at_end(s);
    session_stop_sampling(s);
    if (s->producer)
        session_clock(s, NULL);
    if (!status && s->producer)
        status = session_store_meter(s, e);
    char *summary = summarise(s);
    int closed = recorder_close(s->recorder, interrupted || status ? "interrupted" : "clean", summary,
                                &result->trace, &closing);
    mem_free(summary);
    s->recorder = NULL;
    if (closed && e)
        *e = closing;
    else if (status)
        error_prefix(e, "the recording ended early, and is in '%s'", result->trace.path);
    return closed ? closed : status;
}
