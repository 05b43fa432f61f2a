/* SPDX-License-Identifier: MIT */
/* What a made-up recording says of itself. */
#include <math.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "replay/synth_state.h"

#define GIB       1073741824.0
#define HOW_KNOWN "profile"

static int add_object(cJSON *parent, const char *name, cJSON **object)
{
    *object = cJSON_CreateObject();
    return json_set(parent, name, *object);
}

static int set_text(cJSON *object, const char *name, const char *text)
{
    return text ? json_set_string(object, name, text) : TT_OK;
}

static int add_host(const struct synth *s, cJSON *d)
{
    const struct synth_plan *plan = s->plan;
    cJSON *host;
    int status = add_object(d, "host", &host);
    if (!status)
        status = set_text(host, "machine_name", plan->machine);
    if (!status)
        status = set_text(host, "chip", plan->chip);
    if (!status)
        status = set_text(host, "power_mode", plan->power_mode);
    if (!status && !isnan(plan->ram_gib))
        status = json_set_u64(host, "ram_bytes", (uint64_t)(plan->ram_gib * GIB));
    return status;
}

static int add_clock(cJSON *d)
{
    cJSON *clock;
    int status = add_object(d, "clock", &clock);
    if (!status)
        status = json_set_string(clock, "name", "virtual");
    if (!status)
        status = json_set_u64(clock, "numer", 1);
    return status ? status : json_set_u64(clock, "denom", 1);
}

static int add_fact(cJSON *facts, const char *path, cJSON *value)
{
    cJSON *fact = cJSON_CreateObject();
    if (!fact || !cJSON_AddItemToArray(facts, fact)) {
        cJSON_Delete(fact);
        cJSON_Delete(value);
        return TT_NOMEM;
    }
    int status = json_set(fact, "value", value);
    if (!status)
        status = json_set_string(fact, "path", path);
    return status ? status : json_set_string(fact, "how", HOW_KNOWN);
}

static int add_text_fact(cJSON *facts, const char *path, const char *text)
{
    return text ? add_fact(facts, path, cJSON_CreateString(text)) : TT_OK;
}

static int fill_facts(const struct synth *s, cJSON *facts)
{
    const struct profile *p = &s->usual;
    int status = add_text_fact(facts, "engine.name", p->name);
    if (!status)
        status = add_text_fact(facts, "engine.version", p->version);
    if (!status)
        status = add_text_fact(facts, "engine.version_source", HOW_KNOWN);
    if (!status)
        status = add_fact(facts, "engine.context", cJSON_CreateNumber((double)p->context));
    if (!status)
        status = add_text_fact(facts, "model.id", p->model);
    if (!status)
        status = add_text_fact(facts, "model.file", s->plan->model_file);
    if (!status)
        status = add_text_fact(facts, "model.quant", p->quant);
    return status ? status : add_text_fact(facts, "speculative.kind", s->plan->speculative);
}

static int add_facts(const struct synth *s, cJSON *d)
{
    cJSON *facts = cJSON_CreateArray();
    int status = facts ? fill_facts(s, facts) : TT_NOMEM;
    if (status)
        cJSON_Delete(facts);
    return status ? status : description_add_facts(d, facts);
}

static int add_course(const struct synth *s, cJSON *d)
{
    const struct synth_plan *plan = s->plan;
    cJSON *options, *cold;
    int status = add_object(d, "options", &options);
    if (!status)
        status = json_set_number(options, "runs", (double)plan->runs);
    if (!status)
        status = json_set_number(options, "pause_s", plan->pause_s);
    if (!status)
        status = json_set_number(options, "timeout_s", plan->timeout_s);
    if (!status)
        status = json_set_number(options, "stall_timeout_s", plan->stall_s);
    if (!status)
        status = json_set_number(options, "sample_hz", plan->sample_hz);
    if (!status)
        status = json_set_u64(options, "seed", s->usual.seed);
    if (!status)
        status = add_object(d, "cold", &cold);
    return status ? status : json_set_string(cold, "method", cold_method_name(s->cold.method));
}

static int fill(struct synth *s, cJSON *d)
{
    int status = json_set(d, "synthetic", cJSON_CreateTrue());
    if (!status)
        status = add_clock(d);
    if (!status)
        status = add_host(s, d);
    if (!status)
        status = add_facts(s, d);
    if (!status)
        status = description_add_workload(d, s->options->workload);
    return status ? status : add_course(s, d);
}

char *synth_describe(struct synth *s, struct error *e)
{
    struct buf text = BUF_INIT;
    cJSON *d = description_new_elsewhere(&s->identity, "synth");
    int status = d ? fill(s, d) : TT_NOMEM;
    if (status)
        error_set(e, TT_NOMEM, "out of memory for the description");
    else
        status = description_add_labels(d, s->options->labels, s->options->label_count, NULL, e);
    if (!status)
        status = description_print(d, &text, e);
    cJSON_Delete(d);
    char *result = status ? NULL : buf_detach(&text);
    if (!status && !result)
        error_set(e, TT_NOMEM, "out of memory for the description");
    buf_release(&text);
    return result;
}
