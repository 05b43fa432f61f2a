/* SPDX-License-Identifier: MIT */
#include "replay/completion.h"

#include <math.h>
#include <string.h>

/* A fixed moment instead of the clock's, so that answers are the same every time. */
#define CREATED 1767225600u

static double to_ms(double ns)
{
    return floor(ns / 1000 + 0.5) / 1000;
}

static void write_identity(struct jsonout *j, const struct completion_state *s, const char *object)
{
    jsonout_field_u64(j, "created", CREATED);
    jsonout_field_string(j, "id", s->generation->id);
    jsonout_field_string(j, "model", s->profile->model);
    jsonout_field_string(j, "system_fingerprint", s->profile->version);
    jsonout_field_string(j, "object", object);
}

static void write_usage(struct jsonout *j, const struct completion_state *s)
{
    const struct generation *g = s->generation;
    jsonout_key(j, "usage");
    jsonout_object(j);
    jsonout_field_u64(j, "completion_tokens", g->count);
    jsonout_field_u64(j, "prompt_tokens", g->prompt_tokens);
    jsonout_field_u64(j, "total_tokens", g->prompt_tokens + g->count);
    if (s->profile->cached_field != CACHED_FIELD_ABSENT) {
        jsonout_key(j, "prompt_tokens_details");
        jsonout_object(j);
        jsonout_field_u64(j, "cached_tokens",
                          s->profile->cached_field == CACHED_FIELD_NULL ? ABSENT : g->cached_tokens);
        jsonout_end(j, '}');
    }
    jsonout_end(j, '}');
}

static void write_rate(struct jsonout *j, const char *what, double ms, double count)
{
    struct buf name = BUF_INIT;
    buf_printf(&name, "%s_per_token_ms", what);
    jsonout_field_number(j, buf_text(&name), count > 0 ? ms / count : 0);
    buf_clear(&name);
    buf_printf(&name, "%s_per_second", what);
    jsonout_field_number(j, buf_text(&name), ms > 0 ? count * 1000 / ms : 0);
    buf_release(&name);
}

/* llama.cpp's names, and its rule that the first token is free. */
static void write_timings(struct jsonout *j, const struct completion_state *s)
{
    const struct generation *g = s->generation;
    double prompt_ms = to_ms((double)g->prompt_ns), decode_ms = to_ms(s->decode_ns);
    uint64_t prompt_n = g->prompt_tokens - g->cached_tokens;
    jsonout_key(j, "timings");
    jsonout_object(j);
    jsonout_field_u64(j, "cache_n", g->cached_tokens);
    jsonout_field_u64(j, "prompt_n", prompt_n);
    jsonout_field_number(j, "prompt_ms", prompt_ms);
    write_rate(j, "prompt", prompt_ms, (double)prompt_n);
    jsonout_field_u64(j, "predicted_n", s->tokens);
    jsonout_field_number(j, "predicted_ms", decode_ms);
    write_rate(j, "predicted", decode_ms, s->tokens ? (double)(s->tokens - 1) : 0);
    if (s->accepted && !isnan(s->profile->acceptance)) {
        jsonout_field_u64(j, "draft_n", (uint64_t)floor((double)s->accepted / s->profile->acceptance + 0.5));
        jsonout_field_u64(j, "draft_n_accepted", s->accepted);
    }
    jsonout_end(j, '}');
}

static void begin_event(struct jsonout *j, struct buf *out)
{
    buf_puts(out, "data: ");
    jsonout_init(j, out, 0);
    jsonout_object(j);
    jsonout_key(j, "choices");
    jsonout_array(j);
}

static void begin_delta(struct jsonout *j, struct buf *out, const char *finish_reason)
{
    begin_event(j, out);
    jsonout_object(j);
    jsonout_field_string(j, "finish_reason", finish_reason);
    jsonout_field_u64(j, "index", 0);
    jsonout_key(j, "delta");
    jsonout_object(j);
}

static void end_delta(struct jsonout *j)
{
    jsonout_end(j, '}');
    jsonout_end(j, '}');
}

static void end_event(struct jsonout *j, struct buf *out, const struct completion_state *s, int with_usage)
{
    jsonout_end(j, ']');
    write_identity(j, s, "chat.completion.chunk");
    if (with_usage)
        write_usage(j, s);
    if (s->with_timings)
        write_timings(j, s);
    jsonout_end(j, '}');
    buf_puts(out, "\n\n");
}

