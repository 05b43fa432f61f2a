/* SPDX-License-Identifier: MIT */
/* Which text of an answer a tokeniser can be asked about, and what it answered. */
#ifndef TOKTAPE_ANSWER_PIECES_H
#define TOKTAPE_ANSWER_PIECES_H

#include "formats/answer_text.h"
#include "formats/buf.h"
#include "formats/bytes.h"

/* The text of a whole answer, borrowed from it: its content, or its reasoning where that is all there is.
 * TT_NOTFOUND where tokens stand beside it that text does not show (both with tags between them, calls of
 * tools), where there is none, or too much. */
int answer_pieces_text(const struct answer_text *answer, struct bytes *text);

/* From llama.cpp's {"tokens": [{"id", "piece"} …]}, a piece being a string or an array of bytes, to their
 * lengths in bytes as uvarints, appended. TT_NOTFOUND unless the pieces are exactly `text`. TT_NOMEM. */
int answer_pieces_lengths(struct bytes document, struct bytes text, struct buf *lengths);

#endif
