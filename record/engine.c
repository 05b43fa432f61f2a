/* SPDX-License-Identifier: MIT */
#include "record/engine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/textsafe.h"
#include "record/engine_settings.h"
#include "record/engine_table.h"
#include "record/model_file.h"
#include "record/model_folder.h"

/* What is being put together, with the first failure kept so that one check at the end is enough. */
struct making {
    struct engine_identity *id;
    const struct reading *reading;
    const struct scrubber *scrubber;
    int failed;
};

/* ---- facts ---- */

/* Takes over `value`; NULL means that memory ran out. */
static int add_fact(cJSON *facts, const char *path, cJSON *value, const char *how)
{
    cJSON *fact = cJSON_CreateObject();
    if (!fact || !value || json_set_string(fact, "path", path)) {
        cJSON_Delete(fact);
        cJSON_Delete(value);
        return TT_NOMEM;
    }
    int status = json_set(fact, "value", value);
    if (!status)
        status = json_set_string(fact, "how", how);
    if (!status && cJSON_AddItemToArray(facts, fact))
        return TT_OK;
    cJSON_Delete(fact);
    return TT_NOMEM;
}

static void put(struct making *m, const char *path, cJSON *value, const char *how)
{
    int status = add_fact(m->id->facts, path, value, how);
    if (!m->failed)
        m->failed = status;
}

/* Scrubbed, and text that JSON and a terminal can take. NULL when memory is out. */
static cJSON *safe_string(const struct scrubber *scrubber, const char *text)
{
    struct buf clean = BUF_INIT, safe = BUF_INIT;
    int status = scrub_text(scrubber, &clean, text, strlen(text));
    if (!status)
        status = text_plain(&safe, buf_text(&clean));
    cJSON *string = status ? NULL : cJSON_CreateString(buf_text(&safe));
    buf_release(&clean);
    buf_release(&safe);
    return string;
}

static void put_text(struct making *m, const char *path, const char *text, const char *how)
{
    put(m, path, safe_string(m->scrubber, text), how);
}

static void put_count(struct making *m, const char *path, uint64_t count, const char *how)
{
    if (count != ABSENT)
        put(m, path, cJSON_CreateNumber((double)count), how);
}

/* Keeps a copy, capped, in *field and states it as a fact; nothing happens without a value. */
static void keep_text(struct making *m, char **field, struct bytes value, const char *path, const char *how)
{
    if (!value.len)
        return;
    *field = mem_strndup((const char *)value.data, value.len < ENGINE_TEXT_MAX ? value.len : ENGINE_TEXT_MAX);
    if (*field)
        put_text(m, path, *field, how);
    else
        m->failed = TT_NOMEM;
}

/* ---- what is learnt ---- */

static void learn_engine(struct making *m)
{
    const char *how = NULL;
    m->id->kind = engine_recognise(m->reading, &how);
    if (m->id->kind != ENGINE_UNKNOWN)
        put_text(m, "engine.name", engine_name(m->id->kind), how);
    struct bytes version = engine_version(m->reading, m->id->kind, &how);
    keep_text(m, &m->id->version, version, "engine.version", how);
    if (m->id->version)
        put_text(m, "engine.version_source", how, how);
}

static void learn_model(struct making *m)
{
    const char *how = NULL;
    char *quant = NULL;
    struct bytes id = setting_model_id(m->reading, &how);
    keep_text(m, &m->id->model_id, id, "model.id", how);
    struct bytes file = setting_model_file(m->reading, &how);
    keep_text(m, &m->id->model_file, file, "model.file", how);
    struct bytes quantisation = setting_quantisation(m->reading, &how);
    keep_text(m, &quant, quantisation, "model.quant", how);
    mem_free(quant);
}

static void learn_set_up(struct making *m)
{
    const char *how = NULL;
    m->id->context = setting_context(m->reading, &how);
    put_count(m, "engine.context", m->id->context, how);
    m->id->slots = setting_slots(m->reading, &how);
    put_count(m, "engine.slots", m->id->slots, how);
    struct bytes speculative = setting_speculative(m->reading, &how);
    keep_text(m, &m->id->speculative, speculative, "speculative.kind", how);
    if (m->id->speculative)
        put_text(m, "speculative.source", how, how);
}

typedef int scrub_words(const struct scrubber *s, struct buf *out, const char *words, size_t len);