void completion_role_event(struct buf *out, const struct completion_state *s)
{
    struct jsonout j;
    begin_delta(&j, out, NULL);
    jsonout_field_string(&j, "role", "assistant");
    jsonout_field_string(&j, "content", NULL);
    end_delta(&j);
    end_event(&j, out, s, 0);
}

void completion_text_event(struct buf *out, const struct completion_state *s, const char *field,
                           struct bytes text)
{
    struct jsonout j;
    begin_delta(&j, out, NULL);
    jsonout_key(&j, field);
    jsonout_string_n(&j, text.data, text.len);
    end_delta(&j);
    end_event(&j, out, s, 0);
}

/* The call's id is the answer's without its prefix. */
static const char *call_id(const struct completion_state *s)
{
    return s->generation->id + strlen("chatcmpl-");
}

static void write_call(struct jsonout *j, const struct completion_state *s, int named, struct bytes arguments)
{
    jsonout_object(j);
    jsonout_field_u64(j, "index", 0);
    if (named) {
        jsonout_field_string(j, "id", call_id(s));
        jsonout_field_string(j, "type", "function");
    }
    jsonout_key(j, "function");
    jsonout_object(j);
    if (named)
        jsonout_field_string(j, "name", s->generation->tool_name);
    jsonout_key(j, "arguments");
    jsonout_string_n(j, arguments.data, arguments.len);
    jsonout_end(j, '}');
    jsonout_end(j, '}');
}

void completion_tool_event(struct buf *out, const struct completion_state *s, int first,
                           struct bytes arguments)
{
    struct jsonout j;
    begin_delta(&j, out, NULL);
    jsonout_key(&j, "tool_calls");
    jsonout_array(&j);
    write_call(&j, s, first, arguments);
    jsonout_end(&j, ']');
    end_delta(&j);
    end_event(&j, out, s, 0);
}

void completion_finish_event(struct buf *out, const struct completion_state *s)
{
    struct jsonout j;
    begin_delta(&j, out, s->generation->finish_reason);
    end_delta(&j);
    end_event(&j, out, s, 0);
}

void completion_usage_event(struct buf *out, const struct completion_state *s)
{
    struct jsonout j;
    begin_event(&j, out);
    end_event(&j, out, s, 1);
}

void completion_done_event(struct buf *out)
{
    buf_puts(out, "data: [DONE]\n\n");
}

/* The texts of all tokens of one part, joined. */
static void join(struct buf *out, const struct generation *g, enum token_part part)
{
    for (size_t i = 0; i < g->count; i++) {
        if (g->tokens[i].part == part)
            buf_append(out, g->text.data + g->tokens[i].offset, g->tokens[i].len);
    }
}

static void write_joined(struct jsonout *j, const struct generation *g, const char *field,
                         enum token_part part, int even_when_empty)
{
    struct buf text = BUF_INIT;
    join(&text, g, part);
    if (text.failed) {
        j->out->failed = text.failed;
    } else if (text.len || even_when_empty) {
        jsonout_key(j, field);
        jsonout_string_n(j, text.data, text.len);
    }
    buf_release(&text);
}

static void write_whole_call(struct jsonout *j, const struct completion_state *s)
{
    struct buf arguments = BUF_INIT;
    join(&arguments, s->generation, TOKEN_TOOL_ARGUMENTS);
    if (arguments.len) {
        jsonout_key(j, "tool_calls");
        jsonout_array(j);
        write_call(j, s, 1, buf_bytes(&arguments));
        jsonout_end(j, ']');
    }
    buf_release(&arguments);
}

void completion_document(struct buf *out, const struct completion_state *s)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    jsonout_key(&j, "choices");
    jsonout_array(&j);
    jsonout_object(&j);
    jsonout_field_string(&j, "finish_reason", s->generation->finish_reason);
    jsonout_field_u64(&j, "index", 0);
    jsonout_key(&j, "message");
    jsonout_object(&j);
    jsonout_field_string(&j, "role", "assistant");
    write_joined(&j, s->generation, "content", TOKEN_CONTENT, 1);
    write_joined(&j, s->generation, s->profile->reasoning_field, TOKEN_REASONING, 0);
    write_whole_call(&j, s);
    jsonout_end(&j, '}');
    jsonout_end(&j, '}');
    jsonout_end(&j, ']');
    write_identity(&j, s, "chat.completion");
    if (s->profile->usage)
        write_usage(&j, s);
    if (s->with_timings)
        write_timings(&j, s);
    jsonout_end(&j, '}');
}
