/* SPDX-License-Identifier: MIT */
/* Frames as text, for expected results that can be read and checked by eye. */
#ifndef TOKTAPE_TESTS_FRAME_TEXT_H
#define TOKTAPE_TESTS_FRAME_TEXT_H

#include "formats/buf.h"
#include "formats/chat.h"

/* Appends the kind and every field that says something: `tool_call tool=0,"id","name","arguments"
 * finish="stop"`. */
void frame_text(struct buf *out, const struct chat_frame *frame);

void quoted_text(struct buf *out, struct bytes text);
void usage_text(struct buf *out, const struct chat_usage *usage);
void timings_text(struct buf *out, const struct chat_timings *timings);
void count_text(struct buf *out, uint64_t count); /* "-" when ABSENT */

#endif
