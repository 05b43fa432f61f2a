/* SPDX-License-Identifier: MIT */
#include "replay/synth_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "replay/profile_read.h"

static const char *const plan_keys[] = {
    "machine",   "chip",    "power_mode", "model_file", "speculative",  "ram_gib",
    "workload",  "runs",    "pause_s",    "idle_s",     "timeout_s",    "stall_timeout_s",
    "sample_hz", "cold",    "rails",      "rss_gib",    "power_source", "kv_bytes_per_token",
    "phases",    "defects", "calibrate",  NULL};
static const char *const rail_keys[] = {"name",      "unit",  "idle_w", "prefill_w", "decode_w",
                                        "period_ms", "gauge", "frozen", "kind",      NULL};
static const char *const phase_keys[] = {"first_token_ms", "decode_tok_s", "answer_tokens", "loop_tokens",
                                         NULL};
static const char *const defect_keys[] = {"fault", "phases", "repeats", NULL};

/* A member of the plan that is an object itself: its keys are checked, and named with where they stand. */
struct member {
    struct profile_reading reading;
    char where[160];
};

static int open_member(struct member *m, struct profile_reading *outer, const cJSON *item, const char *name,
                       const char *const *known)
{
    snprintf(m->where, sizeof m->where, "%s%.100s.", outer->where, name);
    m->reading = (struct profile_reading){item, m->where, outer->error, outer->status};
    if (outer->status)
        return 0;
    if (!cJSON_IsObject(item))
        profile_refuse(outer, name, "an object");
    else
        outer->status = json_only_known(item, known, "the profile's synth", outer->error);
    return !outer->status;
}

static void close_member(struct member *m, struct profile_reading *outer)
{
    outer->status = m->reading.status;
}

static void read_rail(struct profile_reading *outer, const cJSON *item, struct synth_rail *rail)
{
    static const char *const kinds[] = {"machine", "package", "cpu", "gpu", "ane", "dram", "fabric", NULL};
    struct member m;
    int kind = 1;
    if (!open_member(&m, outer, item, "rails", rail_keys))
        return;
    rail->period_ms = 100;
    profile_read_text(&m.reading, "name", &rail->name);
    profile_read_text(&m.reading, "unit", &rail->unit);
    profile_read_number(&m.reading, "idle_w", &rail->watts[SYNTH_IDLE], 0, 1e6);
    profile_read_number(&m.reading, "prefill_w", &rail->watts[SYNTH_PREFILL], 0, 1e6);
    profile_read_number(&m.reading, "decode_w", &rail->watts[SYNTH_DECODE], 0, 1e6);
    profile_read_number(&m.reading, "period_ms", &rail->period_ms, 1, 1e6);
    profile_read_choice(&m.reading, "kind", kinds,
                        "'machine', 'package', 'cpu', 'gpu', 'ane', 'dram' or 'fabric'", &kind);
    rail->kind = RAIL_MACHINE + (uint64_t)kind;
    profile_read_flag(&m.reading, "gauge", &rail->gauge);
    profile_read_flag(&m.reading, "frozen", &rail->frozen);
    if (!rail->name || !rail->unit)
        profile_refuse(&m.reading, "name", "there, and \"unit\" too");
    close_member(&m, outer);
}

static void read_rails(struct profile_reading *r, struct synth_plan *plan)
{
    const cJSON *list = json_member(r->document, "rails"), *item;
    if (list && !cJSON_IsArray(list))
        profile_refuse(r, "rails", "a list of objects");
    cJSON_ArrayForEach(item, list)
    {
        if (plan->rail_count == SYNTH_RAILS_MAX)
            profile_refuse(r, "rails", "a list of at most 16 objects");
        else
            read_rail(r, item, &plan->rails[plan->rail_count++]);
        if (r->status)
            return;
    }
}

static void read_phase(struct profile_reading *outer, const cJSON *item, struct synth_phase *phase)
{
    struct member m;
    *phase = (struct synth_phase){NULL, NAN, NAN, ABSENT, ABSENT};
    if (!open_member(&m, outer, item, item->string, phase_keys))
        return;
    phase->name = mem_strdup(item->string);
    if (!phase->name)
        m.reading.status = error_set(outer->error, TT_NOMEM, "out of memory");
    profile_read_number(&m.reading, "first_token_ms", &phase->first_token_ms, 0, 1e7);
    profile_read_number(&m.reading, "decode_tok_s", &phase->decode_tok_s, 0.001, 1e7);
    profile_read_count(&m.reading, "answer_tokens", &phase->answer_tokens, 1, PROFILE_CONTEXT_MAX);
    profile_read_count(&m.reading, "loop_tokens", &phase->loop_tokens, 0, 4096);
    close_member(&m, outer);
}

