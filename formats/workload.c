/* SPDX-License-Identifier: MIT */
#include "formats/workload.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/jscan.h"
#include "formats/json.h"
#include "formats/json_minify.h"
#include "formats/jsonout.h"

/* Where an error is: "phase 3 ('warm')", or "the workload". */
struct place {
    char text[WORKLOAD_NAME_MAX + 40];
};

/* -------- looking into checked, minified JSON -------- */

static enum jscan_type type_of(struct bytes value)
{
    struct jscan s;
    jscan_init(&s, value.data, value.len);
    return jscan_type(&s);
}

static int is_word(struct bytes value, const char *word)
{
    size_t len = strlen(word);
    return value.len == len && memcmp(value.data, word, len) == 0;
}

/* The first member of that name; .data is NULL when there is none. */
static struct bytes member(struct bytes object, const char *name)
{
    struct jscan s;
    struct jscan_text key;
    jscan_init(&s, object.data, object.len);
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (jscan_text_is(&key, name))
            return jscan_raw(&s);
        jscan_skip(&s);
    }
    return (struct bytes){NULL, 0};
}

/* -------- one key each -------- */

static int name_is_good(const struct jscan_text *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (name->len == 0 || name->len > WORKLOAD_NAME_MAX || name->data[0] == '.' || name->data[0] == '-')
        return 0;
    for (size_t i = 0; i < name->len; i++) {
        if (!memchr(letters, name->data[i], sizeof letters - 1))
            return 0;
    }
    return 1;
}

