/* SPDX-License-Identifier: MIT */
#include "record/engine_table.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "formats/json.h"

const char *engine_name(enum engine_kind kind)
{
    static const char *const names[ENGINE_KINDS] = {"unknown", "llamacpp",  "mlx-lm",   "mlx_vlm",
                                                    "omlx",    "rapid-mlx", "vllm-mlx", "vllm",
                                                    "ollama",  "lmstudio",  "sglang",   "toktape"};
    return kind < ENGINE_KINDS ? names[kind] : names[ENGINE_UNKNOWN];
}

/* ---- recognising ---- */

enum sign {
    SIGN_SERVER, /* a Server: header begins with `text` */
    SIGN_METRIC, /* a metric's name begins with `text` */
    SIGN_OWNER,  /* /v1/models says owned_by `text` */
    SIGN_TITLE,  /* the API description's title begins with `text` */
    SIGN_MEMBER, /* the answer of `path` has the text member `text` */
    SIGN_READY,  /* likewise, and says by a flag `ready` whether it is */
    SIGN_PRINT,  /* system_fingerprint has the shape `text` */
    SIGN_PROGRAM /* the listening process is the program `text` */
};

/* The first that fits wins: engines that only one program calls itself stand before names that forks and
 * imitators share, and the process's name, which anyone can choose, stands last. */
static const struct rule {
    enum sign sign;
    const char *path, *text;
    enum engine_kind kind;
} rules[] = {
    {SIGN_SERVER, NULL, "toktape/", ENGINE_TOKTAPE},
    {SIGN_SERVER, NULL, "llama.cpp", ENGINE_LLAMACPP},
    {SIGN_SERVER, NULL, "mlx_vlm/", ENGINE_MLX_VLM},
    {SIGN_METRIC, NULL, "rapid_mlx_", ENGINE_RAPID_MLX},
    {SIGN_METRIC, NULL, "sglang:", ENGINE_SGLANG},
    {SIGN_METRIC, NULL, "llamacpp:", ENGINE_LLAMACPP},
    {SIGN_TITLE, NULL, "rapid-mlx", ENGINE_RAPID_MLX},
    {SIGN_TITLE, NULL, "vllm-mlx", ENGINE_VLLM_MLX},
    {SIGN_TITLE, NULL, "omlx", ENGINE_OMLX},
    {SIGN_OWNER, NULL, "llamacpp", ENGINE_LLAMACPP},
    {SIGN_OWNER, NULL, "omlx", ENGINE_OMLX},
    {SIGN_OWNER, NULL, "rapid-mlx", ENGINE_RAPID_MLX},
    {SIGN_OWNER, NULL, "vllm-mlx", ENGINE_VLLM_MLX},
    {SIGN_OWNER, NULL, "sglang", ENGINE_SGLANG},
    {SIGN_OWNER, NULL, "vllm", ENGINE_VLLM},
    {SIGN_METRIC, NULL, "vllm:", ENGINE_VLLM},
    {SIGN_MEMBER, "/props", "build_info", ENGINE_LLAMACPP},
    {SIGN_MEMBER, "/get_server_info", "version", ENGINE_SGLANG},
    {SIGN_MEMBER, "/api/version", "version", ENGINE_OLLAMA},
    {SIGN_PRINT, NULL, "fp_ollama", ENGINE_OLLAMA},
    {SIGN_PRINT, NULL, "b#-x", ENGINE_LLAMACPP},
    {SIGN_PRINT, NULL, "#.#.#-#.#.#-", ENGINE_MLX_LM},
    {SIGN_MEMBER, "/api/v0/models", "object", ENGINE_LMSTUDIO},
    {SIGN_MEMBER, "/version", "version", ENGINE_VLLM},
    {SIGN_MEMBER, "/health", "loaded_model", ENGINE_MLX_VLM},
    {SIGN_READY, "/health", "engine_type", ENGINE_RAPID_MLX}, /* it began as a copy of the next */
    {SIGN_MEMBER, "/health", "engine_type", ENGINE_VLLM_MLX},
    {SIGN_PROGRAM, NULL, "llama-server", ENGINE_LLAMACPP},
    {SIGN_PROGRAM, NULL, "mlx_lm", ENGINE_MLX_LM},
    {SIGN_PROGRAM, NULL, "mlx_vlm", ENGINE_MLX_VLM},
    {SIGN_PROGRAM, NULL, "omlx", ENGINE_OMLX},
    {SIGN_PROGRAM, NULL, "rapid-mlx", ENGINE_RAPID_MLX},
    {SIGN_PROGRAM, NULL, "vllm-mlx", ENGINE_VLLM_MLX},
    {SIGN_PROGRAM, NULL, "vllm", ENGINE_VLLM},
    {SIGN_PROGRAM, NULL, "ollama", ENGINE_OLLAMA},
    {SIGN_PROGRAM, NULL, "LM Studio", ENGINE_LMSTUDIO},
    {SIGN_PROGRAM, NULL, "sglang", ENGINE_SGLANG},
    {SIGN_PROGRAM, NULL, "toktape", ENGINE_TOKTAPE},
};

static int has_owner(const struct reading *r, const char *owner)
{
    const cJSON *list = json_member(reading_document(r, "/v1/models"), "data"), *entry;
    cJSON_ArrayForEach(entry, list)
    {
        const char *owned_by = json_string(entry, "owned_by");
        if (owned_by && strcasecmp(owned_by, owner) == 0)
            return 1;
    }
    return 0;
}

/* '#' is a number, 'x' a run of hexadecimal digits, anything else itself; the text may go on behind the
 * shape. */
