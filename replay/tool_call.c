/* SPDX-License-Identifier: MIT */
#include "replay/tool_call.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/jsonout.h"

#define SCHEMA_DEPTH_MAX 8
#define WORDS_IN_TEXT    3

static void write_value(struct jsonout *j, const cJSON *schema, struct prose *prose, int depth);

static void write_text(struct jsonout *j, struct prose *prose)
{
    char text[WORDS_IN_TEXT * PROSE_TOKEN_MAX + 1] = "";
    size_t n = 0;
    for (int i = 0; i < WORDS_IN_TEXT; i++) {
        char word[PROSE_TOKEN_MAX];
        prose_next(prose, word);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s", word);
    }
    jsonout_string(j, text[0] == ' ' ? text + 1 : text);
}

static int is_required(const cJSON *schema, const char *name)
{
    const cJSON *required = json_member(schema, "required"), *item;
    if (!cJSON_IsArray(required))
        return 1;
    cJSON_ArrayForEach(item, required)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
            return 1;
    }
    return 0;
}

static void write_object(struct jsonout *j, const cJSON *schema, struct prose *prose, int depth)
{
    const cJSON *property;
    jsonout_object(j);
    cJSON_ArrayForEach(property, json_member(schema, "properties"))
    {
        if (!property->string || !is_required(schema, property->string))
            continue;
        jsonout_key(j, property->string);
        write_value(j, property, prose, depth + 1);
    }
    jsonout_end(j, '}');
}

static void write_array(struct jsonout *j, const cJSON *schema, struct prose *prose, int depth)
{
    const cJSON *items = json_member(schema, "items");
    jsonout_array(j);
    if (items)
        write_value(j, items, prose, depth + 1);
    jsonout_end(j, ']');
}

static void write_spelt(struct jsonout *j, const cJSON *value)
{
    char *text = cJSON_PrintUnformatted(value);
    if (text)
        jsonout_raw(j, text, strlen(text));
    else
        j->out->failed = TT_NOMEM;
    mem_free(text);
}

static void write_value(struct jsonout *j, const cJSON *schema, struct prose *prose, int depth)
{
    const cJSON *choices = json_member(schema, "enum"), *constant = json_member(schema, "const");
    const char *type = json_string(schema, "type");
    if (cJSON_IsArray(choices) && choices->child)
        write_spelt(j, choices->child);
    else if (constant)
        write_spelt(j, constant);
    else if (depth > SCHEMA_DEPTH_MAX)
        jsonout_null(j);
    else if (!type || strcmp(type, "string") == 0)
        write_text(j, prose);
    else if (strcmp(type, "object") == 0)
        write_object(j, schema, prose, depth);
    else if (strcmp(type, "array") == 0)
        write_array(j, schema, prose, depth);
    else if (strcmp(type, "boolean") == 0)
        jsonout_bool(j, 1);
    else if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
        jsonout_number(j, json_number(schema, "minimum", 1));
    else
        jsonout_null(j);
}

int tool_call_make(struct bytes tool, struct prose *prose, char name[TOOL_NAME_MAX], struct buf *arguments)
{
    struct jsonout j;
    cJSON *document = json_parse(tool.data, tool.len, JSON_DOCUMENT_MAX, NULL);
    const cJSON *function = json_member(document, "function");
    const char *declared = json_string(function, "name");
    int status = TT_SYNTAX;
    if (declared && *declared && strlen(declared) < TOOL_NAME_MAX) {
        snprintf(name, TOOL_NAME_MAX, "%s", declared);
        jsonout_init(&j, arguments, 0);
        write_object(&j, json_member(function, "parameters"), prose, 0);
        status = arguments->failed;
    }
    cJSON_Delete(document);
    return status;
}
