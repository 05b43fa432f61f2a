/* SPDX-License-Identifier: MIT */
#include "replay/script_workload.h"

#include <string.h>

#include "formats/jscan.h"
#include "formats/json.h"
#include "formats/jsonout.h"

/* What a phase says that no request was recorded of. */
#define NO_MESSAGES "[{\"role\":\"user\"}]"

static int put_messages(struct jsonout *j, const struct script *script, uint64_t phase, struct error *e)
{
    struct buf body = BUF_INIT;
    struct bytes messages = {NULL, 0};
    int status = TT_OK;
    size_t i = 0;
    while (i < script->count && script->runs[i].phase != phase)
        i++;
    if (i < script->count)
        status = script_body(script, i, &body, e);
    if (!status && i < script->count)
        messages = jscan_member_of(buf_bytes(&body), "messages");
    jsonout_key(j, "messages");
    if (messages.len)
        jsonout_raw(j, (const char *)messages.data, messages.len);
    else
        jsonout_raw(j, NO_MESSAGES, sizeof NO_MESSAGES - 1);
    buf_release(&body);
    return status;
}

static int put_phase(struct jsonout *j, const struct script *script, const cJSON *phase, uint64_t index,
                     struct error *e)
{
    const char *name = json_string(phase, "name");
    uint64_t tokens = json_count(phase, "max_tokens");
    jsonout_object(j);
    if (name)
        jsonout_field_string(j, "name", name);
    if (tokens != UINT64_MAX)
        jsonout_field_u64(j, "max_tokens", tokens);
    int status = put_messages(j, script, index, e);
    jsonout_field_bool(j, "cold", json_bool(phase, "cold", 0));
    jsonout_field_bool(j, "headline", json_bool(phase, "headline", 0));
    jsonout_field_bool(j, "long", json_bool(phase, "long", 0));
    jsonout_end(j, '}');
    return status;
}

static int write_document(const struct script *script, const cJSON *described, struct buf *out,
                          struct error *e)
{
    struct jsonout j;
    const cJSON *phase;
    const char *name = json_string(described, "name");
    uint64_t context = json_count(described, "context"), index = 0;
    int status = TT_OK;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    if (name)
        jsonout_field_string(&j, "name", name);
    if (context != UINT64_MAX && context)
        jsonout_field_u64(&j, "context", context);
    jsonout_key(&j, "phases");
    jsonout_array(&j);
    cJSON_ArrayForEach(phase, json_member(described, "phases"))
    {
        if (!status)
            status = put_phase(&j, script, phase, index++, e);
    }
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return status || !out->failed ? status
                                  : error_set(e, (enum tt_err)out->failed, "its workload is too large");
}

static int is_hash(const char *text)
{
    return text && strlen(text) == SHA256_HEX_BYTES - 1 &&
           strspn(text, "0123456789abcdef") == SHA256_HEX_BYTES - 1;
}

int script_workload(struct script *script, const cJSON *meta, struct error *e)
{
    const cJSON *described = json_member(meta, "workload");
    const char *hash = json_string(described, "sha256");
    struct buf document;
    if (!cJSON_IsObject(described) || !is_hash(hash))
        return error_set(e, TT_UNSUPPORTED, "it does not say which workload was recorded");
    buf_init(&document, JSON_FILE_MAX);
    int status = write_document(script, described, &document, e);
    if (!status) {
        status = workload_parse(&script->workload, document.data, document.len, e);
        if (status)
            error_prefix(e, "the recorded workload");
    }
    if (!status) /* requests differ from the script by what makes them cold: the name is the recording's */
        memcpy(script->workload.sha256, hash, sizeof script->workload.sha256);
    buf_release(&document);
    return status;
}
