/* SPDX-License-Identifier: MIT */
#include "formats/provenance.h"

#include <stdio.h>
#include <sys/random.h>

#include "formats/bytes.h"
#include "formats/digest.h"
#include "formats/json.h"
#include "formats/version.h"

static void identity_from(struct trace_identity *identity, unsigned char raw[16])
{
    raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40); /* RFC 9562: version 4 … */
    raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80); /* … and its variant */
    identity->id = get_le64(raw);
    char *to = identity->uuid;
    for (int i = 0; i < 16; i++)
        to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", raw[i]);
}

int trace_identity_make(struct trace_identity *identity, struct error *e)
{
    unsigned char raw[16];
    if (getentropy(raw, sizeof raw))
        return error_errno(e, TT_IO, "the system gives no random bytes");
    identity_from(identity, raw);
    return TT_OK;
}

void trace_identity_of(struct trace_identity *identity, const void *bytes, size_t len)
{
    unsigned char digest[SHA256_BYTES];
    sha256_of(bytes, len, digest);
    identity_from(identity, digest);
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

int provenance_detail(cJSON *meta, const char *parent, const char *const *substitutions)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(meta, "provenance");
    cJSON *entry = cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1), *names = cJSON_CreateArray();
    if (!entry) {
        cJSON_Delete(names);
        return TT_NOMEM;
    }
    int status = json_set(entry, "substitutions", names);
    for (size_t i = 0; !status && substitutions[i]; i++) {
        if (!cJSON_AddItemToArray(names, cJSON_CreateString(substitutions[i])))
            status = TT_NOMEM;
    }
    return status ? status : add_parent(entry, parent);
}
