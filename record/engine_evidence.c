/* SPDX-License-Identifier: MIT */
#include "record/engine_evidence.h"

#include <string.h>
#include <strings.h>

#include "formats/alloc.h"
#include "formats/jscan.h"
#include "formats/json.h"

#define PROGRAM_ARGUMENTS 4 /* "python3 -m mlx_lm.server": the program is among the first words */

static int bytes_start_with(struct bytes b, const char *prefix)
{
    size_t len = strlen(prefix);
    return b.len >= len && memcmp(b.data, prefix, len) == 0;
}

static int bytes_are(struct bytes b, const char *text)
{
    return b.len == strlen(text) && memcmp(b.data, text, b.len) == 0;
}

static struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){(const unsigned char *)text, text ? strlen(text) : 0};
}

/* ---- documents ---- */

static char *take_text(struct jscan *s)
{
    struct jscan_text text;
    jscan_string(s, &text);
    if (s->failed || text.len > ENGINE_TEXT_MAX)
        return NULL;
    char *copy = mem_alloc(JSCAN_DECODED_MAX(text.len) + 1);
    if (copy)
        copy[jscan_decode(&text, (unsigned char *)copy)] = '\0';
    return copy;
}

static void scan_openapi_info(struct reading *r, struct jscan *s)
{
    struct jscan_text key;
    jscan_enter(s);
    while (jscan_member(s, &key)) {
        if (jscan_text_is(&key, "title") && !r->openapi_title)
            r->openapi_title = take_text(s);
        else if (jscan_text_is(&key, "version") && !r->openapi_version)
            r->openapi_version = take_text(s);
        else
            jscan_skip(s);
    }
}

/* Only the beginning of the document was fetched, so it cannot be parsed as a whole. */
static void scan_openapi(struct reading *r)
{
    const struct probe_answer *a = probe_find(r->evidence->probes, "/openapi.json");
    struct jscan s;
    struct jscan_text key;
    if (!a)
        return;
    jscan_init(&s, buf_text(&a->body), a->body.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return;
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (jscan_text_is(&key, "info") && jscan_type(&s) == JSCAN_OBJECT)
            scan_openapi_info(r, &s);
        else
            jscan_skip(&s);
    }
}

int reading_init(struct reading *r, const struct engine_evidence *evidence)
{
    memset(r, 0, sizeof *r);
    r->evidence = evidence;
    const struct probe_set *set = evidence->probes;
    for (size_t i = 0; set && i < set->count; i++) {
        const struct probe_answer *a = probe_find(set, set->answers[i].path);
        struct error e = {0};
        if (!a || !a->body.len)
            continue;
        cJSON *document = json_parse(buf_text(&a->body), a->body.len, JSON_DOCUMENT_MAX, &e);
        if (!document && e.code == TT_NOMEM)
            return TT_NOMEM;
        r->documents[r->count].path = a->path;
        r->documents[r->count++].document = document;
    }
    if (set)
        scan_openapi(r);
    return TT_OK;
}

void reading_release(struct reading *r)
{
    for (size_t i = 0; i < r->count; i++)
        cJSON_Delete(r->documents[i].document);
    mem_free(r->openapi_title);
    mem_free(r->openapi_version);
    memset(r, 0, sizeof *r);
}

const cJSON *reading_document(const struct reading *r, const char *path)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->documents[i].path, path) == 0)
            return r->documents[i].document;
    }
    return NULL;
}

const char *reading_text(const struct reading *r, const char *path, const char *dotted)
{
    const cJSON *item = json_path(reading_document(r, path), dotted);
    return cJSON_IsString(item) && *item->valuestring ? item->valuestring : NULL;
}

uint64_t reading_count(const struct reading *r, const char *path, const char *dotted)
{
    const char *last = strrchr(dotted, '.');
    const cJSON *parent = reading_document(r, path);
    if (!last)
        return json_count(parent, dotted);
    char *head = mem_strndup(dotted, (size_t)(last - dotted));
    uint64_t count = head ? json_count(json_path(parent, head), last + 1) : ABSENT;
    mem_free(head);
    return count;
}

static int is_the_model(const struct reading *r, const cJSON *entry, const char *id_name)
{
    const char *id = json_string(entry, id_name);
    return id && r->evidence->model.len && bytes_are(r->evidence->model, id);
}

const cJSON *reading_model_entry(const struct reading *r, const char *path, const char *list,
                                 const char *id_name)
{
    const cJSON *entries = json_member(reading_document(r, path), list), *entry;
    if (!cJSON_IsArray(entries))
        return NULL;
    cJSON_ArrayForEach(entry, entries)
    {
        if (is_the_model(r, entry, id_name))
            return entry;
    }
    return cJSON_GetArraySize(entries) == 1 ? entries->child : NULL;
}

/* ---- headers and metrics ---- */

static struct bytes after_prefix(struct bytes value, const char *prefix)
{
    if (!bytes_start_with(value, prefix))
        return (struct bytes){NULL, 0};
    struct bytes rest = {value.data + strlen(prefix), value.len - strlen(prefix)};
    const unsigned char *blank = rest.len ? memchr(rest.data, ' ', rest.len) : NULL;
    if (blank)
        rest.len = (size_t)(blank - rest.data);
    return rest;
}

