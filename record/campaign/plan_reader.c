/* SPDX-License-Identifier: MIT */
#include "record/campaign/plan_reader.h"

#include <math.h>
#include <string.h>

#include "formats/json.h"

static int is_among(const char *key, const char *const *known)
{
    for (; *known; known++) {
        if (strcmp(*known, key) == 0)
            return 1;
    }
    return strcmp(key, "comment") == 0;
}

static int stood_before(const cJSON *object, const cJSON *member)
{
    const cJSON *other = object->child;
    while (other != member && strcmp(other->string, member->string) != 0)
        other = other->next;
    return other != member;
}

void plan_check_keys(struct plan_reader *r, const struct place *at, const cJSON *object,
                     const char *const *known)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        struct place here = {at, member->string, 0};
        if (!is_among(member->string, known))
            findings_add(r->findings, &here, "there is no such key");
        else if (strcmp(member->string, "comment") != 0 && stood_before(object, member))
            findings_add(r->findings, &here, "the key stands there twice");
    }
}

static const cJSON *want(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                         int type, const char *name)
{
    const cJSON *member = json_member(object, key);
    struct place here = {at, key, 0};
    if (!member || (member->type & 0xff) == type)
        return member;
    findings_add(r->findings, &here, "this is to be %s", name);
    return NULL;
}

const char *plan_text(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key)
{
    const cJSON *member = want(r, at, object, key, cJSON_String, "a text");
    struct place here = {at, key, 0};
    if (!member || *member->valuestring)
        return member ? member->valuestring : NULL;
    findings_add(r->findings, &here, "this is empty");
    return NULL;
}

const cJSON *plan_object(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key)
{
    return want(r, at, object, key, cJSON_Object, "an object");
}

const cJSON *plan_array(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key)
{
    return want(r, at, object, key, cJSON_Array, "a list");
}

int plan_flag(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
              int fallback)
{
    const cJSON *member = json_member(object, key);
    struct place here = {at, key, 0};
    if (member && !cJSON_IsBool(member))
        findings_add(r->findings, &here, "this is to be true or false");
    return member && cJSON_IsBool(member) ? cJSON_IsTrue(member) : fallback;
}

uint64_t plan_count(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                    uint64_t fallback, uint64_t least, uint64_t most)
{
    uint64_t value = json_count(object, key);
    struct place here = {at, key, 0};
    if (!json_member(object, key) || (value >= least && value <= most))
        return json_member(object, key) ? value : fallback;
    findings_add(r->findings, &here, "this is to be a whole number from %llu to %llu",
                 (unsigned long long)least, (unsigned long long)most);
    return fallback;
}

double plan_real(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                 double fallback, double most)
{
    double value = json_number(object, key, NAN);
    struct place here = {at, key, 0};
    if (!json_member(object, key) || (value >= 0 && value <= most))
        return json_member(object, key) ? value : fallback;
    findings_add(r->findings, &here, "this is to be a number from 0 to %g", most);
    return fallback;
}

int plan_choice(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                const char *const *choices, int fallback)
{
    const char *text = plan_text(r, at, object, key);
    struct place here = {at, key, 0};
    struct buf list = BUF_INIT;
    for (int i = 0; text && choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            buf_release(&list);
            return i;
        }
        buf_printf(&list, "%s%s", i ? ", " : "", choices[i]);
    }
    if (text)
        findings_add(r->findings, &here, "this is to be one of %s", buf_text(&list));
    buf_release(&list);
    return fallback;
}

const struct plan_source *plan_source_of(const struct plan_cell_sources *s, const char *key)
{
    return json_member(s->own.object, key) ? &s->own : &s->defaults;
}
