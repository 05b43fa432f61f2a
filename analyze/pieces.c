/* SPDX-License-Identifier: MIT */
#include "analyze/pieces.h"

/* What is no length ends the walk. */
static void begin_piece(struct piece_cursor *c)
{
    uint64_t length;
    if (take_uvarint(&c->left, &length)) {
        c->left.len = 0;
        return;
    }
    c->begun++;
    c->end = length <= UINT64_MAX - c->end ? c->end + length : UINT64_MAX;
}

uint64_t piece_cursor_up_to(struct piece_cursor *c, uint64_t text)
{
    while (c->end < text && c->left.len)
        begin_piece(c);
    return c->begun;
}

/* How many tokens they are; ABSENT unless each has a byte and all of them together are `text` bytes. */
static uint64_t count_pieces(struct bytes lengths, uint64_t text)
{
    uint64_t count = 0, length;
    while (lengths.len) {
        if (take_uvarint(&lengths, &length) || !length || length > text)
            return ABSENT;
        text -= length;
        count++;
    }
    return text ? ABSENT : count;
}

/* A stop ends with a token without text, or with those of the stop word, which may be one: more of them may
 * have stood anywhere. */
static int is_stated(const struct answer *a, uint64_t count)
{
    uint64_t total = a->usage.completion_tokens;
    if (total == ABSENT)
        total = a->timings.predicted_n;
    int may_end_silent = a->t_tail != ABSENT && !answer_ended_at_limit(a);
    return total == count || (may_end_silent && total == count + 1);
}

void pieces_count(struct answer *a, struct bytes lengths)
{
    uint64_t text = a->text.reasoning_bytes + a->text.content_bytes;
    if (!lengths.len || a->count_kind != COUNT_NONE || !a->step_count)
        return;
    uint64_t count = text < ANSWER_UNCOUNTED ? count_pieces(lengths, text) : ABSENT;
    a->pieces_misfit = count == ABSENT || a->text.tool_calls || a->unknown_frames || !is_stated(a, count);
    if (a->pieces_misfit)
        return;
    struct piece_cursor cursor = {lengths, 0, 0};
    for (size_t i = 0; i < a->step_count; i++)
        a->steps[i].counted = (uint32_t)piece_cursor_up_to(&cursor, a->steps[i].counted);
    a->count_kind = COUNT_PIECES;
    a->count_broken = 0;
    a->last_count = count;
}
