/* SPDX-License-Identifier: MIT */
#include "formats/chat_memo.h"

#include <string.h>

#include "formats/chat_chunk.h"

/* The field whose text may differ from chunk to chunk. What a chunk is depends on this text only by whether
 * it is empty, and it is not. */
static struct bytes *varying_text(struct chat_frame *frame)
{
    return frame->kind == FRAME_CONTENT ? &frame->content : &frame->reasoning;
}

/* Decoded text lies in `scratch`, where it would not stay; a chunk that has any is not remembered. */
static void remember(struct chat_memo *memo, size_t len, const struct buf *scratch, struct chat_frame *frame)
{
    memo->head = 0;
    if ((frame->kind != FRAME_CONTENT && frame->kind != FRAME_REASONING) || frame->tool_count ||
        frame->tools_dropped || scratch->len)
        return;
    struct bytes text = *varying_text(frame);
    memo->head = (size_t)(text.data - memo->chunk);
    memo->tail_at = memo->head + text.len;
    memo->tail = len - memo->tail_at;
    memcpy(&memo->frame, frame, offsetof(struct chat_frame, tools));
}

/* The text between the remembered head, which ends with its opening quote, and tail; 0 when this chunk has
 * others. */
static int find_text(const struct chat_memo *memo, const unsigned char *data, size_t len,
                     struct jscan_text *text)
{
    struct jscan scan;
    if (!memo->head || len <= memo->head + memo->tail || memcmp(data, memo->chunk, memo->head) != 0 ||
        memcmp(data + len - memo->tail, memo->chunk + memo->tail_at, memo->tail) != 0)
        return 0;
    jscan_init(&scan, data + memo->head - 1, len - memo->head + 1);
    jscan_string(&scan, text);
    return !scan.failed && text->len == len - memo->head - memo->tail;
}

static void read_whole(struct chat_memo *memo, const void *data, size_t len, struct buf *scratch,
                       struct chat_frame *frame)
{
    if (!len || len > CHAT_MEMO_MAX) { /* an empty event may have no bytes at all */
        chat_classify(data, len, scratch, frame);
        return;
    }
    memcpy(memo->chunk, data, len); /* the frame's texts have to last as long as the memo */
    chat_classify(memo->chunk, len, scratch, frame);
    remember(memo, len, scratch, frame);
}

void chat_memo_classify(struct chat_memo *memo, const void *data, size_t len, struct buf *scratch,
                        struct chat_frame *frame)
{
    struct jscan_text text;
    if (!find_text(memo, data, len, &text)) {
        read_whole(memo, data, len, scratch, frame);
        return;
    }
    buf_clear(scratch);
    memcpy(frame, &memo->frame, offsetof(struct chat_frame, tools));
    *varying_text(frame) = chat_text(&text, JSCAN_DECODED_MAX(len), scratch);
    int failed = scratch->failed;
    if (failed)
        chat_classify("", 0, scratch, frame);
    scratch->failed = failed; /* classifying begins with a scratch that did not fail */
}