static int read_name(struct bytes object, const struct place *at, char **name, struct error *e)
{
    struct bytes value = member(object, "name");
    struct jscan s;
    struct jscan_text text;
    if (!value.data)
        return error_set(e, TT_USAGE, "%s has no 'name'", at->text);
    jscan_init(&s, value.data, value.len);
    jscan_string(&s, &text);
    if (s.failed || !name_is_good(&text))
        return error_set(
            e, TT_USAGE,
            "'name' in %s must be 1 to %d letters, digits, '.', '_' or '-', the first no '.' or '-'",
            at->text, WORKLOAD_NAME_MAX);
    *name = mem_strndup((const char *)text.data, text.len);
    return *name ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

static int read_bool(struct bytes object, const char *key, const struct place *at, int *flag, struct error *e)
{
    struct bytes value = member(object, key);
    *flag = is_word(value, "true");
    if (!value.data || *flag || is_word(value, "false"))
        return TT_OK;
    return error_set(e, TT_USAGE, "'%s' in %s must be true or false", key, at->text);
}

/* A missing key leaves *count as it is. */
static int read_count(struct bytes object, const char *key, const struct place *at, uint64_t *count,
                      struct error *e)
{
    struct bytes value = member(object, key);
    struct jscan s;
    struct jscan_number number;
    if (!value.data)
        return TT_OK;
    jscan_init(&s, value.data, value.len);
    jscan_number(&s, &number);
    if (s.failed || number.integer == 0 || number.integer > WORKLOAD_TOKENS_MAX)
        return error_set(e, TT_USAGE, "'%s' in %s must be a whole number from 1 to %llu", key, at->text,
                         (unsigned long long)WORKLOAD_TOKENS_MAX);
    *count = number.integer;
    return TT_OK;
}

static int find_word(const struct jscan_text *text, const char *const *words)
{
    int i = 0;
    while (words[i] && !jscan_text_is(text, words[i]))
        i++;
    return words[i] ? i : -1;
}

static int check_keys(struct bytes object, const char *const *known, const struct place *at, struct error *e)
{
    struct jscan s;
    struct jscan_text key;
    unsigned seen = 0; /* one bit for each known key */
    jscan_init(&s, object.data, object.len);
    for (jscan_enter(&s); jscan_member(&s, &key); jscan_skip(&s)) {
        int shown = key.len > 60 ? 60 : (int)key.len, k = find_word(&key, known);
        if (k < 0)
            return error_set(e, TT_USAGE, "unknown key '%.*s' in %s", shown, (const char *)key.data,
                             at->text);
        if (seen & 1u << k)
            return error_set(e, TT_USAGE, "key '%s' stands twice in %s", known[k], at->text);
        seen |= 1u << k;
    }
    return TT_OK;
}

static int check_message(struct bytes message, size_t number, const struct place *at, struct error *e)
{
    struct bytes role = member(message, "role");
    if (type_of(message) != JSCAN_OBJECT)
        return error_set(e, TT_USAGE, "message %zu of %s must be an object", number, at->text);
    if (type_of(role) != JSCAN_STRING || role.len <= 2)
        return error_set(e, TT_USAGE, "message %zu of %s has no 'role'", number, at->text);
    return TT_OK;
}

static int check_tool(struct bytes tool, size_t number, const struct place *at, struct error *e)
{
    if (type_of(tool) == JSCAN_OBJECT)
        return TT_OK;
    return error_set(e, TT_USAGE, "tool %zu of %s must be an object", number, at->text);
}

typedef int check_element_fn(struct bytes element, size_t number, const struct place *at, struct error *e);

/* -------- a phase -------- */

/* Copies a non-empty array verbatim once every element passed. */
static int copy_array(struct bytes value, const char *key, check_element_fn *check, const struct place *at,
                      char **copy, struct error *e)
{
    struct jscan s;
    int status = TT_OK;
    if (type_of(value) != JSCAN_ARRAY || value.len <= 2)
        return error_set(e, TT_USAGE, "'%s' in %s must be a list with at least one element", key, at->text);
    jscan_init(&s, value.data, value.len);
    jscan_enter(&s);
    for (size_t n = 1; !status && jscan_element(&s); n++)
        status = check(jscan_raw(&s), n, at, e);
    if (status)
        return status;
    *copy = mem_strndup((const char *)value.data, value.len);
    return *copy ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

static int read_texts(struct workload_phase *phase, struct bytes object, const struct place *at,
                      struct error *e)
{
    struct bytes messages = member(object, "messages"), tools = member(object, "tools");
    if (!messages.data)
        return error_set(e, TT_USAGE, "%s has no 'messages'", at->text);
    int status = copy_array(messages, "messages", check_message, at, &phase->messages, e);
    if (!status && tools.data)
        status = copy_array(tools, "tools", check_tool, at, &phase->tools, e);
    return status;
}

static int read_settings(struct workload_phase *phase, struct bytes object, const struct place *at,
                         struct error *e)
{
    int status = read_count(object, "max_tokens", at, &phase->max_tokens, e);
    if (!status && !phase->max_tokens)
        status = error_set(e, TT_USAGE, "%s has no 'max_tokens'", at->text);
    if (!status)
        status = read_bool(object, "cold", at, &phase->cold, e);
    if (!status)
        status = read_bool(object, "headline", at, &phase->headline, e);
    if (!status)
        status = read_bool(object, "long", at, &phase->is_long, e);
    if (!status)
        status = read_count(object, "think_ms", at, &phase->think_ms, e);
    if (!status && phase->think_ms > WORKLOAD_THINK_MAX)
        status = error_set(e, TT_USAGE, "'think_ms' in %s is over a day", at->text);
    return status;
}

static int read_phase(struct workload_phase *phase, struct bytes object, size_t number, struct error *e)
{
    static const char *const known[] = {"name",     "max_tokens", "messages", "tools", "cold",
                                        "headline", "long",       "think_ms", NULL};
    struct place at;
    snprintf(at.text, sizeof at.text, "phase %zu", number);
    if (type_of(object) != JSCAN_OBJECT)
        return error_set(e, TT_USAGE, "%s must be an object", at.text);
    int status = read_name(object, &at, &phase->name, e);
    if (status)
        return status;
    snprintf(at.text, sizeof at.text, "phase %zu ('%s')", number, phase->name);
    status = check_keys(object, known, &at, e);
    if (!status)
        status = read_settings(phase, object, &at, e);
    if (!status)
        status = read_texts(phase, object, &at, e);
    return status;
}

static int add_phase(struct workload *w, size_t *capacity, struct bytes object, struct error *e)
{
    size_t number = w->phase_count + 1;
    if (number > WORKLOAD_PHASES_MAX)
        return error_set(e, TT_LIMIT, "a workload has at most %d phases", WORKLOAD_PHASES_MAX);
    if (mem_grow(&w->phases, capacity, number, sizeof *w->phases))
        return error_set(e, TT_NOMEM, "out of memory");
    struct workload_phase *phase = &w->phases[w->phase_count];
    memset(phase, 0, sizeof *phase);
    w->phase_count = number; /* counted at once, so that a half-read one is released with the rest */
    int status = read_phase(phase, object, number, e);
    if (status)
        return status;
    long first = workload_find(w, phase->name);
    if ((size_t)first + 1 < number)
        return error_set(e, TT_USAGE, "phases %ld and %zu are both called '%s'", first + 1, number,
                         phase->name);
    return TT_OK;
}

static int read_phases(struct workload *w, struct bytes root, struct error *e)
{
    struct bytes list = member(root, "phases");
    struct jscan s;
    size_t capacity = 0;
    int status = TT_OK;
    if (type_of(list) != JSCAN_ARRAY || list.len <= 2)
        return error_set(e, TT_USAGE, "the workload must have 'phases', a list with at least one element");
    jscan_init(&s, list.data, list.len);
    jscan_enter(&s);
    while (!status && jscan_element(&s))
        status = add_phase(w, &capacity, jscan_raw(&s), e);
    return status;
}

/* -------- the document -------- */

/* A token of ordinary English or code takes 3.5 bytes of JSON or more: this errs towards more context. */
uint64_t workload_phase_context(const struct workload_phase *phase)
{
    size_t bytes = strlen(phase->messages) + (phase->tools ? strlen(phase->tools) : 0);
    return ((uint64_t)bytes * 2 + 6) / 7 + phase->max_tokens; /* rounded up */
}

static uint64_t estimate_context(const struct workload *w)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < w->phase_count; i++) {
        uint64_t tokens = workload_phase_context(&w->phases[i]);
        largest = tokens > largest ? tokens : largest;
    }
    return largest;
}

