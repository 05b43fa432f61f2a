/* SPDX-License-Identifier: MIT */
/* What stands behind the server: something that answers requests, be it a trace or a synthetic engine. */
#ifndef TOKTAPE_REPLAY_ENGINE_H
#define TOKTAPE_REPLAY_ENGINE_H

#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/schema.h" /* ABSENT */
#include "replay/feed.h"

struct request {
    const char *method;
    const char *path; /* without the query */
    struct bytes body;
};

enum answer_form {
    ANSWER_NOW,      /* `document`, at once */
    ANSWER_DOCUMENT, /* `feed` gives one slice, the whole body; it gets a head with its length */
    ANSWER_EVENTS,   /* `feed` gives the body piece by piece; each piece becomes one HTTP chunk */
    ANSWER_WIRE      /* `feed` gives everything, head and framing included */
};

struct engine_answer {
    enum answer_form form;
    int status;            /* HTTP status; unused with ANSWER_WIRE */
    char content_type[96]; /* likewise */
    char server[64];       /* value of the Server: header; empty: none */
    uint64_t header_ns;    /* when the head leaves; ABSENT: together with the first bytes */
    struct buf document;
    struct feed *feed; /* NULL with ANSWER_NOW */
};

/* The first member of every kind of engine. Calls may come from several threads at once. */
struct engine {
    const char *kind; /* "trace" or "synthetic", for the header that marks every answer */
    /* Fills *a, which is empty. A request that the engine does not understand is an answer too. TT_NOMEM or
     * TT_LIMIT when there is none. */
    int (*answer)(struct engine *engine, const struct request *request, struct engine_answer *a,
                  struct error *e);
    void (*free)(struct engine *engine);
};

#define ANSWER_JSON "application/json; charset=utf-8"
#define ANSWER_SSE  "text/event-stream"

void engine_answer_init(struct engine_answer *a);
void engine_answer_release(struct engine_answer *a);

/* {"error": {"code", "message", "type"}} with that status, replacing what the answer was. */
int engine_answer_error(struct engine_answer *a, int status, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Control characters, and what is longer than the field, are left out: the values may come from a trace. */
void engine_answer_set_type(struct engine_answer *a, const void *text, size_t len);
void engine_answer_set_server(struct engine_answer *a, const void *text, size_t len);

#endif
