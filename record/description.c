/* SPDX-License-Identifier: MIT */
#include "record/description.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/compress.h"
#include "formats/json.h"
#include "formats/secrets.h"
#include "formats/version.h"
#include "record/clock.h"
#include "record/hostinfo.h"
#include "record/http_connection.h"

#define FILE_NAME_PART_MAX 32

static int add_object(cJSON *parent, const char *name, cJSON **object)
{
    *object = cJSON_CreateObject();
    return json_set(parent, name, *object);
}

static int add_tool(cJSON *d)
{
    cJSON *tool;
    int status = add_object(d, "tool", &tool);
    if (!status)
        status = json_set_string(tool, "name", "toktape");
    return status ? status : json_set_string(tool, "version", toktape_version());
}

static int add_libraries(cJSON *d)
{
    cJSON *libraries;
    int status = add_object(d, "libraries", &libraries);
    if (!status)
        status = json_set_string(libraries, "compression", compress_library_version());
    if (!status)
        status = json_set_string(libraries, "http", http_library_version());
    return status;
}

static int add_clock(cJSON *d)
{
    struct clock_info info;
    char boot_id[SHA256_HEX_BYTES];
    cJSON *clock;
    clock_describe(&info);
    clock_boot_id(boot_id);
    int status = add_object(d, "clock", &clock);
    if (!status)
        status = json_set_string(clock, "name", info.name);
    if (!status)
        status = json_set_u64(clock, "numer", info.numer);
    if (!status)
        status = json_set_u64(clock, "denom", info.denom);
    if (!status)
        status = json_set_u64(clock, "resolution_ticks", info.resolution_ticks);
    if (!status)
        status = json_set_u64(clock, "read_cost_ns", info.read_cost_ns);
    if (!status && boot_id[0])
        status = json_set_string(clock, "boot_id", boot_id);
    return status;
}

static int add_created(cJSON *d)
{
    char text[32];
    struct tm utc;
    time_t now = time(NULL);
    if (!gmtime_r(&now, &utc) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc))
        return TT_OK;
    return json_set_string(d, "created", text);
}

static int add_host(cJSON *d)
{
    cJSON *host;
    int status = add_object(d, "host", &host);
    return status ? status : hostinfo_describe(host);
}

static int fill(cJSON *d, const struct trace_identity *identity, const char *action)
{
    cJSON *privacy;
    int status = json_set_string(d, "format", "toktape");
    if (!status)
        status = json_set_number(d, "format_version", 1);
    if (!status)
        status = json_set_string(d, "trace", identity->uuid);
    if (!status)
        status = add_tool(d);
    if (!status)
        status = add_object(d, "privacy", &privacy);
    if (!status)
        status = json_set_string(privacy, "content", "full");
    return status ? status : provenance_add(d, action, NULL);
}

static int add_here_and_now(cJSON *d)
{
    int status = add_created(d);
    if (!status)
        status = add_libraries(d);
    if (!status)
        status = add_clock(d);
    return status ? status : add_host(d);
}

cJSON *description_new_elsewhere(const struct trace_identity *identity, const char *action)
{
    cJSON *d = cJSON_CreateObject();
    if (d && fill(d, identity, action)) {
        cJSON_Delete(d);
        return NULL;
    }
    return d;
}

cJSON *description_new(const struct trace_identity *identity, const char *action)
{
    cJSON *d = description_new_elsewhere(identity, action);
    if (d && add_here_and_now(d)) {
        cJSON_Delete(d);
        return NULL;
    }
    return d;
}

int description_add_workload(cJSON *description, const struct workload *workload)
{
    struct buf text = BUF_INIT;
    int status = workload_describe(workload, &text);
    if (!status)
        status =
            json_set(description, "workload", json_parse(buf_text(&text), text.len, JSON_DOCUMENT_MAX, NULL));
    buf_release(&text);
    return status;
}

static int is_label_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
            return 0;
    }
    return len > 0 && len < 64;
}

static int set_scrubbed(cJSON *object, const char *name, const char *text, const struct scrubber *scrubber)
{
    struct buf clean = BUF_INIT;
    int status = secret_name(name, strlen(name)) && !secret_value_is_harmless(text, strlen(text))
                     ? buf_puts(&clean, SCRUB_REDACTED)
                     : scrub_text(scrubber, &clean, text, strlen(text));
    if (!status)
        status = json_set_string(object, name, buf_text(&clean));
    buf_release(&clean);
    return status;
}