static int hash_workload(struct workload *w, struct error *e)
{
    struct buf text = BUF_INIT;
    unsigned char digest[SHA256_BYTES];
    int status = workload_canonical(w, &text);
    if (status) {
        status = error_set(e, (enum tt_err)status, "no room for the workload '%s'", w->name);
    } else {
        sha256_of(text.data, text.len, digest);
        sha256_hex(digest, w->sha256);
    }
    buf_release(&text);
    return status;
}

static int read_root(struct workload *w, struct bytes root, struct error *e)
{
    static const char *const known[] = {"name", "context", "phases", NULL};
    static const struct place at = {"the workload"};
    if (type_of(root) != JSCAN_OBJECT)
        return error_set(e, TT_USAGE, "a workload is a JSON object with 'name' and 'phases'");
    int status = check_keys(root, known, &at, e);
    if (!status)
        status = read_name(root, &at, &w->name, e);
    if (!status)
        status = read_phases(w, root, e);
    if (status)
        return status;
    w->context_needed = estimate_context(w);
    status = read_count(root, "context", &at, &w->context_needed, e);
    return status ? status : hash_workload(w, e);
}

int workload_parse(struct workload *w, const void *text, size_t len, struct error *e)
{
    struct buf compact;
    buf_init(&compact, JSON_FILE_MAX);
    memset(w, 0, sizeof *w);
    int status;
    if (len > JSON_FILE_MAX)
        status =
            error_set(e, TT_LIMIT, "a workload of %zu bytes is over the limit of %zu", len, JSON_FILE_MAX);
    else
        status = json_minify(text, len, &compact, e);
    if (!status)
        status = read_root(w, buf_bytes(&compact), e);
    buf_release(&compact);
    if (status)
        workload_release(w);
    return status;
}

