/* SPDX-License-Identifier: MIT */
#ifndef TOKTAPE_FRAME_TEXT_H
#define TOKTAPE_FRAME_TEXT_H

#include "formats/chat.h"

/* What a person would call the frame's text: its words, its piece of arguments, its error. Borrowed. */
struct bytes frame_text(const struct chat_frame *chat);

#endif
