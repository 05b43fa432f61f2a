/* SPDX-License-Identifier: MIT */
#include "formats/provenance.h"

#include <stdio.h>
#include <sys/random.h>

#include "formats/bytes.h"
#include "formats/json.h"
#include "formats/version.h"

int trace_identity_make(struct trace_identity *identity, struct error *e)
{
    unsigned char raw[16];
    if (getentropy(raw, sizeof raw))
        return error_errno(e, TT_IO, "the system gives no random bytes");
    raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40); /* RFC 9562: version 4 … */
    raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80); /* … and its variant */
    identity->id = get_le64(raw);
    char *to = identity->uuid;
    for (int i = 0; i < 16; i++)
        to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", raw[i]);
    return TT_OK;
}

static cJSON *add_entry(cJSON *meta)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(meta, "provenance"), *entry = cJSON_CreateObject();
    if (!cJSON_IsArray(list) && json_set(meta, "provenance", list = cJSON_CreateArray()))
        list = NULL;
    if (list && entry && cJSON_AddItemToArray(list, entry))
        return entry;
    cJSON_Delete(entry);
    return NULL;
}

static int add_parent(cJSON *entry, const char *parent)
{
    cJSON *parents = cJSON_CreateArray(), *id = cJSON_CreateString(parent);
    int status = json_set(entry, "parents", parents);
    if (!status && id && cJSON_AddItemToArray(parents, id))
        return TT_OK;
    cJSON_Delete(id);
    return TT_NOMEM;
}

int provenance_add(cJSON *meta, const char *action, const char *parent)
{
    char tool[48];
    cJSON *entry = add_entry(meta);
    snprintf(tool, sizeof tool, "toktape %s", toktape_version());
    int status = entry ? json_set_string(entry, "action", action) : TT_NOMEM;
    if (!status)
        status = json_set_string(entry, "tool", tool);
    return status || !parent ? status : add_parent(entry, parent);
}
