/* SPDX-License-Identifier: MIT */
#include "analyze/json_schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/json.h"

#define SCHEMA_DEPTH_MAX 32
#define SCHEMA_WORK_MAX                                                                                      \
    200000 /* comparisons; a declared schema has a few dozen members, its value hardly more */

/* Both sides come from a file: an object of n members against n properties would cost n². */
struct check {
    int depth, work;
    char *place; /* JSON pointer of the value that is looked at */
    size_t len;  /* of it, at most JSON_SCHEMA_PLACE - 1 */
};

static int fits(struct check *c, const cJSON *schema, const cJSON *value);

/* Goes down to a member or an element; `leave` with the length that was. */
static size_t enter(struct check *c, const char *name)
{
    size_t before = c->len;
    int more = snprintf(c->place + c->len, JSON_SCHEMA_PLACE - c->len, "/%s", name);
    c->len = (size_t)more < JSON_SCHEMA_PLACE - c->len ? c->len + (size_t)more : JSON_SCHEMA_PLACE - 1;
    return before;
}

static void leave(struct check *c, size_t before)
{
    c->len = before;
    c->place[before] = '\0';
}

/* The first misfit ends everything, so what is in `place` stays. */
static int misfit(struct check *c, const char *keyword, const char *name)
{
    snprintf(c->place + c->len, JSON_SCHEMA_PLACE - c->len, "%s %s%s%s", c->len ? "" : "/", keyword,
             *name ? " " : "", name);
    return 0;
}

static int bound_reached(struct check *c, int cost)
{
    c->work = cost < SCHEMA_WORK_MAX - c->work ? c->work + cost : SCHEMA_WORK_MAX;
    return c->work >= SCHEMA_WORK_MAX;
}

static int is_integer(const cJSON *value)
{
    return cJSON_IsNumber(value) && floor(value->valuedouble) == value->valuedouble;
}

static int is_of_type(const cJSON *value, const char *type)
{
    if (strcmp(type, "object") == 0)
        return cJSON_IsObject(value);
    if (strcmp(type, "array") == 0)
        return cJSON_IsArray(value);
    if (strcmp(type, "string") == 0)
        return cJSON_IsString(value);
    if (strcmp(type, "number") == 0)
        return cJSON_IsNumber(value);
    if (strcmp(type, "integer") == 0)
        return is_integer(value);
    if (strcmp(type, "boolean") == 0)
        return cJSON_IsBool(value);
    if (strcmp(type, "null") == 0)
        return cJSON_IsNull(value);
    return 1;
}

static int fits_type(struct check *c, const cJSON *schema, const cJSON *value)
{
    const cJSON *type = json_member(schema, "type"), *one;
    if (cJSON_IsString(type))
        return is_of_type(value, type->valuestring);
    if (!cJSON_IsArray(type))
        return 1;
    cJSON_ArrayForEach(one, type)
    {
        if (bound_reached(c, 1) || !cJSON_IsString(one) || is_of_type(value, one->valuestring))
            return 1;
    }
    return 0;
}

static int is_container(const cJSON *value)
{
    return cJSON_IsObject(value) || cJSON_IsArray(value);
}

/* Choices are strings and numbers in practice; comparing whole documents could cost any amount of time. */
static int fits_enum(struct check *c, const cJSON *schema, const cJSON *value)
{
    const cJSON *choices = json_member(schema, "enum"), *one;
    if (!cJSON_IsArray(choices) || is_container(value))
        return 1;
    cJSON_ArrayForEach(one, choices)
    {
        if (bound_reached(c, 1) || (!is_container(one) && cJSON_Compare(one, value, 1)))
            return 1;
    }
    return 0;
}

static int has_required(struct check *c, const cJSON *schema, const cJSON *value)
{
    const cJSON *name, *names = json_member(schema, "required");
    if (!cJSON_IsArray(names))
        return 1;
    int width = cJSON_GetArraySize(value);
    cJSON_ArrayForEach(name, names)
    {
        if (bound_reached(c, 1 + width))
            return 1;
        if (cJSON_IsString(name) && !json_member(value, name->valuestring))
            return misfit(c, "required", name->valuestring);
    }
    return 1;
}

static int fits_members(struct check *c, const cJSON *schema, const cJSON *value)
{
    const cJSON *properties = json_member(schema, "properties"), *member;
    const cJSON *others = json_member(schema, "additionalProperties");
    int width = cJSON_GetArraySize(properties);
    cJSON_ArrayForEach(member, value)
    {
        if (bound_reached(c, 1 + width))
            return 1;
        const cJSON *declared = json_member(properties, member->string);
        if (!declared && cJSON_IsFalse(others))
            return misfit(c, "additionalProperties", member->string);
        size_t before = enter(c, member->string);
        if (!fits(c, declared ? declared : others, member))
            return 0;
        leave(c, before);
    }
    return 1;
}

static int fits_items(struct check *c, const cJSON *schema, const cJSON *value)
{
    const cJSON *items = json_member(schema, "items"), *element;
    if (!cJSON_IsObject(items))
        return 1;
    unsigned index = 0;
    cJSON_ArrayForEach(element, value)
    {
        char number[16];
        if (bound_reached(c, 1))
            return 1;
        snprintf(number, sizeof number, "%u", index++);
        size_t before = enter(c, number);
        if (!fits(c, items, element))
            return 0;
        leave(c, before);
    }
    return 1;
}

static int fits(struct check *c, const cJSON *schema, const cJSON *value)
{
    if (!cJSON_IsObject(schema) || c->depth >= SCHEMA_DEPTH_MAX || bound_reached(c, 1))
        return 1;
    c->depth++;
    int ok = fits_type(c, schema, value) || misfit(c, "type", "");
    ok = ok && (fits_enum(c, schema, value) || misfit(c, "enum", ""));
    if (ok && cJSON_IsObject(value))
        ok = has_required(c, schema, value) && fits_members(c, schema, value);
    if (ok && cJSON_IsArray(value))
        ok = fits_items(c, schema, value);
    c->depth--;
    return ok;
}

int json_schema_fits(const cJSON *schema, const cJSON *value, char place[JSON_SCHEMA_PLACE])
{
    struct check c = {0, 0, place, 0};
    place[0] = '\0';
    return fits(&c, schema, value);
}
