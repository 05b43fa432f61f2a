/* SPDX-License-Identifier: MIT */
#include "analyze/tape_meta.h"

#include <math.h>
#include <string.h>

#include "formats/digest.h"
#include "formats/json.h"

#define PATH_NAME_MAX 64

/* The object that `path`'s last name belongs in, made where missing; NULL when something else is in the way
 * or memory is out. Copies that last name. */
static cJSON *find_parent(cJSON *object, const char *path, char last[PATH_NAME_MAX])
{
    while (cJSON_IsObject(object)) {
        size_t len = strcspn(path, ".");
        if (!len || len >= PATH_NAME_MAX)
            return NULL;
        memcpy(last, path, len);
        last[len] = '\0';
        if (!path[len])
            return object;
        cJSON *child = cJSON_GetObjectItemCaseSensitive(object, last);
        object = child ? child : cJSON_AddObjectToObject(object, last);
        path += len + 1;
    }
    return NULL;
}

static int apply_fact(cJSON *meta, const cJSON *fact)
{
    char name[PATH_NAME_MAX];
    const char *path = json_string(fact, "path");
    const cJSON *value = json_member(fact, "value");
    cJSON *parent = path && value ? find_parent(meta, path, name) : NULL;
    return parent ? json_set(parent, name, cJSON_Duplicate(value, 1)) : TT_OK;
}

int meta_apply_facts(cJSON *meta, const cJSON *facts)
{
    const cJSON *fact;
    int status = TT_OK;
    cJSON_ArrayForEach(fact, facts)
    {
        if (!status)
            status = apply_fact(meta, fact);
    }
    return status;
}

static int keep_facts(struct tape *tape, const cJSON *facts, struct error *e)
{
    const cJSON *fact;
    if (cJSON_GetArraySize(facts) > TAPE_FACTS_MAX - cJSON_GetArraySize(tape->facts))
        return error_set(e, TT_LIMIT, "the trace states more than %d facts about itself", TAPE_FACTS_MAX);
    cJSON_ArrayForEach(fact, facts)
    {
        cJSON *copy = cJSON_Duplicate(fact, 1);
        if (!copy || !cJSON_AddItemToArray(tape->facts, copy)) {
            cJSON_Delete(copy);
            return error_set(e, TT_NOMEM, "out of memory");
        }
    }
    return TT_OK;
}

/* The clock that META declares; 1/1 when it declares none that makes sense. */
static void find_clock(const cJSON *meta, uint64_t *numer, uint64_t *denom)
{
    const cJSON *clock = json_member(meta, "clock");
    *numer = json_u64(clock, "numer");
    *denom = json_u64(clock, "denom");
    if (*numer == 0 || *numer == UINT64_MAX || *denom == 0 || *denom == UINT64_MAX)
        *numer = *denom = 1;
}

int tape_add_meta(struct tape *tape, const cJSON *document, struct error *e)
{
    if (!tape->meta) {
        tape->meta = cJSON_Duplicate(document, 1);
        tape->facts = cJSON_CreateArray();
        find_clock(tape->meta, &tape->ticks_numer, &tape->ticks_denom);
        tape->is_masked = meta_is_masked(tape->meta);
    }
    if (!tape->meta || !tape->facts)
        return error_set(e, TT_NOMEM, "out of memory");
    if (json_bool(document, "description_lost", 0))
        return error_set(e, TT_UNSUPPORTED,
                         "the trace's description was lost, and its clock with it, so there are no figures; "
                         "'toktape extract' gives what was sent and received");
    const cJSON *facts = json_member(document, "facts");
    int status = cJSON_IsArray(facts) ? keep_facts(tape, facts, e) : TT_OK;
    if (!status && cJSON_IsArray(facts) && meta_apply_facts(tape->meta, facts))
        status = error_set(e, TT_NOMEM, "out of memory");
    return status;
}

static int was_repaired(const cJSON *meta)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, json_member(meta, "provenance"))
    {
        const char *action = json_string(step, "action");
        if (action && strcmp(action, "repair") == 0)
            return 1;
    }
    return 0;
}

const char *meta_closed(const cJSON *meta, const cJSON *end)
{
    const char *ended = json_string(end, "ended");
    if (was_repaired(meta) || (ended && strcmp(ended, "repaired") == 0))
        return "repaired";
    if (!end)
        return "incomplete";
    return ended && strcmp(ended, "clean") == 0 ? "clean" : "interrupted";
}

const char *meta_content_id(const cJSON *end)
{
    const char *stated = json_string(end, "content_id");
    int is_digest = stated && strlen(stated) == SHA256_HEX_BYTES - 1 &&
                    strspn(stated, "0123456789abcdef") == SHA256_HEX_BYTES - 1;
    return is_digest ? stated : NULL;
}

int meta_is_masked(const cJSON *meta)
{
    const char *content = json_string(json_member(meta, "privacy"), "content");
    return content && strcmp(content, "masked") == 0;
}

const char *tape_text(const struct tape *tape, const char *dotted)
{
    const cJSON *item = json_path(tape->meta, dotted);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

const char *tape_phase_name(const struct tape *tape, uint64_t phase)
{
    const cJSON *phases = json_path(tape->meta, "workload.phases");
    const cJSON *one =
        phase < INT32_MAX && cJSON_IsArray(phases) ? cJSON_GetArrayItem(phases, (int)phase) : NULL;
    const char *name = json_string(one, "name");
    return name ? name : "";
}

double tape_ns(const struct tape *tape, uint64_t ticks)
{
    return (double)ticks * (double)tape->ticks_numer / (double)tape->ticks_denom;
}

uint64_t tape_clock_ns(const struct tape *tape, uint64_t ticks)
{
    uint64_t whole = ticks / tape->ticks_denom, rest = ticks % tape->ticks_denom;
    return whole * tape->ticks_numer + rest * tape->ticks_numer / tape->ticks_denom;
}
