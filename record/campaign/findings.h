/* SPDX-License-Identifier: MIT */
/* What is wrong with a plan: all of it at once, each with its line. */
#ifndef TOKTAPE_CAMPAIGN_FINDINGS_H
#define TOKTAPE_CAMPAIGN_FINDINGS_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/bytes.h"

#define FINDINGS_MAX 100 /* listed; more are counted */

/* Where in the document: a chain of keys and indices up to the root, whose `up` is NULL. Lives on the stack
 * of whoever descends. */
struct place {
    const struct place *up;
    const char *key; /* NULL: an element of an array */
    size_t index;
};

struct finding {
    size_t line; /* from 1 */
    char *text;  /* "cells[2].engine.url: …" */
};

struct findings {
    struct bytes document; /* valid JSON; borrowed */
    struct finding *items; /* in order of lines */
    size_t count, capacity;
    size_t unlisted; /* more than FINDINGS_MAX; one that is said twice counts twice */
    int failed;      /* TT_NOMEM sticks */
};

void findings_release(struct findings *f);

/* The same sentence about the same place counts once: defaults are looked at for every cell. */
void findings_add(struct findings *f, const struct place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "NAME:LINE: sentence" lines. Returns out->failed. */
int findings_put(const struct findings *f, const char *name, struct buf *out);

/* Does the document have that key, or element? */
int place_is_there(struct bytes document, const struct place *at);

#endif
