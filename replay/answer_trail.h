/* SPDX-License-Identifier: MIT */
/* What an answer said, token-bearing frame by frame, so that two answers can be compared. */
#ifndef TOKTAPE_ANSWER_TRAIL_H
#define TOKTAPE_ANSWER_TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/chat.h"
#include "formats/error.h"

#define ANSWER_TRAIL_MAX ((size_t)4 << 20) /* bytes of text kept of one answer; what is longer is cut */

/* `text` is all that was said, each change between reasoning, content and tool calls marked; `ends` is where
 * each frame ends in it. */
struct answer_trail {
    struct buf text;
    size_t *ends;
    size_t count, capacity;
    uint64_t tokens; /* as usage states them, else the frames; ABSENT before any */
    int is_cut;
    int kind; /* of the frame before */
};

void answer_trail_init(struct answer_trail *trail);
void answer_trail_release(struct answer_trail *trail);
void answer_trail_clear(struct answer_trail *trail);

/* Adds what the next frame says. TT_OK or TT_NOMEM. */
int answer_trail_frame(struct answer_trail *trail, const struct chat_frame *chat);

/* Bytes of memory that it takes. */
size_t answer_trail_size(const struct answer_trail *trail);

/* The first token-bearing frame of `a` (from 0) whose text is not that of `b`; where one ends early, the
 * frame behind its last one. ABSENT when both say the same. */
uint64_t answer_trail_diverges(const struct answer_trail *a, const struct answer_trail *b);

#endif
