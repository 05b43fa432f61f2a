/* SPDX-License-Identifier: MIT */
/* Writing JSON as a stream into a buf: deterministic spelling, no document tree, no locale. */
#ifndef TOKTAPE_JSONOUT_H
#define TOKTAPE_JSONOUT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"

#define JSONOUT_DEPTH 32

/* Commas and indentation are the writer's business. Errors are sticky in the buf. `indent` 0 writes one line.
 */
struct jsonout {
    struct buf *out;
    int indent;
    int depth;
    unsigned char has_items[JSONOUT_DEPTH];
    unsigned char after_key;
};

void jsonout_init(struct jsonout *j, struct buf *out, int indent);
void jsonout_object(struct jsonout *j);           /* { */
void jsonout_array(struct jsonout *j);            /* [ */
void jsonout_end(struct jsonout *j, int bracket); /* '}' or ']' */
void jsonout_key(struct jsonout *j, const char *name);

void jsonout_string(struct jsonout *j, const char *text);               /* NULL writes null */
void jsonout_string_n(struct jsonout *j, const void *text, size_t len); /* invalid UTF-8 becomes U+FFFD */
void jsonout_bool(struct jsonout *j, int value);
void jsonout_null(struct jsonout *j);
void jsonout_u64(struct jsonout *j, uint64_t value);      /* as a number: only for counts below 2^53 */
void jsonout_u64_text(struct jsonout *j, uint64_t value); /* as a string: ids and nanoseconds */
/* Shortest of 15, 16, 17 digits that reads back as the same double; NaN and infinities write null. */
void jsonout_number(struct jsonout *j, double value);
void jsonout_raw(struct jsonout *j, const char *json, size_t len); /* a value already spelt as JSON */

/* name and value in one call; the same null rules. */
void jsonout_field_string(struct jsonout *j, const char *name, const char *text);
void jsonout_field_u64(struct jsonout *j, const char *name, uint64_t value); /* UINT64_MAX writes null */
void jsonout_field_number(struct jsonout *j, const char *name, double value);
void jsonout_field_bool(struct jsonout *j, const char *name, int value);

/* The bytes between the quotes of a JSON string. */
void json_escape(struct buf *out, const void *text, size_t len);

#endif
