/* SPDX-License-Identifier: MIT */
/* Reading JSON documents of at most JSON_DOCUMENT_MAX bytes (cJSON underneath), with checked look-ups. */
#ifndef TOKTAPE_JSON_H
#define TOKTAPE_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define JSON_DOCUMENT_MAX ((size_t)256 << 10)
#define JSON_FILE_MAX     ((size_t)64 << 20) /* workload files and other tools' results */

/* Parses exactly one document; trailing bytes other than white space are an error. Refuses depths over 100
 * and lengths over `limit`. Returns NULL and fills e (TT_SYNTAX with line and column, TT_LIMIT, TT_NOMEM).
 * Free with cJSON_Delete. */
cJSON *json_parse(const void *text, size_t len, size_t limit, struct error *e);
/* A document of a trace: of at most JSON_DOCUMENT_MAX bytes, and UTF-8 throughout. */
cJSON *json_parse_document(const void *text, size_t len, struct error *e);
cJSON *json_read_file(const char *path, size_t limit, struct error *e); /* "-" is standard input */

/* Look-ups that never follow a wrong type: a missing or mistyped member gives NULL or the default. */
const cJSON *json_member(const cJSON *object, const char *name);
const cJSON *json_path(const cJSON *object, const char *dotted); /* "a.b.c" through objects only */
const char *json_string(const cJSON *object, const char *name);  /* NULL when absent or not a string */
double json_number(const cJSON *object, const char *name, double fallback);
int json_bool(const cJSON *object, const char *name, int fallback);
/* Non-negative whole number below 2^53; UINT64_MAX when absent, mistyped, negative or fractional. */
uint64_t json_count(const cJSON *object, const char *name);

/* As json_count, but a number that is spelt as decimal text counts too, up to 2^64 − 2: how ids, ticks and
 * nanoseconds are stored. */
uint64_t json_u64(const cJSON *object, const char *name);

/* Refuses any member of `object` whose name is not in the NULL-ended list, naming it: TT_USAGE. */
int json_only_known(const cJSON *object, const char *const *known, const char *where, struct error *e);

/* Sets object[name], replacing an older value. Return TT_OK or TT_NOMEM. `item` is owned by object on success
 * and deleted on failure. */
int json_set(cJSON *object, const char *name, cJSON *item);
int json_set_string(cJSON *object, const char *name, const char *value); /* NULL value: sets null */
int json_set_number(cJSON *object, const char *name, double value);
int json_set_u64(cJSON *object, const char *name, uint64_t value); /* as a string: never through a double */

#endif
