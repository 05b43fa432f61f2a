/* SPDX-License-Identifier: MIT */
/* A modest JSON Schema check for the arguments of tool calls: type, enum, properties, required, items and
 * additionalProperties. What it does not know (references, combinations, patterns) never refuses a value. */
#ifndef TOKTAPE_JSON_SCHEMA_H
#define TOKTAPE_JSON_SCHEMA_H

#include <cjson/cJSON.h>

#define JSON_SCHEMA_PLACE 96

/* 1 when `value` fits `schema`, 0 when it does not; `place` then says where and by which keyword, as in
 * "/where/x type" or "/ required path" (cut to fit). Work is bounded: what lies beyond the bound counts as
 * fitting. */
int json_schema_fits(const cJSON *schema, const cJSON *value, char place[JSON_SCHEMA_PLACE]);

#endif
