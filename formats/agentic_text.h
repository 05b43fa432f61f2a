/* SPDX-License-Identifier: MIT */
/* The texts of the built-in workload "agentic-8": written beginnings and endings with generated material
 * between. */
#ifndef TOKTAPE_AGENTIC_TEXT_H
#define TOKTAPE_AGENTIC_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/workload.h"

enum agentic_which {
    AGENTIC_SYSTEM_A,
    AGENTIC_SYSTEM_B,
    AGENTIC_USER_X,
    AGENTIC_USER_Y,
    AGENTIC_USER_LONG,
    AGENTIC_TEXTS
};

/* One text in the making. `body` may be cut at any place and still makes sense; the ending always follows. */
struct agentic_source {
    struct buf body;
    struct bytes ending; /* borrowed from the program itself */
    size_t usual;        /* bytes of body that the workload has without calibration */
    uint64_t tokens;     /* what the calibration aims at */
    char rule[40];       /* of the generated material */
    struct grammar *grammar;
};

/* Begins with the written part only. Release with agentic_source_release in every case. */
int agentic_source_open(struct agentic_source *s, enum agentic_which which, struct error *e);

/* Generates until the body has at least `bytes`. */
int agentic_source_grow(struct agentic_source *s, size_t bytes, struct error *e);

/* Appends `bytes` of body, then `link` (nothing, or a few words), then the ending. */
void agentic_source_text(const struct agentic_source *s, size_t bytes, struct bytes link, struct buf *out);
void agentic_source_release(struct agentic_source *s);

/* Makes the workload out of five finished texts. */
int agentic_workload(struct workload *w, const struct buf texts[AGENTIC_TEXTS], uint64_t context,
                     struct error *e);

#endif
