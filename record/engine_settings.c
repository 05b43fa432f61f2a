/* SPDX-License-Identifier: MIT */
#include "record/engine_settings.h"

#include <ctype.h>
#include <string.h>

#include "formats/jscan.h"
#include "formats/json.h"

#define PROCESS "process arguments"

static const struct bytes nothing = {NULL, 0};

static struct bytes text_bytes(const char *text)
{
    return text && *text ? (struct bytes){(const unsigned char *)text, strlen(text)} : nothing;
}

/* Takes `value` when nothing was found before. */
static void offer(struct bytes *found, const char **how, struct bytes value, const char *where)
{
    if (!found->data && value.len) {
        *found = value;
        *how = where;
    }
}

static void offer_count(uint64_t *found, const char **how, uint64_t value, const char *where)
{
    if (*found == ABSENT && value != ABSENT && value > 0) {
        *found = value;
        *how = where;
    }
}

static const cJSON *model_entry(const struct reading *r)
{
    return reading_model_entry(r, "/v1/models", "data", "id");
}

static const cJSON *ollama_entry(const struct reading *r)
{
    return reading_model_entry(r, "/api/ps", "models", "name");
}

/* Of several that it knows, the one that is loaded. */
static const cJSON *lmstudio_entry(const struct reading *r)
{
    const cJSON *entry = reading_model_entry(r, "/api/v0/models", "data", "id"), *loaded = NULL, *each;
    if (entry || r->evidence->model.len)
        return entry;
    cJSON_ArrayForEach(each, json_member(reading_document(r, "/api/v0/models"), "data"))
    {
        const char *state = json_string(each, "state");
        if (!state || strcmp(state, "loaded") != 0)
            continue;
        if (loaded)
            return NULL;
        loaded = each;
    }
    return loaded;
}

struct bytes setting_model_id(const struct reading *r, const char **how)
{
    static const char *const names[] = {"-a", "--alias", "--served-model-name", "--model", NULL};
    struct bytes id = nothing;
    offer(&id, how, r->evidence->model, "model of an answer");
    offer(&id, how, text_bytes(json_string(model_entry(r), "id")), "/v1/models");
    offer(&id, how, text_bytes(reading_text(r, "/props", "model_alias")), "/props model_alias");
    offer(&id, how, text_bytes(json_string(ollama_entry(r), "name")), "/api/ps");
    offer(&id, how, text_bytes(json_string(lmstudio_entry(r), "id")), "/api/v0/models");
    offer(&id, how, text_bytes(reading_text(r, "/health", "loaded_model")), "/health loaded_model");
    offer(&id, how, text_bytes(reading_text(r, "/health", "model_name")), "/health model_name");
    offer(&id, how, reading_argument(r, names), PROCESS);
    return id;
}

struct bytes setting_model_file(const struct reading *r, const char **how)
{
    /* Python's -m names a module: only llama.cpp's programs mean a model by it. */
    static const char *const long_names[] = {"--model", "--model-path", NULL};
    static const char *const names[] = {"-m", "--model", "--model-path", NULL};
    struct bytes file = nothing;
    offer(&file, how, text_bytes(reading_text(r, "/props", "model_path")), "/props model_path");
    offer(&file, how, text_bytes(reading_text(r, "/get_server_info", "model_path")),
          "/get_server_info model_path");
    offer(&file, how, text_bytes(json_string(model_entry(r), "root")), "/v1/models root");
    offer(&file, how, reading_argument(r, reading_has_program(r, "llama-server") ? names : long_names),
          PROCESS);
    return file;
}

struct bytes setting_quantisation(const struct reading *r, const char **how)
{
    static const char *const names[] = {"--quantization", NULL};
    struct bytes quant = nothing;
    const cJSON *meta = json_member(model_entry(r), "meta"),
                *details = json_member(ollama_entry(r), "details");
    offer(&quant, how, text_bytes(reading_text(r, "/props", "model_ftype")), "/props model_ftype");
    offer(&quant, how, text_bytes(json_string(meta, "ftype")), "/v1/models meta.ftype");
    offer(&quant, how, text_bytes(json_string(details, "quantization_level")), "/api/ps quantization_level");
    offer(&quant, how, text_bytes(json_string(lmstudio_entry(r), "quantization")),
          "/api/v0/models quantization");
    offer(&quant, how, text_bytes(reading_text(r, "/get_server_info", "quantization")),
          "/get_server_info quantization");
    offer(&quant, how, reading_argument(r, names), PROCESS);
    return quant;
}

