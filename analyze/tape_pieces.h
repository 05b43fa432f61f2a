/* SPDX-License-Identifier: MIT */
/* Tokens of answers as the engine's tokeniser cut them, while their runs are under way, and afterwards where
 * they are asked for (tape_options.with_pieces). */
#ifndef TOKTAPE_TAPE_PIECES_H
#define TOKTAPE_TAPE_PIECES_H

#include "analyze/tape.h"

/* Copies a row of a run below TAPE_RUNS_MAX. TT_DAMAGED when that run has one, TT_LIMIT over TAPE_PIECES_MAX
 * for all that are held, TT_NOMEM. */
int tape_pieces_add(struct tape *tape, const struct pieces_row *row, struct error *e);

/* Lengths of the tokens, as uvarints; empty when none are held. Borrowed until they are dropped. */
struct bytes tape_pieces(const struct tape *tape, uint64_t run);

void tape_pieces_drop(struct tape *tape, uint64_t run);
void tape_pieces_release(struct tape *tape);

#endif