static void read_phases(struct profile_reading *r, struct synth_plan *plan)
{
    const cJSON *object = json_member(r->document, "phases"), *item;
    if (object && !cJSON_IsObject(object))
        profile_refuse(r, "phases", "an object of objects");
    cJSON_ArrayForEach(item, object)
    {
        if (plan->phase_count == SYNTH_PHASES_MAX)
            profile_refuse(r, "phases", "an object of at most 64 objects");
        else
            read_phase(r, item, &plan->phases[plan->phase_count++]);
        if (r->status)
            return;
    }
}

static void read_defect_phases(struct profile_reading *r, struct synth_defect *defect)
{
    const cJSON *list = json_member(r->document, "phases"), *item;
    if (list && !cJSON_IsArray(list))
        profile_refuse(r, "phases", "a list of names");
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || defect->phase_count == SYNTH_PHASES_MAX) {
            profile_refuse(r, "phases", "a list of at most 64 names");
            return;
        }
        defect->phases[defect->phase_count] = mem_strdup(item->valuestring);
        if (!defect->phases[defect->phase_count++])
            r->status = error_set(r->error, TT_NOMEM, "out of memory");
    }
}

static void read_defect_repeats(struct profile_reading *r, struct synth_defect *defect)
{
    const cJSON *list = json_member(r->document, "repeats"), *item;
    if (list && !cJSON_IsArray(list))
        profile_refuse(r, "repeats", "a list of numbers");
    cJSON_ArrayForEach(item, list)
    {
        double v = cJSON_IsNumber(item) ? item->valuedouble : -1;
        if (!(v >= 0 && v < SYNTH_RUNS_MAX) || v != floor(v) || defect->repeat_count == SYNTH_REPEATS_MAX) {
            profile_refuse(r, "repeats", "a list of at most 64 repeats, counted from 0");
            return;
        }
        defect->repeats[defect->repeat_count++] = (uint64_t)v;
    }
}

static void read_defect(struct profile_reading *outer, const cJSON *item, struct synth_defect *defect)
{
    struct member m;
    if (!open_member(&m, outer, item, "defects", defect_keys))
        return;
    const char *fault = json_string(item, "fault");
    if (!fault)
        profile_refuse(&m.reading, "fault", "a fault as 'toktape serve --help' lists them");
    else if (!m.reading.status)
        m.reading.status = faults_parse(&defect->faults, fault, outer->error);
    for (size_t i = 0; i < defect->faults.count && !m.reading.status; i++) {
        if (defect->faults.items[i].request != ABSENT)
            profile_refuse(&m.reading, "fault", "without '@': phases and repeats say where");
    }
    read_defect_phases(&m.reading, defect);
    read_defect_repeats(&m.reading, defect);
    close_member(&m, outer);
}

static void read_defects(struct profile_reading *r, struct synth_plan *plan)
{
    const cJSON *list = json_member(r->document, "defects"), *item;
    if (list && !cJSON_IsArray(list))
        profile_refuse(r, "defects", "a list of objects");
    cJSON_ArrayForEach(item, list)
    {
        if (plan->defect_count == SYNTH_DEFECTS_MAX)
            profile_refuse(r, "defects", "a list of at most 32 objects");
        else
            read_defect(r, item, &plan->defects[plan->defect_count++]);
        if (r->status)
            return;
    }
}

static void read_texts(struct profile_reading *r, struct synth_plan *plan)
{
    profile_read_text(r, "machine", &plan->machine);
    profile_read_text(r, "chip", &plan->chip);
    profile_read_text(r, "power_mode", &plan->power_mode);
    profile_read_text(r, "model_file", &plan->model_file);
    profile_read_text(r, "speculative", &plan->speculative);
    profile_read_text(r, "workload", &plan->workload);
    profile_read_text(r, "power_source", &plan->power_source);
}

static void read_course(struct profile_reading *r, struct synth_plan *plan)
{
    static const char *const methods[] = {"auto", "restart", "request", "reset", "nonce", "keep", NULL};
    int method = (int)plan->cold;
    profile_read_choice(r, "cold", methods, "'auto', 'restart', 'request', 'reset', 'nonce' or 'keep'",
                        &method);
    plan->cold = (enum cold_method)method;
    profile_read_flag(r, "calibrate", &plan->calibrate);
    profile_read_count(r, "runs", &plan->runs, 1, SYNTH_RUNS_MAX);
    profile_read_number(r, "pause_s", &plan->pause_s, 0, 1e6);
    profile_read_number(r, "idle_s", &plan->idle_s, 0, 1e6);
    profile_read_number(r, "timeout_s", &plan->timeout_s, 0.001, 1e6);
    profile_read_number(r, "stall_timeout_s", &plan->stall_s, 0.001, 1e6);
    profile_read_number(r, "sample_hz", &plan->sample_hz, 0.01, 1000);
    profile_read_number(r, "ram_gib", &plan->ram_gib, 0.001, 1e6);
    profile_read_number(r, "rss_gib", &plan->rss_gib, 0.001, 1e6);
    profile_read_number(r, "kv_bytes_per_token", &plan->kv_bytes_per_token, 0, 1e9);
}