static uint64_t number_argument(const struct reading *r, const char *const *names)
{
    struct bytes text = reading_argument(r, names);
    uint64_t value = 0;
    if (!text.len || text.len > 15)
        return ABSENT;
    for (size_t i = 0; i < text.len; i++) {
        if (!isdigit(text.data[i]))
            return ABSENT;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    return value;
}

static const cJSON *first_slot(const struct reading *r)
{
    const cJSON *slots = reading_document(r, "/slots");
    return cJSON_IsArray(slots) ? slots->child : NULL;
}

uint64_t setting_context(const struct reading *r, const char **how)
{
    static const char *const names[] = {"--max-model-len", "--context-length", "--max-kv-size", NULL};
    uint64_t n = ABSENT;
    offer_count(&n, how, reading_count(r, "/props", "default_generation_settings.n_ctx"), "/props n_ctx");
    offer_count(&n, how, json_count(first_slot(r), "n_ctx"), "/slots n_ctx");
    offer_count(&n, how, json_count(model_entry(r), "max_model_len"), "/v1/models max_model_len");
    offer_count(&n, how, json_count(json_member(model_entry(r), "meta"), "n_ctx"), "/v1/models meta.n_ctx");
    offer_count(&n, how, json_count(ollama_entry(r), "context_length"), "/api/ps context_length");
    offer_count(&n, how, json_count(lmstudio_entry(r), "loaded_context_length"),
                "/api/v0/models loaded_context_length");
    offer_count(&n, how, reading_count(r, "/health", "effective_context_limit"),
                "/health effective_context_limit");
    offer_count(&n, how, reading_count(r, "/health", "loaded_context_size"), "/health loaded_context_size");
    offer_count(&n, how, reading_count(r, "/get_server_info", "context_length"),
                "/get_server_info context_length");
    offer_count(&n, how, number_argument(r, names), PROCESS);
    return n;
}

uint64_t setting_slots(const struct reading *r, const char **how)
{
    static const char *const names[] = {"-np", "--parallel", "--max-num-seqs", "--max-running-requests",
                                        NULL};
    const cJSON *slots = reading_document(r, "/slots");
    uint64_t n = ABSENT;
    offer_count(&n, how, reading_count(r, "/props", "total_slots"), "/props total_slots");
    if (cJSON_IsArray(slots))
        offer_count(&n, how, (uint64_t)cJSON_GetArraySize(slots), "/slots");
    offer_count(&n, how, reading_count(r, "/get_server_info", "max_running_requests"),
                "/get_server_info max_running_requests");
    offer_count(&n, how, number_argument(r, names), PROCESS);
    return n;
}

/* "none,draft-mtp" is llama.cpp's way to say draft-mtp. */
static struct bytes without_none(const char *types)
{
    if (types && strncmp(types, "none,", 5) == 0)
        types += 5;
    return text_bytes(types);
}

/* vLLM's {"method": "mtp", "model": …}: the method, or "draft" for a model without one. */
static struct bytes speculative_method(struct bytes config)
{
    struct jscan s;
    struct jscan_text key, method = {.data = NULL};
    int has_model = 0;
    jscan_init(&s, (const char *)config.data, config.len);
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        has_model |= jscan_text_is(&key, "model");
        if (jscan_text_is(&key, "method") && jscan_type(&s) == JSCAN_STRING)
            jscan_string(&s, &method);
        else
            jscan_skip(&s);
    }
    if (s.failed)
        return text_bytes("unknown");
    if (method.len && jscan_text_is_plain(&method))
        return (struct bytes){method.data, method.len};
    return text_bytes(has_model ? "draft" : "unknown");
}

static struct bytes speculative_argument(const struct reading *r)
{
    static const char *const types[] = {"--spec-type", "--speculative-algorithm", "--draft-kind",
                                        "--speculative-config.method", NULL};
    static const char *const configs[] = {"--speculative-config", NULL};
    static const char *const drafts[] = {"-md",
                                         "--model-draft",
                                         "--spec-draft-model",
                                         "-hfd",
                                         "--spec-draft-hf",
                                         "--hf-repo-draft",
                                         "--draft-model",
                                         "--speculative-draft-model-path",
                                         "--speculative-config.model",
                                         NULL};
    struct bytes type = reading_argument(r, types), config = reading_argument(r, configs);
    if (type.len)
        return type;
    if (config.len)
        return speculative_method(config);
    return reading_argument(r, drafts).len ? text_bytes("draft") : nothing;
}

struct bytes setting_speculative(const struct reading *r, const char **how)
{
    const cJSON *slot = first_slot(r), *flag = json_member(slot, "speculative");
    const char *types = json_string(json_member(slot, "params"), "speculative.types");
    struct bytes kind = nothing;
    offer(&kind, how, speculative_argument(r), PROCESS);
    offer(&kind, how, text_bytes(reading_text(r, "/get_server_info", "speculative_algorithm")),
          "/get_server_info speculative_algorithm");
    if (!cJSON_IsBool(flag) || cJSON_IsTrue(flag))
        offer(&kind, how, without_none(types), "/slots speculative.types");
    if (cJSON_IsBool(flag))
        offer(&kind, how, text_bytes(cJSON_IsTrue(flag) ? "unknown" : "none"), "/slots speculative");
    return kind;
}
