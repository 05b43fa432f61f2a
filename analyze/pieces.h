/* SPDX-License-Identifier: MIT */
/* Tokens of an answer's text, as the engine's tokeniser cuts it, against the frames that brought the text. */
#ifndef TOKTAPE_PIECES_H
#define TOKTAPE_PIECES_H

#include "analyze/answer.h"
#include "formats/bytes.h"

/* Goes along the lengths of tokens (uvarints, borrowed) while text passes by. Begin with {lengths, 0, 0}. */
struct piece_cursor {
    struct bytes left;
    uint64_t begun, end; /* tokens so far, and where the last of them ends in the text */
};

/* How many tokens have begun within the first `text` bytes, which never fall from call to call. A token is
 * there before any of its bytes are, so it belongs to the frame with its first one. */
uint64_t piece_cursor_up_to(struct piece_cursor *c, uint64_t text);

/* Makes an answer whose frames count nothing count by these tokens, if they are its text and as many as it
 * states, but for one token without text at a stop. Else it stays as it was, and is marked as misfit. To be
 * called once, when the answer is whole; no lengths at all change nothing. */
void pieces_count(struct answer *a, struct bytes lengths);

#endif
