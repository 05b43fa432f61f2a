/* SPDX-License-Identifier: MIT */
/* Fuzz target: chunks one after the other, one a line, through the memo and without it. Both must say the
 * same. */
#include <stdint.h>
#include <string.h>

#include "formats/chat_memo.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int same_text(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int same_numbers(const struct chat_frame *a, const struct chat_frame *b)
{
    return a->usage.prompt_tokens == b->usage.prompt_tokens &&
           a->usage.completion_tokens == b->usage.completion_tokens &&
           a->usage.cached_tokens == b->usage.cached_tokens &&
           a->usage.cached_state == b->usage.cached_state &&
           memcmp(&a->timings, &b->timings, sizeof a->timings) == 0 &&
           memcmp(&a->progress, &b->progress, sizeof a->progress) == 0 && a->token_ids == b->token_ids &&
           a->has_usage == b->has_usage && a->has_timings == b->has_timings &&
           a->has_progress == b->has_progress;
}

static int same_frame(const struct chat_frame *a, const struct chat_frame *b)
{
    if (a->kind != b->kind || a->tool_count != b->tool_count || a->tools_dropped != b->tools_dropped)
        return 0;
    for (size_t i = 0; i < a->tool_count; i++) {
        const struct chat_tool *x = &a->tools[i], *y = &b->tools[i];
        if (x->index != y->index || !same_text(x->id, y->id) || !same_text(x->name, y->name) ||
            !same_text(x->arguments, y->arguments))
            return 0;
    }
    return same_numbers(a, b) && same_text(a->content, b->content) && same_text(a->reasoning, b->reasoning) &&
           same_text(a->finish_reason, b->finish_reason) && same_text(a->error, b->error) &&
           same_text(a->model, b->model) && same_text(a->fingerprint, b->fingerprint);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct chat_memo memo;
    static struct buf scratch[2];
    static struct chat_frame frames[2];
    memset(&memo, 0, sizeof memo);
    while (len) {
        const uint8_t *end = memchr(bytes, '\n', len);
        size_t line = end ? (size_t)(end - bytes) : len;
        chat_memo_classify(&memo, bytes, line, &scratch[0], &frames[0]);
        chat_classify(bytes, line, &scratch[1], &frames[1]);
        require(same_frame(&frames[0], &frames[1]), "the memo says something else");
        bytes += line + (end != NULL);
        len -= line + (end != NULL);
    }
    return 0;
}
