/* SPDX-License-Identifier: MIT */
/* Classifies the chunks of one stream, most of which repeat the one before but for their text.
 *
 * A chunk of an engine is some 250 bytes around one token. Where everything before and after the token's text
 * is the same bytes as last time, reading it again would come to the same result: it is compared instead. */
#ifndef TOKTAPE_CHAT_MEMO_H
#define TOKTAPE_CHAT_MEMO_H

#include <stddef.h>

#include "formats/chat.h"

#define CHAT_MEMO_MAX 2048 /* longer chunks are always read */

/* All zero is an empty memo. */
struct chat_memo {
    size_t head;             /* bytes of the remembered chunk before its text; 0: nothing is remembered */
    size_t tail_at, tail;    /* from the text's closing quote on */
    struct chat_frame frame; /* what it said, without tools; its texts point into `chunk` */
    unsigned char chunk[CHAT_MEMO_MAX];
};

/* Gives what chat_classify gives. Text may point into the memo as well, and is borrowed until its next use.
 */
void chat_memo_classify(struct chat_memo *memo, const void *data, size_t len, struct buf *scratch,
                        struct chat_frame *frame);

#endif