/* How long its name is; 0 for what is no label. */
static size_t label_name(const char *text)
{
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : 0;
    return is_label_name(text, len) ? len : 0;
}

int description_check_label(const char *text, struct error *e)
{
    if (label_name(text))
        return TT_OK;
    return error_set(e, TT_USAGE,
                     "a label is NAME=VALUE, with letters, digits, '.', '_' and '-' in the name: '%s'", text);
}

static int add_label(cJSON *labels, const char *text, const struct scrubber *scrubber, struct error *e)
{
    size_t len = label_name(text);
    if (!len)
        return description_check_label(text, e);
    char name[64];
    memcpy(name, text, len);
    name[len] = '\0';
    return set_scrubbed(labels, name, text + len + 1, scrubber) ? error_set(e, TT_NOMEM, "out of memory")
                                                                : TT_OK;
}

int description_add_labels(cJSON *description, const char *const *labels, size_t count,
                           const struct scrubber *scrubber, struct error *e)
{
    cJSON *object;
    int status = add_object(description, "labels", &object);
    if (status)
        return error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; i < count && !status; i++)
        status = add_label(object, labels[i], scrubber, e);
    return status;
}

/* "engine.name" goes into the object "engine"; deeper paths do not occur among an engine's facts. */
static int place_fact(cJSON *description, const cJSON *fact)
{
    const char *path = json_string(fact, "path"), *dot = path ? strchr(path, '.') : NULL;
    char section[32];
    if (!dot || (size_t)(dot - path) >= sizeof section)
        return TT_OK;
    memcpy(section, path, (size_t)(dot - path));
    section[dot - path] = '\0';
    cJSON *object = cJSON_GetObjectItemCaseSensitive(description, section);
    int status = object ? TT_OK : add_object(description, section, &object);
    return status ? status : json_set(object, dot + 1, cJSON_Duplicate(json_member(fact, "value"), 1));
}

int description_add_facts(cJSON *description, cJSON *facts)
{
    const cJSON *fact;
    int status = json_set(description, "facts", facts);
    if (status)
        return status;
    cJSON_ArrayForEach(fact, facts)
    {
        status = place_fact(description, fact);
        if (status)
            return status;
    }
    return TT_OK;
}

int description_print(const cJSON *description, struct buf *out, struct error *e)
{
    char *text = cJSON_Print(description);
    if (!text || buf_printf(out, "%s\n", text)) {
        mem_free(text);
        return error_set(e, TT_NOMEM, "out of memory for the description");
    }
    mem_free(text);
    if (out->len > JSON_DOCUMENT_MAX)
        return error_set(e, TT_LIMIT, "the description has %zu bytes, over the limit of %zu", out->len,
                         JSON_DOCUMENT_MAX);
    return TT_OK;
}

/* One component: safe characters only, never a dot or dash in front. */
static void add_name_part(struct buf *out, const char *text)
{
    size_t before = out->len;
    for (; text && *text && out->len - before < FILE_NAME_PART_MAX; text++) {
        int safe = isalnum((unsigned char)*text) || strchr("._-", *text);
        int leads = out->len == before && !isalnum((unsigned char)*text);
        if (!leads)
            buf_putc(out, safe ? *text : '_');
    }
    if (out->len > before)
        buf_putc(out, '-');
}

static const char *model_base_name(const cJSON *description)
{
    const char *file = json_string(json_member(description, "model"), "file");
    const char *name = file ? file : json_string(json_member(description, "model"), "id");
    const char *slash = name ? strrchr(name, '/') : NULL;
    return slash ? slash + 1 : name;
}

static const char *without_suffix(const char *name, char *room, size_t size)
{
    snprintf(room, size, "%s", name ? name : "");
    char *suffix = strrchr(room, '.');
    if (suffix && strcmp(suffix, ".gguf") == 0)
        *suffix = '\0';
    return room;
}

int description_file_name(const cJSON *description, const struct trace_identity *identity, struct buf *out)
{
    char room[128];
    const cJSON *engine = json_member(description, "engine");
    const char *name = json_string(engine, "name");
    add_name_part(out, name ? name : "engine");
    add_name_part(out, json_string(engine, "version"));
    add_name_part(out, without_suffix(model_base_name(description), room, sizeof room));
    buf_printf(out, "%.6s.toktape", identity->uuid);
    return out->failed;
}
