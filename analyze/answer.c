/* SPDX-License-Identifier: MIT */
#include "analyze/answer.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/digest.h"

void answer_init(struct answer *a)
{
    memset(a, 0, sizeof *a);
    buf_init(&a->reasoning, ANSWER_TEXT_MAX);
    buf_init(&a->content, ANSWER_TEXT_MAX);
    a->last_step_read = a->t_first_content = a->t_finish = a->t_tail = ABSENT;
    a->usage.prompt_tokens = a->usage.completion_tokens = a->usage.cached_tokens = ABSENT;
    struct chat_timings *t = &a->timings;
    t->cache_n = t->prompt_n = t->predicted_n = t->draft_n = t->draft_n_accepted = ABSENT;
    t->prompt_ms = t->predicted_ms = NAN;
}

void answer_release(struct answer *a)
{
    for (size_t i = 0; i < a->tool_count; i++) {
        buf_release(&a->tools[i].id);
        buf_release(&a->tools[i].name);
        buf_release(&a->tools[i].arguments);
    }
    mem_free(a->tools);
    mem_free(a->steps);
    buf_release(&a->reasoning);
    buf_release(&a->content);
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

static int add_step(struct answer *a, const struct stream_frame *frame)
{
    a->visible_frames++;
    uint64_t count = follow_count(a, frame->chat);
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
    step->counted = count == ABSENT ? ANSWER_UNCOUNTED : (uint32_t)count;
    return TT_OK;
}

static size_t code_points(struct bytes text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += (text.data[i] & 0xC0) != 0x80;
    return n;
}

/* Text over the cap is cut, not refused: the figures need its timing, only the text checks need its words. */
static int keep_text(struct answer *a, struct buf *kept, struct bytes text, size_t room)
{
    if (text.len > room) {
        text.len = room;
        a->text_is_cut = 1;
    }
    return buf_append(kept, text.data, text.len) == TT_NOMEM ? TT_NOMEM : TT_OK;
}

static int add_text(struct answer *a, const struct chat_frame *chat)
{
    a->reasoning_bytes += chat->reasoning.len;
    a->content_bytes += chat->content.len;
    a->reasoning_chars += code_points(chat->reasoning);
    int status = keep_text(a, &a->reasoning, chat->reasoning, ANSWER_TEXT_MAX - a->reasoning.len);
    return status ? status : keep_text(a, &a->content, chat->content, ANSWER_TEXT_MAX - a->content.len);
}

static int same_id(const struct answer_tool *tool, struct bytes id)
{
    return !id.len || !tool->id.len ||
           (tool->id.len == id.len && memcmp(tool->id.data, id.data, id.len) == 0);
}

/* The call that a fragment continues, or NULL when it begins one. Engines without indices continue the last
 * call until a new name comes. */
static struct answer_tool *find_tool(struct answer *a, const struct chat_tool *fragment)
{
    for (size_t i = a->tool_count; i-- > 0;) {
        struct answer_tool *tool = &a->tools[i];
        if (fragment->index == ABSENT)
            return fragment->name.len && tool->name.len ? NULL : tool;
        if (tool->index == fragment->index)
            return same_id(tool, fragment->id) ? tool : NULL;
    }
    return NULL;
}

static struct answer_tool *begin_tool(struct answer *a, const struct chat_tool *fragment)
{
    a->tool_calls++;
    struct answer_tool *tool = &a->tools[a->tool_count++];
    tool->index = fragment->index;
    buf_init(&tool->id, ANSWER_TEXT_MAX);
    buf_init(&tool->name, ANSWER_TEXT_MAX);
    buf_init(&tool->arguments, ANSWER_TEXT_MAX);
    return tool;
}

static int keep_tool_text(struct answer *a, struct buf *kept, struct bytes text)
{
    size_t room = ANSWER_TEXT_MAX - a->tool_bytes;
    a->tool_bytes += text.len < room ? text.len : room;
    return keep_text(a, kept, text, room);
}

static int add_tool(struct answer *a, const struct chat_tool *fragment)
{
    struct answer_tool *tool = find_tool(a, fragment);
    if (!tool && a->tool_count >= ANSWER_TOOLS_MAX) {
        a->text_is_cut = 1;
        a->tool_calls += fragment->name.len > 0;
        return TT_OK;
    }
    if (!tool && mem_grow(&a->tools, &a->tool_capacity, a->tool_count + 1, sizeof *a->tools))
        return TT_NOMEM;
    if (!tool)
        tool = begin_tool(a, fragment);
    int status = tool->id.len ? TT_OK : keep_tool_text(a, &tool->id, fragment->id);
    if (!status && !tool->name.len)
        status = keep_tool_text(a, &tool->name, fragment->name);
    return status ? status : keep_tool_text(a, &tool->arguments, fragment->arguments);
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
    if (!status && visible)
        status = add_text(a, chat);
    if (chat->content.len && a->t_first_content == ABSENT)
        a->t_first_content = frame->t;
    for (size_t i = 0; i < chat->tool_count && i < CHAT_TOOLS_MAX && !status; i++)
        status = add_tool(a, &chat->tools[i]);
    note_finish(a, frame, visible);
    note_tail(a, frame, visible);
    note_error(a, chat);
    if (chat->has_usage)
        merge_usage(a, &chat->usage);
    if (chat->has_timings)
        merge_timings(a, &chat->timings);
    return status;
}

static void digest_part(struct sha256 *s, const struct buf *part)
{
    sha256_update(s, part->data, part->len);
    sha256_update(s, "", 1);
}

int answer_text_digest(const struct answer *a, char hex[65])
{
    unsigned char digest[SHA256_BYTES];
    hex[0] = '\0';
    if (a->text_is_cut)
        return TT_OK;
    struct sha256 *s = sha256_new();
    if (!s)
        return TT_NOMEM;
    digest_part(s, &a->reasoning);
    digest_part(s, &a->content);
    for (size_t i = 0; i < a->tool_count; i++) {
        digest_part(s, &a->tools[i].name);
        digest_part(s, &a->tools[i].arguments);
    }
    sha256_final(s, digest);
    sha256_free(s);
    sha256_hex(digest, hex);
    return TT_OK;
}
