/* SPDX-License-Identifier: MIT */
/* Faults that an engine can be told to have: ways to break its answers, for testing clients. */
#ifndef TOKTAPE_FAULTS_H
#define TOKTAPE_FAULTS_H

#include <stddef.h>

#include "formats/error.h"
#include "replay/engine.h"

#define FAULTS_MAX 32

enum fault_kind {
    /* on the events of a stream */
    FAULT_BROKEN_JSON,  /* the JSON of event number `argument` ends in its middle */
    FAULT_ERROR_MID,    /* instead of event number `argument` comes an error object, and nothing after it */
    FAULT_ERROR_STRING, /* the same, the error being a string */
    FAULT_CRLF,         /* lines end in CR LF */
    FAULT_MULTI_LINE,   /* each JSON event stands on two data: lines */
    FAULT_NO_DONE,      /* no [DONE] */
    FAULT_NO_USAGE,     /* no usage event */
    FAULT_NO_FINISH,    /* no finish event */
    FAULT_EMPTY,        /* no event at all */
    FAULT_ENDLESS,      /* the last token comes again and again, every `argument` milliseconds */
    /* on the bytes of a message, head included */
    FAULT_CUT,          /* the connection closes after `argument` bytes */
    FAULT_STALL,        /* silence after `argument` bytes, until the client leaves */
    FAULT_DIE,          /* cut, and the engine is gone */
    FAULT_BAD_CHUNK,    /* after `argument` bytes comes a chunk header that is none */
    FAULT_SPLIT_FRAMES, /* each slice goes out in `argument` pieces */
    FAULT_SLOW_HEADER,  /* the head goes out byte by byte, `argument` milliseconds apart */
    FAULT_NOT_HTTP,     /* other bytes altogether, and a cut */
    /* on the whole answer */
    FAULT_STATUS /* an error document with HTTP status `argument` */
};

struct fault {
    enum fault_kind kind;
    uint64_t argument;
    uint64_t request; /* number of the one request it is for, from 0; ABSENT: all */
};

struct fault_list {
    struct fault items[FAULTS_MAX];
    size_t count;
};

/* Adds the faults of a comma-separated list of KIND[:ARGUMENT][@REQUEST]. TT_USAGE names what is wrong. */
int faults_parse(struct fault_list *list, const char *text, struct error *e);
void faults_describe(struct buf *out); /* one line for each kind, for --help */

/* Applies the faults for request number `request` to a timed answer and frames it: what is left in *a is
 * ANSWER_WIRE. TT_OK or TT_NOMEM; a failed answer can only be released. */
int faults_apply(const struct fault_list *list, uint64_t request, struct engine_answer *a, const char *mark);

/* Layers, one for each fault. They own `inner`, which is freed when they cannot be made (NULL: no memory). */
struct feed *fault_on_document(const struct fault *fault,
                               struct feed *inner); /* only FAULT_BROKEN_JSON changes one */
struct feed *fault_on_events(const struct fault *fault, struct feed *inner);
struct feed *fault_on_wire(const struct fault *fault, struct feed *inner);

#endif
