/* SPDX-License-Identifier: MIT */
#include "formats/export_jsonl.h"

#include <stdio.h>
#include <string.h>

#include "formats/io.h"

#define PIECE_BYTES ((size_t)256 << 10)

void jsonl_init(struct jsonl *j, int fd, const char *path)
{
    memset(j, 0, sizeof *j);
    j->fd = fd;
    j->path = path;
}

void jsonl_release(struct jsonl *j)
{
    buf_release(&j->pending);
}

int jsonl_finish(struct jsonl *j)
{
    if (!j->error.code && j->pending.failed)
        error_set(&j->error, (enum tt_err)j->pending.failed, "out of memory for a line of '%s'", j->path);
    if (!j->error.code)
        io_write_all(j->fd, j->pending.data, j->pending.len, j->path, &j->error);
    buf_clear(&j->pending);
    return j->error.code;
}

struct jsonout *jsonl_begin(struct jsonl *j, const char *type)
{
    jsonout_init(&j->line, &j->pending, 0);
    jsonout_object(&j->line);
    jsonout_field_string(&j->line, "type", type);
    return &j->line;
}

int jsonl_end(struct jsonl *j)
{
    jsonout_end(&j->line, '}');
    buf_putc(&j->pending, '\n');
    return j->pending.len >= PIECE_BYTES || j->pending.failed ? jsonl_finish(j) : (int)j->error.code;
}

static void put_ns(struct jsonout *line, const char *name, uint64_t ns)
{
    jsonout_key(line, name);
    jsonout_u64_text(line, ns);
}

static void put_place(struct jsonout *line, const struct jsonl_place *place)
{
    jsonout_field_u64(line, "run", place->run);
    jsonout_field_u64(line, "repeat", place->repeat);
    jsonout_field_string(line, "phase", place->phase);
    jsonout_field_u64(line, "attempt", place->attempt);
}

/* Signed nanoseconds as text: what came before time zero is negative. */
static void put_signed_ns(struct jsonout *line, int64_t ns)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)ns);
    jsonout_string(line, text);
}

static void put_time(struct jsonout *line, const struct jsonl_time *time)
{
    jsonout_key(line, "t_ns");
    if (time->has_zero)
        put_signed_ns(line, time->t_ns);
    else
        jsonout_null(line);
    jsonout_key(line, "t_us");
    if (time->has_zero)
        jsonout_number(line, (double)time->t_ns / 1e3);
    else
        jsonout_null(line);
    put_ns(line, "clock_ns", time->clock_ns);
}

static void put_tools(struct jsonout *line, const struct chat_frame *chat)
{
    if (!chat->tool_count)
        return;
    jsonout_key(line, "tool_calls");
    jsonout_array(line);
    for (size_t i = 0; i < chat->tool_count && i < CHAT_TOOLS_MAX; i++) {
        const struct chat_tool *tool = &chat->tools[i];
        jsonout_object(line);
        jsonout_field_u64(line, "index", tool->index);
        jsonout_key(line, "name");
        jsonout_string_n(line, tool->name.data, tool->name.len);
        jsonout_key(line, "arguments");
        jsonout_string_n(line, tool->arguments.data, tool->arguments.len);
        jsonout_end(line, '}');
    }
    jsonout_end(line, ']');
}

/* What a person would call the frame's text: its words, its piece of arguments, its error. */
static struct bytes frame_text(const struct chat_frame *chat)
{
    const struct chat_tool *tool = chat->tool_count ? &chat->tools[0] : NULL;
    switch (chat->kind) {
    case FRAME_ERROR:
        return chat->error;
    case FRAME_REASONING:
        return chat->reasoning;
    case FRAME_TOOL_CALL:
        return tool && tool->arguments.len ? tool->arguments : tool ? tool->name : chat->content;
    default:
        return chat->content;
    }
}

int jsonl_frame(struct jsonl *j, const struct jsonl_place *place, const struct jsonl_time *time,
                const struct stream_frame *frame, uint64_t tokens)
{
    struct jsonout *line = jsonl_begin(j, "frame");
    const struct chat_frame *chat = frame->chat;
    struct bytes text = frame_text(chat);
    put_place(line, place);
    put_time(line, time);
    jsonout_field_string(line, "kind", frame_kind_name(chat->kind));
    jsonout_field_u64(line, "tokens", tokens);
    jsonout_key(line, "text");
    jsonout_string_n(line, text.data, text.len);
    put_tools(line, chat);
    if (chat->reasoning.len && chat->kind != FRAME_REASONING) {
        jsonout_key(line, "reasoning");
        jsonout_string_n(line, chat->reasoning.data, chat->reasoning.len);
    }
    if (chat->finish_reason.len) {
        jsonout_key(line, "finish_reason");
        jsonout_string_n(line, chat->finish_reason.data, chat->finish_reason.len);
    }
    jsonout_field_u64(line, "chunk", frame->read);
    jsonout_field_u64(line, "offset", frame->offset);
    return jsonl_end(j);
}

int jsonl_chunk(struct jsonl *j, const struct jsonl_place *place, const struct jsonl_time *time,
                uint64_t nbytes)
{
    struct jsonout *line = jsonl_begin(j, "chunk");
    put_place(line, place);
    put_time(line, time);
    jsonout_field_u64(line, "bytes", nbytes);
    return jsonl_end(j);
}

int jsonl_sample(struct jsonl *j, const struct jsonl_sample *sample)
{
    struct jsonout *line = jsonl_begin(j, "sample");
    put_ns(line, "clock_ns", sample->clock_ns);
    put_ns(line, "duration_ns", sample->duration_ns);
    jsonout_field_string(line, "source", sample->source);
    jsonout_field_string(line, "name", sample->name);
    jsonout_field_string(line, "unit", sample->unit);
    jsonout_key(line, "source_t");
    if (sample->source_t == ABSENT)
        jsonout_null(line);
    else
        jsonout_u64_text(line, sample->source_t);
    jsonout_key(line, "value");
    jsonout_u64_text(line, sample->value);
    jsonout_field_number(line, "value_number", (double)(int64_t)sample->value);
    return jsonl_end(j);
}
