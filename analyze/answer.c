/* SPDX-License-Identifier: MIT */
#include "analyze/answer.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"

void answer_init(struct answer *a)
{
    memset(a, 0, sizeof *a);
    answer_text_init(&a->text);
    a->last_step_read = a->t_first_content = a->t_finish = a->t_tail = ABSENT;
    a->usage.prompt_tokens = a->usage.completion_tokens = a->usage.cached_tokens = ABSENT;
    struct chat_timings *t = &a->timings;
    t->cache_n = t->prompt_n = t->predicted_n = t->draft_n = t->draft_n_accepted = ABSENT;
    t->prompt_ms = t->predicted_ms = NAN;
}

void answer_release(struct answer *a)
{
    answer_text_release(&a->text);
    mem_free(a->steps);
    answer_init(a);
}

uint64_t answer_frame_count(const struct chat_frame *chat, enum answer_count kind)
{
    switch (kind) {
    case COUNT_TIMINGS:
        return chat->has_timings ? chat->timings.predicted_n : ABSENT;
    case COUNT_USAGE:
        return chat->has_usage ? chat->usage.completion_tokens : ABSENT;
    case COUNT_IDS:
        return chat->token_ids;
    default:
        return ABSENT;
    }
}

static enum answer_count best_count(const struct chat_frame *chat)
{
    for (enum answer_count kind = COUNT_TIMINGS; kind <= COUNT_IDS; kind++) {
        if (answer_frame_count(chat, kind) != ABSENT)
            return kind;
    }
    return COUNT_NONE;
}

uint64_t answer_best_count(const struct chat_frame *chat)
{
    return answer_frame_count(chat, best_count(chat));
}

/* The engine's running count after this token-bearing frame; ABSENT once that count cannot be trusted. */
static uint64_t follow_count(struct answer *a, const struct chat_frame *chat)
{
    if (a->visible_frames == 1)
        a->count_kind = best_count(chat);
    uint64_t count = answer_frame_count(chat, a->count_kind);
    if (count != ABSENT && a->count_kind == COUNT_IDS)
        count = a->ids_counted;
    if (count == ABSENT || count < a->last_count || count >= ANSWER_UNCOUNTED)
        a->count_broken = 1;
    else
        a->last_count = count;
    return a->count_broken ? ABSENT : count;
}

/* The text up to the end of this frame, which is not yet added to it. */
static uint64_t text_up_to(const struct answer *a, const struct chat_frame *chat)
{
    return a->text.reasoning_bytes + a->text.content_bytes + chat->reasoning.len + chat->content.len;
}

static int add_step(struct answer *a, const struct stream_frame *frame)
{
    a->visible_frames++;
    uint64_t count = follow_count(a, frame->chat);
    if (a->count_kind == COUNT_NONE)
        count = text_up_to(a, frame->chat);
    if (a->last_step_read != frame->read || !a->step_count) {
        if (a->step_count >= ANSWER_STEPS_MAX)
            return TT_LIMIT;
        if (mem_grow(&a->steps, &a->step_capacity, a->step_count + 1, sizeof *a->steps))
            return TT_NOMEM;
        a->steps[a->step_count++] = (struct answer_step){frame->t, 0, ANSWER_UNCOUNTED};
        a->last_step_read = frame->read;
    }
    struct answer_step *step = &a->steps[a->step_count - 1];
    step->frames++;
    step->counted = count < ANSWER_UNCOUNTED ? (uint32_t)count : ANSWER_UNCOUNTED;
    return TT_OK;
}

static void merge_count(uint64_t *kept, uint64_t stated)
{
    if (stated != ABSENT)
        *kept = stated;
}

static void merge_ms(double *kept, double stated)
{
    if (!isnan(stated))
        *kept = stated;
}

static void merge_usage(struct answer *a, const struct chat_usage *u)
{
    a->has_usage = 1;
    merge_count(&a->usage.prompt_tokens, u->prompt_tokens);
    merge_count(&a->usage.completion_tokens, u->completion_tokens);
    if (u->cached_state == CACHED_ABSENT)
        return;
    a->usage.cached_state = u->cached_state;
    a->usage.cached_tokens = u->cached_tokens;
}

static void merge_timings(struct answer *a, const struct chat_timings *t)
{
    a->has_timings = 1;
    merge_count(&a->timings.cache_n, t->cache_n);
    merge_count(&a->timings.prompt_n, t->prompt_n);
    merge_count(&a->timings.predicted_n, t->predicted_n);
    merge_count(&a->timings.draft_n, t->draft_n);
    merge_count(&a->timings.draft_n_accepted, t->draft_n_accepted);
    merge_ms(&a->timings.prompt_ms, t->prompt_ms);
    merge_ms(&a->timings.predicted_ms, t->predicted_ms);
}

static void copy_text(char *to, size_t size, struct bytes text)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;
    if (len)
        memcpy(to, text.data, len);
    to[len] = '\0';
}

static void note_finish(struct answer *a, const struct stream_frame *frame, int visible)
{
    const struct chat_frame *chat = frame->chat;
    if (!chat->finish_reason.len || a->t_finish != ABSENT)
        return;
    copy_text(a->finish_reason, sizeof a->finish_reason, chat->finish_reason);
    a->t_finish = frame->t;
    a->finish_has_text = visible;
    a->finish_only_with_usage = chat->has_usage && !a->has_usage && !visible;
}

int answer_ended_at_limit(const struct answer *a)
{
    return strcmp(a->finish_reason, "length") == 0 || strcmp(a->finish_reason, "max_tokens") == 0;
}

int answer_frame_may_end(const struct chat_frame *chat)
{
    return !chat_is_token_bearing(chat) &&
           (chat->kind == FRAME_FINISH || chat->kind == FRAME_DONE || chat->has_usage || chat->has_timings);
}

/* Text after a frame that looked like the end moves the end on. */
static void note_tail(struct answer *a, const struct stream_frame *frame, int visible)
{
    if (visible)
        a->t_tail = ABSENT;
    else if (a->t_tail == ABSENT && answer_frame_may_end(frame->chat))
        a->t_tail = frame->t;
}

static void note_error(struct answer *a, const struct chat_frame *chat)
{
    if (chat->kind != FRAME_ERROR || a->has_error)
        return;
    a->has_error = 1;
    copy_text(a->error, sizeof a->error, chat->error);
}

int answer_frame(struct answer *a, const struct stream_frame *frame)
{
    const struct chat_frame *chat = frame->chat;
    int visible = chat_is_token_bearing(chat), status = TT_OK;
    a->frames++;
    a->malformed_frames += chat->kind == FRAME_MALFORMED;
    if (chat->token_ids != ABSENT)
        a->ids_counted += chat->token_ids;
    if (visible)
        status = add_step(a, frame);
    if (!status)
        status = answer_text_frame(&a->text, chat);
    if (chat->content.len && a->t_first_content == ABSENT)
        a->t_first_content = frame->t;
    note_finish(a, frame, visible);
    note_tail(a, frame, visible);
    note_error(a, chat);
    if (chat->has_usage)
        merge_usage(a, &chat->usage);
    if (chat->has_timings)
        merge_timings(a, &chat->timings);
    return status;
}