static int has_shape(struct bytes text, const char *shape)
{
    size_t at = 0;
    for (; *shape; shape++) {
        size_t begin = at;
        while (*shape == '#' && at < text.len && isdigit(text.data[at]))
            at++;
        while (*shape == 'x' && at < text.len && isxdigit(text.data[at]))
            at++;
        if (*shape != '#' && *shape != 'x')
            at += at < text.len && text.data[at] == (unsigned char)*shape;
        if (at == begin)
            return 0;
    }
    return 1;
}

static int fits(const struct reading *r, const struct rule *rule)
{
    switch (rule->sign) {
    case SIGN_SERVER:
        return reading_server(r, rule->text).data != NULL;
    case SIGN_METRIC:
        return reading_has_metric(r, rule->text);
    case SIGN_OWNER:
        return has_owner(r, rule->text);
    case SIGN_TITLE:
        return r->openapi_title && strncasecmp(r->openapi_title, rule->text, strlen(rule->text)) == 0;
    case SIGN_MEMBER:
        return reading_text(r, rule->path, rule->text) != NULL;
    case SIGN_READY:
        return reading_text(r, rule->path, rule->text) != NULL &&
               cJSON_IsBool(json_member(reading_document(r, rule->path), "ready"));
    case SIGN_PRINT:
        return has_shape(r->evidence->fingerprint, rule->text);
    default:
        return reading_has_program(r, rule->text);
    }
}

static const char *describe_sign(const struct rule *rule)
{
    static const char *const names[] = {
        [SIGN_SERVER] = "Server: header",     [SIGN_METRIC] = "/metrics names",
        [SIGN_OWNER] = "/v1/models owned_by", [SIGN_TITLE] = "/openapi.json title",
        [SIGN_PRINT] = "system_fingerprint",  [SIGN_PROGRAM] = "process"};
    return names[rule->sign] ? names[rule->sign] : rule->path;
}

enum engine_kind engine_recognise(const struct reading *r, const char **how)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (fits(r, &rules[i])) {
            *how = describe_sign(&rules[i]);
            return rules[i].kind;
        }
    }
    *how = "nothing it says is known";
    return ENGINE_UNKNOWN;
}

enum engine_kind engine_of_process(const struct engine_process *p)
{
    struct engine_evidence evidence = {.processes = p, .process_count = 1};
    struct reading reading = {.evidence = &evidence};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].sign == SIGN_PROGRAM && fits(&reading, &rules[i]))
            return rules[i].kind;
    }
    return ENGINE_UNKNOWN;
}

/* ---- versions ---- */

enum version_place { IN_MEMBER, IN_SERVER, IN_PRINT, IN_METRIC_LABEL, IN_OPENAPI };

/* In the order of preference per engine. The API description of vllm-mlx and Rapid-MLX states a constant, so
 * it is not asked. */
static const struct version_rule {
    enum engine_kind kind;
    enum version_place place;
    const char *path, *text, *how;
} version_rules[] = {
    {ENGINE_LLAMACPP, IN_MEMBER, "/props", "build_info", "/props build_info"},
    {ENGINE_LLAMACPP, IN_PRINT, NULL, NULL, "system_fingerprint"},
    {ENGINE_MLX_LM, IN_PRINT, NULL, "-", "system_fingerprint"},
    {ENGINE_MLX_VLM, IN_SERVER, NULL, "mlx_vlm/", "Server: header"},
    {ENGINE_OMLX, IN_MEMBER, "/admin/info", "version", "/admin/info version"},
    {ENGINE_OMLX, IN_MEMBER, "/health", "version", "/health version"},
    {ENGINE_OMLX, IN_OPENAPI, NULL, NULL, "/openapi.json version"},
    {ENGINE_RAPID_MLX, IN_METRIC_LABEL, "rapid_mlx_build_info", "version", "/metrics rapid_mlx_build_info"},
    {ENGINE_VLLM, IN_MEMBER, "/version", "version", "/version"},
    {ENGINE_OLLAMA, IN_MEMBER, "/api/version", "version", "/api/version"},
    {ENGINE_SGLANG, IN_MEMBER, "/get_server_info", "version", "/get_server_info version"},
    {ENGINE_TOKTAPE, IN_SERVER, NULL, "toktape/", "Server: header"},
};

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const unsigned char *)text, text ? strlen(text) : 0};
}

/* All of it, or what stands before the first `stop`. */
static struct bytes fingerprint(const struct reading *r, const char *stop)
{
    struct bytes all = r->evidence->fingerprint;
    const unsigned char *end = stop && all.len ? memchr(all.data, *stop, all.len) : NULL;
    if (end)
        all.len = (size_t)(end - all.data);
    return all.len ? all : (struct bytes){NULL, 0};
}

static struct bytes version_at(const struct reading *r, const struct version_rule *rule)
{
    switch (rule->place) {
    case IN_MEMBER:
        return text_bytes(reading_text(r, rule->path, rule->text));
    case IN_SERVER:
        return reading_server(r, rule->text);
    case IN_PRINT:
        return fingerprint(r, rule->text);
    case IN_METRIC_LABEL:
        return reading_metric_label(r, rule->path, rule->text);
    default:
        return text_bytes(r->openapi_version);
    }
}

struct bytes engine_version(const struct reading *r, enum engine_kind kind, const char **how)
{
    for (size_t i = 0; i < sizeof version_rules / sizeof *version_rules; i++) {
        struct bytes version = {NULL, 0};
        if (version_rules[i].kind == kind)
            version = version_at(r, &version_rules[i]);
        if (version.len) {
            *how = version_rules[i].how;
            return version;
        }
    }
    return (struct bytes){NULL, 0};
}