struct bytes reading_server(const struct reading *r, const char *prefix)
{
    const struct probe_set *set = r->evidence->probes;
    struct bytes found = after_prefix(r->evidence->server, prefix);
    for (size_t i = 0; !found.data && set && i < set->count; i++)
        found = after_prefix(http_header_value(&set->answers[i].head, "Server"), prefix);
    return found;
}

/* The first line of /metrics that begins with `prefix`; no comment lines. .data NULL when there is none. */
static struct bytes metric_line(const struct reading *r, const char *prefix)
{
    const struct probe_answer *a = r->evidence->probes ? probe_find(r->evidence->probes, "/metrics") : NULL;
    const char *p = a ? buf_text(&a->body) : "";
    while (*p) {
        size_t len = strcspn(p, "\n");
        if (strncmp(p, prefix, strlen(prefix)) == 0)
            return (struct bytes){(const unsigned char *)p, len};
        p += len + (p[len] == '\n');
    }
    return (struct bytes){NULL, 0};
}

int reading_has_metric(const struct reading *r, const char *prefix)
{
    return metric_line(r, prefix).data != NULL;
}

/* Exposition format: name{label="value",label="value"} number */
struct bytes reading_metric_label(const struct reading *r, const char *metric, const char *label)
{
    struct bytes line = metric_line(r, metric), none = {NULL, 0};
    const char *text = (const char *)line.data;
    size_t len = strlen(label);
    for (size_t i = 1; i + len + 2 < line.len; i++) {
        int begins = (text[i - 1] == '{' || text[i - 1] == ',') && strncmp(text + i, label, len) == 0;
        if (!begins || text[i + len] != '=' || text[i + len + 1] != '"')
            continue;
        const char *from = text + i + len + 2, *to = memchr(from, '"', line.len - i - len - 2);
        return to ? (struct bytes){(const unsigned char *)from, (size_t)(to - from)} : none;
    }
    return none;
}

/* ---- processes ---- */

/* Takes the next NUL-separated argument; 0 at the end. */
static int next_argument(struct bytes *rest, struct bytes *argument)
{
    if (!rest->len)
        return 0;
    const unsigned char *end = memchr(rest->data, '\0', rest->len);
    argument->data = rest->data;
    argument->len = end ? (size_t)(end - rest->data) : rest->len;
    size_t taken = argument->len + (end != NULL);
    rest->data += taken;
    rest->len -= taken;
    return 1;
}

/* "--name" gives an empty value with *follows set, "--name=value" the value; .data NULL when it is another
 * one. */
static struct bytes value_in(struct bytes argument, const char *name, int *follows)
{
    size_t len = strlen(name);
    *follows = bytes_are(argument, name);
    if (!*follows && bytes_start_with(argument, name) && argument.data[len] == '=')
        return (struct bytes){argument.data + len + 1, argument.len - len - 1};
    return (struct bytes){NULL, 0};
}

static struct bytes argument_of(struct bytes rest, const char *const *names)
{
    struct bytes argument, found = {NULL, 0};
    int take_next = 0;
    while (next_argument(&rest, &argument)) {
        if (take_next)
            found = argument;
        take_next = 0;
        for (const char *const *name = names; *name && !take_next; name++) {
            struct bytes value = value_in(argument, *name, &take_next);
            if (value.data)
                found = value;
        }
    }
    return found;
}

static int bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

struct bytes reading_argument(const struct reading *r, const char *const *names)
{
    const struct engine_evidence *evidence = r->evidence;
    struct bytes found = {NULL, 0};
    if (evidence->process_count)
        found = argument_of(evidence->processes[0].arguments, names);
    int is_own = found.data != NULL;
    for (size_t i = 1; !is_own && i < evidence->process_count; i++) {
        struct bytes value = argument_of(evidence->processes[i].arguments, names);
        if (value.data && found.data && !bytes_equal(value, found))
            return (struct bytes){NULL, 0};
        if (value.data)
            found = value;
    }
    return found;
}

static struct bytes last_component(struct bytes path)
{
    for (size_t i = path.len; i > 0; i--) {
        if (path.data[i - 1] == '/')
            return (struct bytes){path.data + i, path.len - i};
    }
    return path;
}

/* "mlx_lm" is also "mlx_lm.server", "LM Studio" also "LM Studio Helper (Node)", and Linux puts " (deleted)"
 * behind a program that was replaced meanwhile; but "vllm" is not "vllm-mlx". */
static int is_program(struct bytes word, const char *program)
{
    struct bytes name = last_component(word);
    size_t len = strlen(program);
    return bytes_start_with(name, program) &&
           (name.len == len || name.data[len] == '.' || name.data[len] == ' ');
}

static int process_is(const struct engine_process *p, const char *program)
{
    struct bytes rest = p->arguments, argument;
    if (p->executable && is_program(bytes_of_text(p->executable), program))
        return 1;
    for (int i = 0; i < PROGRAM_ARGUMENTS && next_argument(&rest, &argument); i++) {
        if (is_program(argument, program))
            return 1;
    }
    return 0;
}

int reading_has_program(const struct reading *r, const char *program)
{
    return r->evidence->process_count > 0 && process_is(&r->evidence->processes[0], program);
}
