/* SPDX-License-Identifier: MIT */
#include "analyze/info.h"

#include <string.h>

#include "analyze/tape_meta.h"
#include "formats/json.h"
#include "formats/jsonout.h"

#define COLD_CACHED_MAX                                                                                      \
    64 /* tokens that a cold run may find cached: the chat template alone may be shared                      \
        */

/* Members that only a reading of the whole trace tells. */
static const char *const derived[] = {"repeats", "runs", "cold", "power", "loss"};

#define DERIVED_COUNT   (sizeof derived / sizeof derived[0])
#define FACTS_BYTES_MAX ((size_t)32 << 10) /* END must stay below 64 KiB */

/* One description in the making. */
struct describe {
    cJSON *info;
    const cJSON *meta;
    int failed;
};

static void put(struct describe *d, const char *name, cJSON *item)
{
    if (json_set(d->info, name, item))
        d->failed = 1;
}

static void put_text(struct describe *d, const char *name, const char *text)
{
    put(d, name, text && *text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static void put_copy(struct describe *d, const char *name, const cJSON *from)
{
    const cJSON *item = json_member(from, name);
    put(d, name, item ? cJSON_Duplicate(item, 1) : cJSON_CreateNull());
}

/* An object under `name` that is filled at once; NULL when memory is out. */
static cJSON *put_object(struct describe *d, const char *name)
{
    cJSON *object = cJSON_CreateObject();
    put(d, name, object);
    return d->failed ? NULL : object;
}

static void set(struct describe *d, cJSON *object, const char *name, cJSON *item)
{
    if (!object)
        cJSON_Delete(item);
    else if (json_set(object, name, item))
        d->failed = 1;
}

static void put_head(struct describe *d, const char *content_id, const char *closed)
{
    static const char *const copied[] = {"host", "engine", "model", "speculative", "workload"};
    put_copy(d, "trace", d->meta);
    put_text(d, "content_id", content_id);
    put_copy(d, "format", d->meta);
    put_copy(d, "tool", d->meta);
    put_text(d, "closed", closed);
    put(d, "synthetic", cJSON_CreateBool(cJSON_IsTrue(json_member(d->meta, "synthetic"))));
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        put_copy(d, copied[i], d->meta);
    if (json_member(d->meta, "discipline"))
        put_copy(d, "discipline", d->meta);
}

static void put_tail(struct describe *d)
{
    const cJSON *options = json_member(d->meta, "options");
    if (json_member(options, "concurrency"))
        put_copy(d, "concurrency", options);
    if (json_member(d->meta, "replay"))
        put_copy(d, "replay", d->meta);
    if (json_member(d->meta, "import"))
        put_copy(d, "import", d->meta);
    put_copy(d, "labels", d->meta);
    put_copy(d, "privacy", d->meta);
}

static void put_runs(struct describe *d, const struct tape *tape)
{
    uint64_t repeats = 0, failed = 0;
    for (size_t i = 0; i < tape->run_count; i++) {
        const struct run_figures *f = tape_run_at(tape, i);
        if (f->repeat != ABSENT && f->repeat >= repeats)
            repeats = f->repeat + 1;
        failed += (f->invalid & (INVALID_FAILED | INVALID_CUT)) != 0;
    }
    put(d, "repeats", cJSON_CreateNumber((double)repeats));
    cJSON *runs = put_object(d, "runs");
    set(d, runs, "total", cJSON_CreateNumber((double)tape->run_count));
    set(d, runs, "ok", cJSON_CreateNumber((double)(tape->run_count - failed)));
    set(d, runs, "failed", cJSON_CreateNumber((double)failed));
}

static int asks_for_cold(const struct tape *tape, const struct run_figures *f)
{
    const cJSON *phases = json_path(tape->meta, "workload.phases");
    const cJSON *phase = f->phase < INT32_MAX ? cJSON_GetArrayItem(phases, (int)f->phase) : NULL;
    return json_bool(phase, "cold", 0);
}

/* The one method of all cold runs, "mixed", or NULL. */
static const char *cold_method(const struct tape *tape)
{
    const char *method = NULL;
    for (size_t i = 0; i < tape->run_count; i++) {
        uint64_t cold = tape_run_at(tape, i)->cold;
        if (cold == COLD_NOT_ASKED || cold == ABSENT)
            continue;
        if (method && strcmp(method, cold_method_name(cold)) != 0)
            return "mixed";
        method = cold_method_name(cold);
    }
    return method;
}

/* True when every cold run found nothing cached, null when an engine did not say. */
static cJSON *cold_verified(const struct tape *tape)
{
    int asked = 0, silent = 0;
    for (size_t i = 0; i < tape->run_count; i++) {
        const struct run_figures *f = tape_run_at(tape, i);
        if (!asks_for_cold(tape, f) || f->invalid & INVALID_FAILED)
            continue;
        asked = 1;
        silent |= f->cached_state != CACHED_NUMBER;
        if (f->cached_state == CACHED_NUMBER && f->cached_tokens > COLD_CACHED_MAX)
            return cJSON_CreateFalse();
    }
    return asked && !silent ? cJSON_CreateTrue() : cJSON_CreateNull();
}

static void put_cold(struct describe *d, const struct tape *tape)
{
    const char *method = cold_method(tape);
    cJSON *cold = put_object(d, "cold");
    if (!method)
        method = tape_text(tape, "cold.method");
    set(d, cold, "method", method ? cJSON_CreateString(method) : cJSON_CreateNull());
    set(d, cold, "verified", cold_verified(tape));
}

static int has_text(const cJSON *array, const char *text)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, array)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, text) == 0)
            return 1;
    }
    return 0;
}