/* `words`, each ended by NUL, are scrubbed already; doing it again to each changes nothing. */
static cJSON *word_list(const struct scrubber *scrubber, const struct buf *words)
{
    cJSON *list = cJSON_CreateArray();
    const char *p = buf_text(words), *end = p + words->len;
    for (; list && p < end; p += strlen(p) + 1) {
        cJSON *item = safe_string(scrubber, p);
        if (!item || !cJSON_AddItemToArray(list, item)) {
            cJSON_Delete(item);
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static void learn_words(struct making *m, const char *path, struct bytes words, scrub_words *scrub)
{
    struct buf clean = BUF_INIT;
    size_t len = words.len < ENGINE_ARGUMENTS_MAX ? words.len : ENGINE_ARGUMENTS_MAX;
    if (len)
        scrub(m->scrubber, &clean, (const char *)words.data, len);
    if (clean.failed || clean.len)
        put(m, path, clean.failed ? NULL : word_list(m->scrubber, &clean), "process");
    buf_release(&clean);
}

static void learn_process(struct making *m)
{
    const struct engine_evidence *evidence = m->reading->evidence;
    if (!evidence->process_count)
        return;
    const struct engine_process *p = &evidence->processes[0];
    if (p->executable)
        put_text(m, "engine.binary", p->executable, "process");
    learn_words(m, "engine.args", p->arguments, scrub_arguments);
    learn_words(m, "engine.environment", p->environment, scrub_environment);
}

int engine_identify(struct engine_identity *id, const struct engine_evidence *evidence,
                    const struct scrubber *scrubber, struct error *e)
{
    struct reading reading;
    memset(id, 0, sizeof *id);
    id->context = id->slots = ABSENT;
    id->facts = cJSON_CreateArray();
    struct making m = {id, &reading, scrubber, id->facts ? TT_OK : TT_NOMEM};
    int status = reading_init(&reading, evidence);
    if (!status && !m.failed) {
        learn_engine(&m);
        learn_model(&m);
        learn_set_up(&m);
        learn_process(&m);
    }
    reading_release(&reading);
    if (!status)
        status = m.failed;
    return status ? error_set(e, status, "out of memory for the engine's description") : TT_OK;
}

void engine_identity_release(struct engine_identity *id)
{
    mem_free(id->version);
    mem_free(id->model_id);
    mem_free(id->model_file);
    mem_free(id->speculative);
    cJSON_Delete(id->facts);
    memset(id, 0, sizeof *id);
}

/* ---- the model's file ---- */

static int add_size(void *context, const char *path, struct error *e)
{
    uint64_t *sum = context;
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
        return error_set(e, TT_NOTFOUND, "no such file");
    *sum += (uint64_t)st.st_size;
    return TT_OK;
}

static int knows(const struct engine_identity *id, const char *path)
{
    const cJSON *fact;
    cJSON_ArrayForEach(fact, id->facts)
    {
        const char *known = json_string(fact, "path");
        if (known && strcmp(known, path) == 0)
            return 1;
    }
    return 0;
}

/* Where Hugging Face keeps what it has fetched for this user; "" when that is unknown. */
static void find_hub(char hub[PATH_MAX])
{
    const char *own = getenv("HF_HUB_CACHE"), *home = getenv("HF_HOME"), *user = getenv("HOME");
    int n = 0;
    if (own && *own)
        n = snprintf(hub, PATH_MAX, "%s", own);
    else if (home && *home)
        n = snprintf(hub, PATH_MAX, "%s/hub", home);
    else if (user && *user)
        n = snprintf(hub, PATH_MAX, "%s/.cache/huggingface/hub", user);
    if (n <= 0 || n >= PATH_MAX)
        hub[0] = '\0';
}

static int measure_folder(struct engine_identity *id, const char *model)
{
    char hub[PATH_MAX];
    struct model_folder folder;
    find_hub(hub);
    int status = model_folder_read(model, hub[0] ? hub : NULL, &folder);
    if (status)
        return status == TT_NOMEM ? TT_NOMEM : TT_OK;
    if (folder.quant[0] && !knows(id, "model.quant"))
        status = add_fact(id->facts, "model.quant", cJSON_CreateString(folder.quant), folder.how);
    if (status || folder.size_bytes == ABSENT)
        return status;
    return add_fact(id->facts, "model.size_bytes", cJSON_CreateNumber((double)folder.size_bytes),
                    "size of the weights' files");
}

int engine_measure_model(struct engine_identity *id)
{
    uint64_t size = 0;
    const char *model = id->model_file ? id->model_file : id->model_id;
    if (!model)
        return TT_OK;
    int status = model[0] == '/' ? model_file_each(model, add_size, &size, NULL) : TT_NOTFOUND;
    if (status)
        return status == TT_NOMEM ? TT_NOMEM : measure_folder(id, model);
    return add_fact(id->facts, "model.size_bytes", cJSON_CreateNumber((double)size), "size of the file");
}

/* ---- what is new ---- */

static int states(const cJSON *facts, const cJSON *fact)
{
    const cJSON *known;
    cJSON_ArrayForEach(known, facts)
    {
        if (cJSON_Compare(known, fact, 1))
            return 1;
    }
    return 0;
}

cJSON *engine_facts_since(const struct engine_identity *older, const struct engine_identity *newer)
{
    cJSON *fresh = cJSON_CreateArray();
    const cJSON *fact;
    cJSON_ArrayForEach(fact, newer->facts)
    {
        if (!fresh || states(older->facts, fact))
            continue;
        cJSON *copy = cJSON_Duplicate(fact, 1);
        if (!copy || !cJSON_AddItemToArray(fresh, copy)) {
            cJSON_Delete(copy);
            cJSON_Delete(fresh);
            return NULL;
        }
    }
    return fresh;
}