int workload_load(struct workload *w, const char *path, struct error *e)
{
    struct buf text = BUF_INIT;
    memset(w, 0, sizeof *w);
    int status = io_read_file(path, JSON_FILE_MAX, &text, e);
    if (!status) {
        status = workload_parse(w, text.data, text.len, e);
        if (status)
            error_prefix(e, "'%s'", path);
    }
    buf_release(&text);
    return status;
}

long workload_find(const struct workload *w, const char *phase)
{
    for (size_t i = 0; i < w->phase_count; i++) {
        if (strcmp(w->phases[i].name, phase) == 0)
            return (long)i;
    }
    return -1;
}

int workload_check_phase(const struct workload *w, const char *phase, struct error *e)
{
    struct buf names = BUF_INIT;
    if (workload_find(w, phase) >= 0)
        return TT_OK;
    for (size_t i = 0; i < w->phase_count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", w->phases[i].name);
    error_set(e, TT_USAGE, "workload '%s' has no phase '%s'; it has %s", w->name, phase, buf_text(&names));
    buf_release(&names);
    return TT_USAGE;
}

/* Both are minified arrays of at least one element. */
static int carries_on(const char *history, const char *longer)
{
    size_t open = strlen(history) - 1; /* without its bracket */
    return strncmp(history, longer, open) == 0 && longer[open] == ',';
}

long workload_parent(const struct workload *w, size_t phase)
{
    long parent = -1;
    size_t longest = 0;
    for (size_t i = 0; i < phase; i++) {
        size_t len = strlen(w->phases[i].messages);
        if (len > longest && carries_on(w->phases[i].messages, w->phases[phase].messages)) {
            longest = len;
            parent = (long)i;
        }
    }
    return parent;
}

static void write_settings(struct jsonout *j, const struct workload_phase *p)
{
    jsonout_field_bool(j, "cold", p->cold);
    jsonout_field_bool(j, "headline", p->headline);
    jsonout_field_bool(j, "long", p->is_long);
    if (p->think_ms) /* as before for workloads that have none: their hashes stay */
        jsonout_field_u64(j, "think_ms", p->think_ms);
}

static void write_texts(struct jsonout *j, const struct workload_phase *p)
{
    jsonout_key(j, "messages");
    jsonout_raw(j, p->messages, strlen(p->messages));
    if (!p->tools)
        return;
    jsonout_key(j, "tools");
    jsonout_raw(j, p->tools, strlen(p->tools));
}

static void write_phases(struct jsonout *j, const struct workload *w, int with_texts)
{
    jsonout_key(j, "phases");
    jsonout_array(j);
    for (size_t i = 0; i < w->phase_count; i++) {
        jsonout_object(j);
        jsonout_field_string(j, "name", w->phases[i].name);
        jsonout_field_u64(j, "max_tokens", w->phases[i].max_tokens);
        if (with_texts)
            write_texts(j, &w->phases[i]);
        write_settings(j, &w->phases[i]);
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

int workload_describe(const struct workload *w, struct buf *json)
{
    struct jsonout j;
    jsonout_init(&j, json, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "name", w->name);
    jsonout_field_string(&j, "sha256", w->sha256);
    jsonout_field_u64(&j, "context", w->context_needed);
    if (w->is_calibrated)
        jsonout_field_bool(&j, "calibrated", 1);
    write_phases(&j, w, 0);
    jsonout_end(&j, '}');
    return json->failed;
}

int workload_canonical(const struct workload *w, struct buf *json)
{
    struct jsonout j;
    jsonout_init(&j, json, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "name", w->name);
    write_phases(&j, w, 1);
    jsonout_end(&j, '}');
    return json->failed;
}

void workload_release(struct workload *w)
{
    for (size_t i = 0; i < w->phase_count; i++) {
        mem_free(w->phases[i].name);
        mem_free(w->phases[i].messages);
        mem_free(w->phases[i].tools);
    }
    mem_free(w->phases);
    mem_free(w->name);
    memset(w, 0, sizeof *w);
}
