/* SPDX-License-Identifier: MIT */
#include "replay/profile_read.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"

void profile_refuse(struct profile_reading *r, const char *key, const char *wanted)
{
    if (!r->status)
        r->status = error_set(r->error, TT_USAGE, "profile key '%s%s' must be %s", r->where, key, wanted);
}

void profile_read_number(struct profile_reading *r, const char *key, double *value, double least, double most)
{
    const cJSON *item = json_member(r->document, key);
    if (!item)
        return;
    if (cJSON_IsNumber(item) && item->valuedouble >= least && item->valuedouble <= most)
        *value = item->valuedouble;
    else if (!r->status)
        r->status = error_set(r->error, TT_USAGE, "profile key '%s%s' must be a number from %g to %g",
                              r->where, key, least, most);
}

/* null means what `value` already says: not there. */
void profile_read_optional_number(struct profile_reading *r, const char *key, double *value, double least,
                                  double most)
{
    if (!cJSON_IsNull(json_member(r->document, key)))
        profile_read_number(r, key, value, least, most);
}

void profile_read_count(struct profile_reading *r, const char *key, uint64_t *value, uint64_t least,
                        uint64_t most)
{
    const cJSON *item = json_member(r->document, key);
    if (!item)
        return;
    uint64_t v = json_count(r->document, key);
    if (v != UINT64_MAX && v >= least && v <= most)
        *value = v;
    else if (!r->status)
        r->status =
            error_set(r->error, TT_USAGE, "profile key '%s%s' must be a whole number from %llu to %llu",
                      r->where, key, (unsigned long long)least, (unsigned long long)most);
}

void profile_read_flag(struct profile_reading *r, const char *key, int *value)
{
    const cJSON *item = json_member(r->document, key);
    if (!item)
        return;
    if (cJSON_IsBool(item))
        *value = cJSON_IsTrue(item);
    else
        profile_refuse(r, key, "true or false");
}

/* Text that stands in headers and JSON: printable, and not long. */
void profile_read_text(struct profile_reading *r, const char *key, char **value)
{
    const cJSON *item = json_member(r->document, key);
    if (!item)
        return;
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            len = 0;
    }
    if (len == 0 || len > 120) {
        profile_refuse(r, key, "a text of 1 to 120 printable characters");
        return;
    }
    mem_free(*value);
    *value = mem_strdup(text);
    if (!*value && !r->status)
        r->status = error_set(r->error, TT_NOMEM, "out of memory");
}

/* The index of the text in a NULL-ended list. */
void profile_read_choice(struct profile_reading *r, const char *key, const char *const *choices,
                         const char *wanted, int *value)
{
    const char *text = json_string(r->document, key);
    if (!json_member(r->document, key))
        return;
    for (int i = 0; choices[i]; i++) {
        if (text && strcmp(choices[i], text) == 0) {
            *value = i;
            return;
        }
    }
    profile_refuse(r, key, wanted);
}