static int set_defaults(struct synth_plan *plan, struct error *e)
{
    memset(plan, 0, sizeof *plan);
    plan->workload = mem_strdup("agentic-8");
    plan->power_source = mem_strdup("synthetic");
    plan->runs = 1;
    plan->pause_s = 0.5;
    plan->idle_s = 5;
    plan->timeout_s = 1800;
    plan->stall_s = 600;
    plan->sample_hz = 10;
    plan->ram_gib = plan->rss_gib = NAN;
    return plan->workload && plan->power_source ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

int synth_plan_parse(struct synth_plan *plan, const void *text, size_t len, struct error *e)
{
    int status = set_defaults(plan, e);
    cJSON *document = status ? NULL : json_parse(text, len, JSON_DOCUMENT_MAX, e);
    const cJSON *synth = json_member(document, "synth");
    struct profile_reading r = {synth, "synth.", e, status};
    if (!document)
        return status ? status : (e && e->code ? (int)e->code : TT_SYNTAX);
    if (synth && !cJSON_IsObject(synth))
        r.status = error_set(e, TT_USAGE, "profile key 'synth' must be an object");
    else if (synth)
        r.status = json_only_known(synth, plan_keys, "the profile's synth", e);
    if (!r.status) {
        read_texts(&r, plan);
        read_course(&r, plan);
        read_rails(&r, plan);
        read_phases(&r, plan);
        read_defects(&r, plan);
    }
    cJSON_Delete(document);
    return r.status;
}

void synth_plan_release(struct synth_plan *plan)
{
    char *const texts[] = {plan->machine,     plan->chip,     plan->power_mode,  plan->model_file,
                           plan->speculative, plan->workload, plan->power_source};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        mem_free(texts[i]);
    for (size_t i = 0; i < plan->rail_count; i++) {
        mem_free(plan->rails[i].name);
        mem_free(plan->rails[i].unit);
    }
    for (size_t i = 0; i < plan->phase_count; i++)
        mem_free(plan->phases[i].name);
    for (size_t i = 0; i < plan->defect_count; i++) {
        for (size_t k = 0; k < plan->defects[i].phase_count; k++)
            mem_free(plan->defects[i].phases[k]);
    }
    memset(plan, 0, sizeof *plan);
}

static int check_name(const struct workload *workload, const char *name, struct error *e)
{
    return workload_find(workload, name) >= 0
               ? TT_OK
               : error_set(e, TT_USAGE, "the profile's synth names a phase '%s', which workload '%s' has not",
                           name, workload->name);
}

int synth_plan_check(const struct synth_plan *plan, const struct workload *workload, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < plan->phase_count && !status; i++)
        status = check_name(workload, plan->phases[i].name, e);
    for (size_t i = 0; i < plan->defect_count; i++) {
        for (size_t k = 0; k < plan->defects[i].phase_count && !status; k++)
            status = check_name(workload, plan->defects[i].phases[k], e);
    }
    return status;
}

const struct synth_phase *synth_plan_phase(const struct synth_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->phase_count; i++) {
        if (strcmp(plan->phases[i].name, name) == 0)
            return &plan->phases[i];
    }
    return NULL;
}

static int is_in_phase(const struct synth_defect *defect, const char *phase)
{
    for (size_t i = 0; i < defect->phase_count; i++) {
        if (strcmp(defect->phases[i], phase) == 0)
            return 1;
    }
    return defect->phase_count == 0;
}

static int is_in_repeat(const struct synth_defect *defect, uint64_t repeat)
{
    for (size_t i = 0; i < defect->repeat_count; i++) {
        if (defect->repeats[i] == repeat)
            return 1;
    }
    return defect->repeat_count == 0;
}

int synth_plan_faults(const struct synth_plan *plan, const char *phase, uint64_t repeat,
                      struct fault_list *faults)
{
    for (size_t i = 0; i < plan->defect_count; i++) {
        const struct synth_defect *defect = &plan->defects[i];
        if (!is_in_phase(defect, phase) || !is_in_repeat(defect, repeat))
            continue;
        if (defect->faults.count > FAULTS_MAX - faults->count)
            return TT_LIMIT;
        memcpy(&faults->items[faults->count], defect->faults.items,
               defect->faults.count * sizeof faults->items[0]);
        faults->count += defect->faults.count;
    }
    return TT_OK;
}
