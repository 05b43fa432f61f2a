/* SPDX-License-Identifier: MIT */
#include "formats/json.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/io.h"
#include "formats/utf8.h"

#define JSON_DEPTH_MAX 100

/* cJSON tells a lack of memory and a syntax error alike. */
static _Thread_local int ran_out;

static void *allocate(size_t size)
{
    void *room = mem_alloc(size);
    ran_out |= !room;
    return room;
}

static void use_own_allocator(void)
{
    static _Thread_local int done;
    if (done)
        return;
    cJSON_Hooks hooks = {allocate, mem_free};
    cJSON_InitHooks(&hooks);
    done = 1;
}

/* cJSON recurses and allows 1000 levels; nothing of ours is deeper than a handful. Strings are skipped so
 * that brackets in text do not count. */
static int depth_within_limit(const char *text, size_t len)
{
    int depth = 0, in_string = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = 0;
        } else if (c == '"') {
            in_string = 1;
        } else if ((c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX) {
            return 0;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return 1;
}

static int syntax_error(struct error *e, const char *text, const char *where)
{
    unsigned line = 1, column = 1;
    for (const char *p = text; where && p < where; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    return error_set(e, TT_SYNTAX, "not valid JSON at line %u, column %u", line, column);
}

static int check_before_parsing(const char *text, size_t len, size_t limit, struct error *e)
{
    const char *nul = len ? memchr(text, 0, len) : NULL;
    if (len > limit)
        return error_set(e, TT_LIMIT, "JSON of %zu bytes is over the limit of %zu", len, limit);
    if (nul) /* cJSON would take it inside a string, and whoever copies the text would stop there */
        return syntax_error(e, text, nul);
    if (!depth_within_limit(text, len))
        return error_set(e, TT_LIMIT, "JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
    return TT_OK;
}

cJSON *json_parse(const void *text, size_t len, size_t limit, struct error *e)
{
    use_own_allocator();
    if (check_before_parsing(text, len, limit, e))
        return NULL;
    const char *end = NULL, *stop = (const char *)text + len;
    ran_out = 0;
    cJSON *root = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    while (root && end < stop && strchr(" \t\r\n", *end))
        end++;
    if (root && end == stop)
        return root;
    if (!root && ran_out)
        error_set(e, TT_NOMEM, "out of memory for a JSON document");
    else
        syntax_error(e, text, end);
    cJSON_Delete(root);
    return NULL;
}

cJSON *json_parse_document(const void *text, size_t len, struct error *e)
{
    if (len <= JSON_DOCUMENT_MAX && !utf8_is_valid(text, len)) {
        error_set(e, TT_SYNTAX, "a document is not UTF-8");
        return NULL;
    }
    return json_parse(text, len, JSON_DOCUMENT_MAX, e);
}

cJSON *json_read_file(const char *path, size_t limit, struct error *e)
{
    struct buf text = BUF_INIT;
    cJSON *root = NULL;
    if (io_read_file(path, limit, &text, e) == TT_OK) {
        root = json_parse(buf_text(&text), text.len, limit, e);
        if (!root)
            error_prefix(e, "'%s'", path);
    }
    buf_release(&text);
    return root;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const cJSON *json_path(const cJSON *object, const char *dotted)
{
    char name[64];
    while (object) {
        size_t len = strcspn(dotted, ".");
        if (len >= sizeof name)
            return NULL;
        memcpy(name, dotted, len);
        name[len] = '\0';
        object = json_member(object, name);
        if (!dotted[len])
            return object;
        dotted += len + 1;
    }
    return NULL;
}

const char *json_string(const cJSON *object, const char *name)
{
    const cJSON *item = json_member(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

double json_number(const cJSON *object, const char *name, double fallback)
{
    const cJSON *item = json_member(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

int json_bool(const cJSON *object, const char *name, int fallback)
{
    const cJSON *item = json_member(object, name);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

uint64_t json_count(const cJSON *object, const char *name)
{
    double v = json_number(object, name, -1.0);
    int whole = v >= 0 && v < 9007199254740992.0 && floor(v) == v;
    return whole ? (uint64_t)v : UINT64_MAX;
}

static uint64_t decimal(const char *text)
{
    uint64_t value = 0;
    if (!*text)
        return UINT64_MAX;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || value > (UINT64_MAX - 1 - digit) / 10)
            return UINT64_MAX;
        value = value * 10 + digit;
    }
    return value;
}

uint64_t json_u64(const cJSON *object, const char *name)
{
    const char *text = json_string(object, name);
    return text ? decimal(text) : json_count(object, name);
}

static int is_listed(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(name, *list) == 0)
            return 1;
    }
    return 0;
}

int json_only_known(const cJSON *object, const char *const *known, const char *where, struct error *e)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        if (item->string && !is_listed(item->string, known))
            return error_set(e, TT_USAGE, "unknown key '%s' in %s", item->string, where);
    }
    return TT_OK;
}

int json_set(cJSON *object, const char *name, cJSON *item)
{
    if (!item)
        return TT_NOMEM;
    if (cJSON_HasObjectItem(object, name))
        cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    if (cJSON_AddItemToObject(object, name, item))
        return TT_OK;
    cJSON_Delete(item);
    return TT_NOMEM;
}

int json_set_string(cJSON *object, const char *name, const char *value)
{
    return json_set(object, name, value ? cJSON_CreateString(value) : cJSON_CreateNull());
}

int json_set_number(cJSON *object, const char *name, double value)
{
    return json_set(object, name, cJSON_CreateNumber(value));
}

int json_set_u64(cJSON *object, const char *name, uint64_t value)
{
    struct buf text = BUF_INIT;
    int status = buf_printf(&text, "%llu", (unsigned long long)value);
    if (!status)
        status = json_set_string(object, name, buf_text(&text));
    buf_release(&text);
    return status;
}
