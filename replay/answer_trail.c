/* SPDX-License-Identifier: MIT */
#include "replay/answer_trail.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/schema.h"

void answer_trail_init(struct answer_trail *trail)
{
    memset(trail, 0, sizeof *trail);
    buf_init(&trail->text, ANSWER_TRAIL_MAX);
    trail->tokens = ABSENT;
    trail->kind = -1;
}

void answer_trail_release(struct answer_trail *trail)
{
    buf_release(&trail->text);
    mem_free(trail->ends);
    answer_trail_init(trail);
}

void answer_trail_clear(struct answer_trail *trail)
{
    buf_clear(&trail->text);
    trail->count = 0;
    trail->tokens = ABSENT;
    trail->is_cut = 0;
    trail->kind = -1;
}

static void put_text(struct buf *text, struct bytes words)
{
    if (words.len)
        buf_append(text, words.data, words.len);
}

/* A change of kind is a byte that no UTF-8 text has, so that the same words thought and said differ. */
static int put_frame(struct answer_trail *trail, const struct chat_frame *chat)
{
    struct buf *text = &trail->text;
    if ((int)chat->kind != trail->kind)
        buf_putc(text, 0xf8 + (int)chat->kind % 8);
    trail->kind = (int)chat->kind;
    put_text(text, chat->reasoning);
    put_text(text, chat->content);
    for (size_t i = 0; i < chat->tool_count; i++) {
        put_text(text, chat->tools[i].name);
        put_text(text, chat->tools[i].arguments);
    }
    return text->failed;
}

static int add_frame(struct answer_trail *trail, const struct chat_frame *chat)
{
    if (trail->is_cut)
        return TT_OK;
    if (mem_grow(&trail->ends, &trail->capacity, trail->count + 1, sizeof *trail->ends))
        return TT_NOMEM;
    int status = put_frame(trail, chat);
    if (status == TT_LIMIT) {
        trail->is_cut = 1;
        return TT_OK;
    }
    if (!status)
        trail->ends[trail->count++] = trail->text.len;
    return status;
}

int answer_trail_frame(struct answer_trail *trail, const struct chat_frame *chat)
{
    if (chat->has_usage && chat->usage.completion_tokens != ABSENT)
        trail->tokens = chat->usage.completion_tokens;
    return chat_is_token_bearing(chat) ? add_frame(trail, chat) : TT_OK;
}

size_t answer_trail_size(const struct answer_trail *trail)
{
    return trail->text.len + trail->capacity * sizeof *trail->ends;
}

static size_t common_prefix(const struct buf *a, const struct buf *b)
{
    size_t len = a->len < b->len ? a->len : b->len, i = 0;
    while (i < len && a->data[i] == b->data[i])
        i++;
    return i;
}

uint64_t answer_trail_diverges(const struct answer_trail *a, const struct answer_trail *b)
{
    size_t same = common_prefix(&a->text, &b->text), low = 0, high = a->count;
    if (same == a->text.len && same == b->text.len)
        return ABSENT;
    while (low < high) { /* the first frame that ends behind the common beginning */
        size_t middle = low + (high - low) / 2;
        if (a->ends[middle] > same)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