static void add_once(struct describe *d, cJSON *array, const char *text)
{
    if (!array || has_text(array, text))
        return;
    cJSON *item = cJSON_CreateString(text);
    if (!item || !cJSON_AddItemToArray(array, item)) {
        cJSON_Delete(item);
        d->failed = 1;
    }
}

static void put_power(struct describe *d, const struct tape *tape)
{
    cJSON *power = put_object(d, "power"), *sources = cJSON_CreateArray(), *rails = cJSON_CreateArray();
    for (size_t i = 0; i < tape->series_count; i++) {
        const struct tape_series *s = &tape->series[i];
        if (s->row.kind != SERIES_ENERGY && s->row.kind != SERIES_POWER)
            continue;
        add_once(d, sources, s->source);
        add_once(d, rails, s->name);
    }
    set(d, power, "sources", sources);
    set(d, power, "rails", rails);
}

static void put_loss(struct describe *d, const struct tape *tape)
{
    cJSON *loss = put_object(d, "loss");
    set(d, loss, "stalls", cJSON_CreateNumber((double)tape->stalls));
    set(d, loss, "samples", cJSON_CreateNumber((double)tape->lost_samples));
}

static cJSON *finish(struct describe *d)
{
    if (!d->failed)
        return d->info;
    cJSON_Delete(d->info);
    return NULL;
}

cJSON *info_of_tape(const struct tape *tape)
{
    struct describe d = {cJSON_CreateObject(), tape->meta, 0};
    if (!d.info)
        return NULL;
    put_head(&d, tape->content_id, tape->closed);
    put_runs(&d, tape);
    put_cold(&d, tape);
    put_power(&d, tape);
    put_loss(&d, tape);
    put_tail(&d);
    return finish(&d);
}

/* META as it stands after all its later facts; NULL when END does not repeat them. */
static cJSON *merged_meta(const cJSON *meta, const cJSON *end)
{
    const cJSON *facts = json_path(end, "summary.facts");
    cJSON *merged = cJSON_IsArray(facts) ? cJSON_Duplicate(meta, 1) : NULL;
    if (merged && meta_apply_facts(merged, facts)) {
        cJSON_Delete(merged);
        return NULL;
    }
    return merged;
}

static int is_summary(const cJSON *summary)
{
    for (size_t i = 0; i < DERIVED_COUNT; i++) {
        const cJSON *item = json_member(summary, derived[i]);
        if (!cJSON_IsObject(item) && !cJSON_IsNumber(item))
            return 0;
    }
    return cJSON_IsObject(json_member(summary, "runs"));
}

cJSON *info_of_ends(const cJSON *meta, const cJSON *end)
{
    const cJSON *summary = json_member(end, "summary");
    cJSON *merged = is_summary(summary) ? merged_meta(meta, end) : NULL;
    struct describe d = {merged ? cJSON_CreateObject() : NULL, merged, 0};
    if (d.info) {
        put_head(&d, meta_content_id(end), meta_closed(merged, end));
        for (size_t i = 0; i < DERIVED_COUNT; i++)
            put_copy(&d, derived[i], summary);
        put_tail(&d);
    }
    cJSON_Delete(merged);
    return finish(&d);
}

/* Facts that would not fit are left out: then the trace has to be read. */
static void put_facts(struct jsonout *j, const struct tape *tape)
{
    struct buf text = BUF_INIT;
    struct jsonout facts;
    jsonout_init(&facts, &text, 0);
    info_put_json(tape->facts, &facts);
    if (!text.failed && text.len <= FACTS_BYTES_MAX) {
        jsonout_key(j, "facts");
        jsonout_raw(j, buf_text(&text), text.len);
    }
    buf_release(&text);
}

int info_put_summary(const struct tape *tape, struct buf *json)
{
    struct jsonout j;
    cJSON *info = info_of_tape(tape);
    if (!info)
        return TT_NOMEM;
    jsonout_init(&j, json, 0);
    jsonout_object(&j);
    for (size_t i = 0; i < DERIVED_COUNT; i++) {
        jsonout_key(&j, derived[i]);
        info_put_json(json_member(info, derived[i]), &j);
    }
    put_facts(&j, tape);
    jsonout_end(&j, '}');
    cJSON_Delete(info);
    return json->failed;
}

int info_summarise(const char *path, struct buf *json, struct error *e)
{
    struct tape tape;
    struct tape_options reading = {.allow_incomplete = 1, .without_prompts = 1};
    int status = tape_load(&tape, path, &reading, e);
    if (!status && info_put_summary(&tape, json))
        status = error_set(e, TT_NOMEM, "out of memory for the summary");
    tape_release(&tape);
    return status;
}
