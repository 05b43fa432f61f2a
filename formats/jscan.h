/* SPDX-License-Identifier: MIT */
/* A strict JSON scanner (RFC 8259) for untrusted text: one pass, pull style, no allocation, no recursion.
 *
 * Put the cursor on a document with jscan_init and ask what stands there (jscan_type). Every call below
 * consumes exactly one value or one step into a container. What is skipped is checked as strictly as what is
 * read. The first violation sticks in `failed`; from then on nothing is found any more, so that one check at
 * the end (jscan_finish) is enough. A fit-all loop over an object:
 *
 *     jscan_enter(&s);
 *     while (jscan_member(&s, &key)) {
 *         if (jscan_text_is(&key, "name"))
 *             jscan_string(&s, &name);
 *         else
 *             jscan_skip(&s);
 *     }
 */
#ifndef TOKTAPE_JSCAN_H
#define TOKTAPE_JSCAN_H

#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"

#define JSCAN_DEPTH_MAX 64 /* deeper documents are refused */

enum jscan_type {
    JSCAN_NONE, /* no value can begin here: the end, a failure, or a syntax error */
    JSCAN_OBJECT,
    JSCAN_ARRAY,
    JSCAN_STRING,
    JSCAN_NUMBER,
    JSCAN_TRUE,
    JSCAN_FALSE,
    JSCAN_NULL
};

struct jscan {
    const unsigned char *p, *end;
    uint64_t objects;  /* one bit per open container: 1 for an object; the innermost is the lowest */
    unsigned depth;    /* open containers */
    int separator_due; /* the innermost container already has an item */
    int failed;
};

/* A string as it is spelt, between its quotes; borrowed from the document. Its syntax is checked, its UTF-8
 * is not. */
struct jscan_text {
    const unsigned char *data;
    size_t len;
    unsigned char has_escapes, has_high_bytes;
};

struct jscan_number {
    double value;     /* the nearest double; infinite when the text is over its range */
    uint64_t integer; /* exact when it is a whole number from 0 to 2^63, otherwise UINT64_MAX */
};

void jscan_init(struct jscan *s, const void *text, size_t len);
int jscan_finish(struct jscan *s); /* 1 when exactly one whole, valid document was consumed */

/* What the next value is, judged by its first byte. Consumes nothing but white space. */
enum jscan_type jscan_type(struct jscan *s);

/* Steps into the object or array at the cursor. jscan_member then finds the next key and leaves the cursor on
 * its value, jscan_element finds the next value; both return 0 at the closing bracket, which they step over,
 * and on a failure. */
void jscan_enter(struct jscan *s);
int jscan_member(struct jscan *s, struct jscan_text *key);
int jscan_element(struct jscan *s);

/* Consume a value of that type; another type is a failure. */
void jscan_string(struct jscan *s, struct jscan_text *text);
void jscan_number(struct jscan *s, struct jscan_number *number);

void jscan_skip(struct jscan *s);        /* any value */
struct bytes jscan_raw(struct jscan *s); /* any value; its spelling, borrowed */

/* The spelling of that member of a whole document, the last one where there are several, borrowed; empty when
 * it has none, or is no valid object. */
struct bytes jscan_member_of(struct bytes document, const char *name);

/* The value of a number as JSON spells it (syntax already checked). */
void jscan_convert(struct bytes spelling, struct jscan_number *number);

/* Text that needs no decoding: no escapes, and valid UTF-8. */
int jscan_text_is_plain(const struct jscan_text *text);

/* Writes the decoded text to `out`, which has room for JSCAN_DECODED_MAX(text->len) bytes, and returns its
 * length. A lone surrogate and every byte that is not UTF-8 becomes U+FFFD; \u0000 becomes a NUL byte like
 * any other. */
#define JSCAN_DECODED_MAX(len) ((len)*3)
size_t jscan_decode(const struct jscan_text *text, unsigned char *out);

/* Compares the decoded text with a word of plain ASCII. */
int jscan_text_is(const struct jscan_text *text, const char *word);

#endif
