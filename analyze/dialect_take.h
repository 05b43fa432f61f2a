/* SPDX-License-Identifier: MIT */
/* A dialect's samples of one trace, taken from each answer when its run is over. */
#ifndef TOKTAPE_DIALECT_TAKE_H
#define TOKTAPE_DIALECT_TAKE_H

#include "analyze/dialect.h"

/* Samples by measure: first make room for them. All zero is empty. */
struct dialect_cell {
    struct samples *theirs, *ours;
};

int dialect_cell_make_room(struct dialect_cell *cell, const struct dialect *d); /* TT_OK or TT_NOMEM */

/* Moves those of `from`, which is to be released. TT_OK, TT_NOMEM or TT_LIMIT. */
int dialect_cell_join(struct dialect_cell *cell, const struct dialect *d, struct dialect_cell *from);
void dialect_cell_release(struct dialect_cell *cell, const struct dialect *d);

struct dialect_taker {
    const struct dialect *dialect;
    struct dialect_cell cell;
    void **states; /* of their surveys, by measure; NULL where there is none */
};

int dialect_taker_init(struct dialect_taker *t, const struct dialect *d); /* TT_OK or TT_NOMEM */
void dialect_taker_release(struct dialect_taker *t);

/* Adds those of an answer, and, after the last one, of all of them together. TT_OK, TT_NOMEM or TT_LIMIT. */
int dialect_take(struct dialect_taker *t, const struct heard_trace *heard, const struct heard *answer);
int dialect_take_surveys(struct dialect_taker *t, const struct heard_trace *heard);

#endif
