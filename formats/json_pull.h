/* SPDX-License-Identifier: MIT */
/* Strict JSON read piece by piece from a file of any size, in bounded memory: for other tools' result files.
 *
 * It is used like formats/jscan.h: ask what stands at the cursor, step into containers, read or skip values.
 * What is skipped is checked as strictly as what is read and takes no memory, however long it is. The first
 * violation ends it: `status` is set, *error says what is wrong with line and member, and nothing is found
 * any more. One document may follow another, as in JSON lines. Beyond RFC 8259 the words NaN, Infinity and
 * -Infinity are numbers, since Python writes them; as a figure they are refused. */
#ifndef TOKTAPE_JSON_PULL_H
#define TOKTAPE_JSON_PULL_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/jscan.h"
#include "formats/source.h"

#define JSON_PULL_DEPTH_MAX 64
#define JSON_PULL_NAME_MAX  64                /* longer names are none that anybody looks for */
#define JSON_PULL_TEXT_MAX  ((size_t)2 << 20) /* of a text that is read, in bytes as spelt */
#define JSON_PULL_RAW_MAX   ((size_t)8 << 20) /* of a value that is kept as spelt */

struct json_pull {
    struct source *source; /* borrowed */
    struct error *error;   /* borrowed */
    int status;
    unsigned char *window;
    size_t at, end;
    int is_over;        /* nothing is left behind the window */
    uint64_t base;      /* place of window[0] in the file */
    uint64_t line;      /* from 1 */
    uint64_t documents; /* begun so far */
    uint64_t objects;   /* one bit per open container: 1 for an object; the innermost is the lowest */
    unsigned depth;
    int separator_due;
    char name[JSON_PULL_NAME_MAX]; /* of the member found last; "" when it is too long */
    struct buf *tee;               /* gets what is consumed */
    size_t tee_max;
};

/* Begins at the source's present place, which is byte `base` of the file, in line `line` (from 1).
 * TT_OK or TT_NOMEM; json_pull_release is due in either case. */
int json_pull_init(struct json_pull *p, struct source *source, uint64_t base, uint64_t line, struct error *e);
void json_pull_release(struct json_pull *p);

int json_pull_next(struct json_pull *p);  /* 1 when another document begins here, 0 at the end */
void json_pull_last(struct json_pull *p); /* fails when there is another one */
enum jscan_type json_pull_type(struct json_pull *p);
void json_pull_enter(struct json_pull *p);
int json_pull_enter_if(struct json_pull *p, enum jscan_type type); /* 0: it is none, and passed over */
int json_pull_member(struct json_pull *p); /* 1 and p->name; 0 behind the closing bracket, or on a failure */
int json_pull_element(struct json_pull *p);

/* Steps into the object at the cursor and on to its member of that name. 0 when it has none (the object is
 * behind the cursor then), or on a failure. */
int json_pull_find(struct json_pull *p, const char *name);
int json_pull_is(const struct json_pull *p, const char *name); /* is that the member found last */
void json_pull_skip(struct json_pull *p);
uint64_t json_pull_place(struct json_pull *p); /* of the next value in the file */

/* Consume one value; null leaves what is absent. Another type is a failure that names the member. */
void json_pull_text(struct json_pull *p, struct buf *out); /* replaces *out by the decoded text */
void json_pull_raw(struct json_pull *p, struct buf *out);  /* any value as spelt; replaces *out */
void json_pull_number(struct json_pull *p, struct jscan_number *number); /* NAN and UINT64_MAX for null */
uint64_t json_pull_count(struct json_pull *p);                           /* 0 to 2^53, ABSENT for null */
uint64_t json_pull_ns(struct json_pull *p, double ns_per_unit); /* a time or length of time that is not
                                                                   negative, below 2^62 ns; whole nanoseconds
                                                                   are exact. ABSENT for null */
uint64_t json_pull_scaled(struct json_pull *p, double factor);  /* likewise for other figures: x × factor */

/* Sets the failure: "'FILE', line N, 'member': WHAT". */
void json_pull_fail(struct json_pull *p, enum tt_err code, const char *what);

#endif
