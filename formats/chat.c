/* SPDX-License-Identifier: MIT */
#include "formats/chat.h"

#include <math.h>
#include <string.h>

#include "formats/chat_chunk.h"

const char *frame_kind_name(enum frame_kind kind)
{
    static const char *const names[] = {
        [FRAME_COMMENT] = "comment",     [FRAME_PROGRESS] = "progress", [FRAME_ROLE] = "role",
        [FRAME_REASONING] = "reasoning", [FRAME_CONTENT] = "content",   [FRAME_TOOL_CALL] = "tool_call",
        [FRAME_FINISH] = "finish",       [FRAME_USAGE] = "usage",       [FRAME_TIMINGS] = "timings",
        [FRAME_DONE] = "done",           [FRAME_ERROR] = "error",       [FRAME_MALFORMED] = "malformed",
    };
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

int chat_is_token_bearing(const struct chat_frame *frame)
{
    return frame->kind == FRAME_CONTENT || frame->kind == FRAME_REASONING || frame->kind == FRAME_TOOL_CALL;
}

/* The tools stay as they are: clearing them would cost more than reading a chunk, and none of them counts. */
static void frame_clear(struct chat_frame *frame, enum frame_kind kind)
{
    const struct bytes none = {NULL, 0};
    const struct chat_usage no_usage = {ABSENT, ABSENT, ABSENT, CACHED_ABSENT};
    const struct chat_timings no_timings = {ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, NAN, NAN};
    const struct chat_progress no_progress = {ABSENT, ABSENT, ABSENT};
    frame->kind = kind;
    frame->content = frame->reasoning = frame->finish_reason = none;
    frame->error = frame->model = frame->fingerprint = none;
    frame->tool_count = frame->tools_dropped = 0;
    frame->has_usage = frame->has_timings = frame->has_progress = frame->has_choices = 0;
    frame->usage = no_usage;
    frame->timings = no_timings;
    frame->progress = no_progress;
    frame->token_ids = ABSENT;
}

/* --- what a chunk's members mean --- */

static struct bytes first_text(struct bytes a, struct bytes b)
{
    return a.len ? a : b;
}

static int bytes_are(struct bytes b, const char *word)
{
    return b.len == strlen(word) && memcmp(b.data, word, b.len) == 0;
}

static int says_usage(const struct chat_usage *u)
{
    return u->prompt_tokens != ABSENT || u->completion_tokens != ABSENT || u->cached_state != CACHED_ABSENT;
}

static int says_timings(const struct chat_timings *t)
{
    return t->cache_n != ABSENT || t->prompt_n != ABSENT || t->predicted_n != ABSENT ||
           t->draft_n != ABSENT || t->draft_n_accepted != ABSENT || !isnan(t->prompt_ms) ||
           !isnan(t->predicted_ms);
}

static int says_progress(const struct chat_progress *p)
{
    return p->total != ABSENT || p->processed != ABSENT || p->cached != ABSENT;
}

/* An Anthropic content block is a call when it has a name (its start) or a piece of arguments. */
static void add_block_tool(struct chat_frame *frame, const struct chat_chunk *c)
{
    struct chat_tool spare;
    if (c->has_choices || (!c->block_name.len && !c->partial_json.len))
        return;
    struct chat_tool *tool = chat_next_tool(frame, &spare);
    tool->index = c->block_index;
    tool->id = c->block_id;
    tool->name = c->block_name;
    tool->arguments = c->partial_json;
}

static void fill_frame(struct chat_frame *frame, const struct chat_chunk *c)
{
    frame->content = first_text(c->content, c->text);
    frame->reasoning = first_text(first_text(c->reasoning_content, c->reasoning), c->thinking);
    frame->finish_reason = first_text(c->finish_reason, c->stop_reason);
    frame->has_choices = c->has_choices;
    frame->token_ids = c->token_ids;
    frame->usage = c->usage;
    frame->timings = c->timings;
    frame->progress = c->progress;
    frame->has_usage = says_usage(&c->usage);
    frame->has_timings = says_timings(&c->timings);
    frame->has_progress = says_progress(&c->progress);
    frame->error = c->error;
    frame->model = c->model;
    frame->fingerprint = c->fingerprint;
    add_block_tool(frame, c);
}

static int has_tool_text(const struct chat_frame *frame)
{
    for (size_t i = 0; i < frame->tool_count; i++) {
        if (frame->tools[i].name.len || frame->tools[i].arguments.len)
            return 1;
    }
    return 0;
}

static enum frame_kind kind_of(const struct chat_frame *frame, const struct chat_chunk *c)
{
    if (c->has_error)
        return FRAME_ERROR;
    if (bytes_are(c->type, "message_stop"))
        return FRAME_DONE;
    if (frame->content.len)
        return FRAME_CONTENT;
    if (has_tool_text(frame))
        return FRAME_TOOL_CALL;
    if (frame->reasoning.len)
        return FRAME_REASONING;
    if (frame->finish_reason.len)
        return FRAME_FINISH;
    if (frame->has_usage && !c->has_choices)
        return FRAME_USAGE;
    if (frame->has_timings && !frame->has_progress && !c->has_choices)
        return FRAME_TIMINGS;
    return frame->has_progress ? FRAME_PROGRESS : FRAME_ROLE;
}

/* Error documents that do not say "error": {"object":"error","message":…} and FastAPI's {"detail":…}. */
static void find_unnamed_error(struct chat_chunk *c, int is_document)
{
    if (c->has_error || c->has_choices)
        return;
    if (bytes_are(c->object, "error")) {
        c->has_error = 1;
        c->error = c->message;
    } else if (is_document && c->detail.len) {
        c->has_error = 1;
        c->error = c->detail;
    }
}

static void classify(const void *data, size_t len, int is_document, struct buf *scratch,
                     struct chat_frame *frame)
{
    struct chat_chunk chunk;
    frame_clear(frame, FRAME_MALFORMED);
    if (!chat_chunk_read(&chunk, data, len, scratch, frame)) {
        frame->tool_count = frame->tools_dropped = 0;
        return;
    }
    find_unnamed_error(&chunk, is_document);
    fill_frame(frame, &chunk);
    frame->kind = kind_of(frame, &chunk);
}

/* --- what is no chunk --- */

static struct bytes trimmed(const void *text, size_t len)
{
    struct bytes b = {text, len};
    while (b.len && (b.data[0] == ' ' || b.data[0] == '\t')) {
        b.data++;
        b.len--;
    }
    while (b.len && (b.data[b.len - 1] == ' ' || b.data[b.len - 1] == '\t'))
        b.len--;
    return b;
}

/* Takes digits off the front; ABSENT when there are none, or more than any token count has. */
static uint64_t take_count(struct bytes *b)
{
    uint64_t value = 0;
    size_t n = 0;
    while (n < b->len && b->data[n] >= '0' && b->data[n] <= '9' && n < 16)
        value = value * 10 + (uint64_t)(b->data[n++] - '0');
    b->data += n;
    b->len -= n;
    return n ? value : ABSENT;
}

static int take_word(struct bytes *b, const char *word)
{
    size_t len = strlen(word);
    if (b->len < len || memcmp(b->data, word, len) != 0)
        return 0;
    b->data += len;
    b->len -= len;
    return 1;
}

void chat_classify_comment(const void *text, size_t len, struct chat_frame *frame)
{
    struct bytes rest = trimmed(text, len);
    frame_clear(frame, FRAME_COMMENT);
    if (!take_word(&rest, "keepalive "))
        return;
    uint64_t processed = take_count(&rest);
    int has_slash = take_word(&rest, "/");
    uint64_t total = take_count(&rest);
    if (processed == ABSENT || !has_slash || total == ABSENT || rest.len)
        return;
    frame->kind = FRAME_PROGRESS;
    frame->has_progress = 1;
    frame->progress.processed = processed;
    frame->progress.total = total;
}

void chat_classify(const void *data, size_t len, struct buf *scratch, struct chat_frame *frame)
{
    if (len >= 6 && len < 64 && bytes_are(trimmed(data, len), "[DONE]")) {
        buf_clear(scratch);
        frame_clear(frame, FRAME_DONE);
        return;
    }
    classify(data, len, 0, scratch, frame);
}

void chat_classify_document(const void *data, size_t len, struct buf *scratch, struct chat_frame *frame)
{
    classify(data, len, 1, scratch, frame);
}
