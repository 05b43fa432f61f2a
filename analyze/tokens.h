/* SPDX-License-Identifier: MIT */
/* How many tokens each frame of an answer carried.
 *
 * The engine's own running count is followed where every token-bearing frame has one, else its tokeniser's
 * cuts of the text where they add up; otherwise the frames share the tokens evenly. Tokens without text (end
 * of sequence, tags, withheld text) belong to the frame that follows them, the finish frame included, so the
 * sum is always the answer's N. */
#ifndef TOKTAPE_TOKENS_H
#define TOKTAPE_TOKENS_H

#include "analyze/answer.h"
#include "analyze/figures.h"
#include "analyze/pieces.h"

/* Fills s from a whole answer. */
void token_split_make(struct token_split *s, const struct answer *a, double ms_per_tick);

/* Tokens carried by the first `frames` token-bearing frames; `counted` is the engine's running count after
 * the last of them, ABSENT without. Never falls as `frames` grows. */
uint64_t token_split_up_to(const struct token_split *s, uint64_t frames, uint64_t counted);

/* The same while frames pass by one at a time: how many tokens each one carried, token-bearing or not. Begins
 * with nothing but the answer's pieces, where its source is the tokeniser. */
struct token_cursor {
    uint64_t frames, given, ids;
    int tail_given;
    uint64_t text; /* bytes so far */
    struct piece_cursor pieces;
};

uint64_t token_cursor_next(struct token_cursor *c, const struct token_split *s,
                           const struct chat_frame *chat);

/* Makes the answer's steps its token times, in the same memory (16 bytes per read are all that a run costs):
 * one entry per token-bearing read, and one for the silent tokens of the tail when there are some. The steps
 * are gone then; *times is borrowed from the answer. TT_OK or TT_NOMEM. */
int token_times(const struct token_split *s, struct answer *a, struct token_time **times, size_t *count);

#endif
