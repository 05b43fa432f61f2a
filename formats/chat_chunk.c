/* SPDX-License-Identifier: MIT */
#include "formats/chat_chunk.h"

#include <math.h>
#include <string.h>

/* One member that is read; all others are checked and skipped. `read` consumes the value and stores it at
 * `offset` within the struct that the table of fields belongs to. */
struct field {
    const char *name;
    size_t name_len;
    void (*read)(struct chat_chunk *c, void *target);
    size_t offset;
};

#define FIELD(name, read, type, member)                                                                      \
    {                                                                                                        \
        name, sizeof(name) - 1, read, offsetof(type, member)                                                 \
    }
#define NESTED(name, read)                                                                                   \
    {                                                                                                        \
        name, sizeof(name) - 1, read, 0                                                                      \
    }
#define READ_FIELDS(c, base, fields) read_fields(c, base, fields, sizeof(fields) / sizeof *(fields))

static int is_named(const struct field *field, const struct jscan_text *key)
{
    if (key->has_escapes)
        return jscan_text_is(key, field->name);
    return key->len == field->name_len && key->data[0] == (unsigned char)field->name[0] &&
           memcmp(key->data, field->name, key->len) == 0;
}

static const struct field *find_field(const struct field *fields, size_t count, const struct jscan_text *key)
{
    for (size_t i = 0; i < count; i++) {
        if (is_named(&fields[i], key))
            return &fields[i];
    }
    return NULL;
}

/* Reads the object at the cursor; any other value is skipped. */
static void read_fields(struct chat_chunk *c, void *base, const struct field *fields, size_t count)
{
    struct jscan_text key;
    if (jscan_type(&c->scan) != JSCAN_OBJECT) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_enter(&c->scan);
    while (jscan_member(&c->scan, &key)) {
        const struct field *field = find_field(fields, count, &key);
        if (field)
            field->read(c, (char *)base + field->offset);
        else
            jscan_skip(&c->scan);
    }
}

/* --- scalars; a value of another type reads as a missing one --- */

struct bytes chat_text(const struct jscan_text *text, size_t decoded_max, struct buf *scratch)
{
    struct bytes plain = {text->data, text->len};
    if (jscan_text_is_plain(text))
        return plain;
    /* Room for the whole chunk at once: growing later would move the texts that the frame already points to.
     */
    if (scratch->len == 0 && !buf_reserve(scratch, decoded_max))
        return (struct bytes){NULL, 0};
    unsigned char *start = scratch->data + scratch->len;
    size_t len = jscan_decode(text, start);
    start[len] = '\0';
    scratch->len += len;
    return (struct bytes){start, len};
}

static void read_text(struct chat_chunk *c, void *target)
{
    struct bytes *out = target;
    struct jscan_text text;
    *out = (struct bytes){NULL, 0};
    if (jscan_type(&c->scan) != JSCAN_STRING) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_string(&c->scan, &text);
    if (!c->scan.failed && !c->scratch->failed)
        *out = chat_text(&text, c->decoded_max, c->scratch);
}

/* A string's text, or the spelling of a container: for values that engines write either way. */
static void read_text_or_json(struct chat_chunk *c, void *target)
{
    struct bytes *out = target;
    enum jscan_type type = jscan_type(&c->scan);
    if (type == JSCAN_OBJECT || type == JSCAN_ARRAY)
        *out = jscan_raw(&c->scan);
    else
        read_text(c, out);
}

static void read_count(struct chat_chunk *c, void *target)
{
    uint64_t *out = target;
    struct jscan_number number;
    *out = ABSENT;
    if (jscan_type(&c->scan) != JSCAN_NUMBER) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_number(&c->scan, &number);
    *out = number.integer;
}

static void read_number(struct chat_chunk *c, void *target)
{
    double *out = target;
    struct jscan_number number;
    *out = NAN;
    if (jscan_type(&c->scan) != JSCAN_NUMBER) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_number(&c->scan, &number);
    if (isfinite(number.value))
        *out = number.value;
}

static void read_array_length(struct chat_chunk *c, void *target)
{
    uint64_t *out = target;
    *out = ABSENT;
    if (jscan_type(&c->scan) != JSCAN_ARRAY) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_enter(&c->scan);
    for (*out = 0; jscan_element(&c->scan); ++*out)
        jscan_skip(&c->scan);
}

/* --- usage --- */

struct cached_count {
    enum cached_state state;
    uint64_t tokens;
};

struct usage_spellings {
    uint64_t prompt_tokens, completion_tokens;
    uint64_t input_tokens, output_tokens, cache_read, cache_creation;
    struct cached_count in_details, beside;
};

static void read_cached(struct chat_chunk *c, void *target)
{
    struct cached_count *out = target;
    int is_null = jscan_type(&c->scan) == JSCAN_NULL;
    read_count(c, &out->tokens);
    out->state = is_null ? CACHED_NULL : out->tokens != ABSENT ? CACHED_NUMBER : CACHED_ABSENT;
}

static void read_details(struct chat_chunk *c, void *target)
{
    static const struct field fields[] = {NESTED("cached_tokens", read_cached)};
    struct cached_count *out = target;
    if (jscan_type(&c->scan) == JSCAN_NULL)
        out->state = CACHED_NULL; /* the engine knows the field and leaves the value open */
    READ_FIELDS(c, out, fields);
}

static uint64_t sum_of_counts(uint64_t first, uint64_t second, uint64_t third)
{
    uint64_t limit = UINT64_C(1) << 53, sum = 0, terms[] = {first, second, third};
    for (size_t i = 0; i < 3; i++) {
        if (terms[i] == ABSENT)
            continue;
        if (terms[i] > limit)
            return ABSENT;
        sum += terms[i];
    }
    return sum;
}

static struct cached_count best_cached(const struct usage_spellings *u)
{
    struct cached_count read = {u->cache_read == ABSENT ? CACHED_ABSENT : CACHED_NUMBER, u->cache_read};
    if (u->in_details.state == CACHED_NUMBER)
        return u->in_details;
    if (u->beside.state == CACHED_NUMBER)
        return u->beside;
    if (read.state == CACHED_NUMBER)
        return read;
    return u->in_details.state ? u->in_details : u->beside;
}

static void read_usage(struct chat_chunk *c, void *target)
{
    static const struct field fields[] = {
        FIELD("prompt_tokens", read_count, struct usage_spellings, prompt_tokens),
        FIELD("completion_tokens", read_count, struct usage_spellings, completion_tokens),
        FIELD("prompt_tokens_details", read_details, struct usage_spellings, in_details),
        FIELD("cached_tokens", read_cached, struct usage_spellings, beside),
        FIELD("input_tokens", read_count, struct usage_spellings, input_tokens),
        FIELD("output_tokens", read_count, struct usage_spellings, output_tokens),
        FIELD("cache_read_input_tokens", read_count, struct usage_spellings, cache_read),
        FIELD("cache_creation_input_tokens", read_count, struct usage_spellings, cache_creation),
    };
    struct cached_count unknown = {CACHED_ABSENT, ABSENT};
    struct usage_spellings u = {ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, unknown, unknown};
    struct chat_usage *out = target;
    READ_FIELDS(c, &u, fields);
    if (u.prompt_tokens == ABSENT && u.input_tokens != ABSENT)
        u.prompt_tokens = sum_of_counts(u.input_tokens, u.cache_read, u.cache_creation);
    struct cached_count cached = best_cached(&u);
    out->prompt_tokens = u.prompt_tokens;
    out->completion_tokens = u.completion_tokens != ABSENT ? u.completion_tokens : u.output_tokens;
    out->cached_state = cached.state;
    out->cached_tokens = cached.state == CACHED_NUMBER ? cached.tokens : ABSENT;
}

/* The usage at the start of an Anthropic message: its output_tokens is a placeholder, not a count. */
static void read_first_usage(struct chat_chunk *c, void *target)
{
    struct chat_usage *out = target;
    read_usage(c, out);
    out->completion_tokens = ABSENT;
}

/* --- tool calls --- */

static void read_function(struct chat_chunk *c, void *target)
{
    static const struct field fields[] = {
        FIELD("name", read_text, struct chat_tool, name),
        FIELD("arguments", read_text_or_json, struct chat_tool, arguments),
    };
    READ_FIELDS(c, target, fields);
}

struct chat_tool *chat_next_tool(struct chat_frame *frame, struct chat_tool *spare)
{
    struct chat_tool *tool = spare;
    if (frame->tool_count < CHAT_TOOLS_MAX)
        tool = &frame->tools[frame->tool_count++];
    else
        frame->tools_dropped++;
    memset(tool, 0, sizeof *tool);
    tool->index = ABSENT;
    return tool;
}

static void read_tool_calls(struct chat_chunk *c, void *unused)
{
    static const struct field fields[] = {
        FIELD("index", read_count, struct chat_tool, index),
        FIELD("id", read_text, struct chat_tool, id),
        NESTED("function", read_function),
    };
    struct chat_tool spare;
    (void)unused;
    if (jscan_type(&c->scan) != JSCAN_ARRAY) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_enter(&c->scan);
    while (jscan_element(&c->scan))
        READ_FIELDS(c, chat_next_tool(c->frame, &spare), fields);
}

static void read_function_call(struct chat_chunk *c, void *unused)
{
    struct chat_tool spare;
    (void)unused;
    if (jscan_type(&c->scan) == JSCAN_OBJECT)
        read_function(c, chat_next_tool(c->frame, &spare));
    else
        jscan_skip(&c->scan);
}

/* --- choices --- */

static void read_delta(struct chat_chunk *c, void *chunk)
{
    static const struct field fields[] = {
        FIELD("content", read_text, struct chat_chunk, content),
        FIELD("reasoning_content", read_text, struct chat_chunk, reasoning_content),
        FIELD("reasoning", read_text, struct chat_chunk, reasoning),
        NESTED("tool_calls", read_tool_calls),
        NESTED("function_call", read_function_call),
    };
    READ_FIELDS(c, chunk, fields);
}

static void forget_choice(struct chat_chunk *c)
{
    struct bytes none = {NULL, 0};
    c->choice_index = c->token_ids = ABSENT;
    c->content = c->text = c->reasoning_content = c->reasoning = c->finish_reason = none;
    c->frame->tool_count = c->frame->tools_dropped = 0;
}

/* Returns 1 when it was the choice with index 0, which an engine may leave out. */
static int read_choice(struct chat_chunk *c)
{
    static const struct field fields[] = {
        FIELD("index", read_count, struct chat_chunk, choice_index),
        FIELD("finish_reason", read_text, struct chat_chunk, finish_reason),
        NESTED("delta", read_delta),
        NESTED("message", read_delta),
        FIELD("text", read_text, struct chat_chunk, text),
        FIELD("token_ids", read_array_length, struct chat_chunk, token_ids),
    };
    forget_choice(c);
    READ_FIELDS(c, c, fields);
    if (c->choice_index == 0 || c->choice_index == ABSENT)
        return 1;
    forget_choice(c);
    return 0;
}

static void read_choices(struct chat_chunk *c, void *unused)
{
    int taken = 0;
    (void)unused;
    if (jscan_type(&c->scan) != JSCAN_ARRAY) {
        jscan_skip(&c->scan);
        return;
    }
    jscan_enter(&c->scan);
    while (jscan_element(&c->scan)) {
        c->has_choices = 1;
        if (taken)
            jscan_skip(&c->scan);
        else
            taken = read_choice(c);
    }
}

/* --- the chunk --- */

static void read_timings(struct chat_chunk *c, void *timings)
{
    static const struct field fields[] = {
        FIELD("cache_n", read_count, struct chat_timings, cache_n),
        FIELD("prompt_n", read_count, struct chat_timings, prompt_n),
        FIELD("prompt_ms", read_number, struct chat_timings, prompt_ms),
        FIELD("predicted_n", read_count, struct chat_timings, predicted_n),
        FIELD("predicted_ms", read_number, struct chat_timings, predicted_ms),
        FIELD("draft_n", read_count, struct chat_timings, draft_n),
        FIELD("draft_n_accepted", read_count, struct chat_timings, draft_n_accepted),
    };
    READ_FIELDS(c, timings, fields);
}

static void read_progress(struct chat_chunk *c, void *progress)
{
    static const struct field fields[] = {
        FIELD("total", read_count, struct chat_progress, total),
        FIELD("cache", read_count, struct chat_progress, cached),
        FIELD("processed", read_count, struct chat_progress, processed),
    };
    READ_FIELDS(c, progress, fields);
}

static void read_error(struct chat_chunk *c, void *target)
{
    static const struct field fields[] = {NESTED("message", read_text)};
    struct bytes *out = target;
    struct jscan before = c->scan;
    enum jscan_type type = jscan_type(&c->scan);
    c->has_error = type != JSCAN_NULL && type != JSCAN_FALSE;
    if (type == JSCAN_STRING) {
        read_text(c, out);
        return;
    }
    READ_FIELDS(c, out, fields);
    if (c->has_error && !out->len) { /* no message: what it says instead */
        c->scan = before;
        *out = jscan_raw(&c->scan);
    }
}

/* An Anthropic message that begins, or the sentence of an error. */
static void read_message(struct chat_chunk *c, void *chunk)
{
    static const struct field fields[] = {
        FIELD("model", read_text, struct chat_chunk, model),
        FIELD("usage", read_first_usage, struct chat_chunk, usage),
    };
    if (jscan_type(&c->scan) == JSCAN_STRING)
        read_text(c, &c->message);
    else
        READ_FIELDS(c, chunk, fields);
}

static void read_block(struct chat_chunk *c, void *chunk)
{
    static const struct field fields[] = {
        FIELD("id", read_text, struct chat_chunk, block_id),
        FIELD("name", read_text, struct chat_chunk, block_name),
        FIELD("text", read_text, struct chat_chunk, text),
        FIELD("thinking", read_text, struct chat_chunk, thinking),
        FIELD("partial_json", read_text, struct chat_chunk, partial_json),
        FIELD("stop_reason", read_text, struct chat_chunk, stop_reason),
    };
    READ_FIELDS(c, chunk, fields);
}

int chat_chunk_read(struct chat_chunk *c, const void *data, size_t len, struct buf *scratch,
                    struct chat_frame *frame)
{
    static const struct field fields[] = {
        NESTED("choices", read_choices),
        FIELD("model", read_text, struct chat_chunk, model),
        FIELD("system_fingerprint", read_text, struct chat_chunk, fingerprint),
        FIELD("object", read_text, struct chat_chunk, object),
        FIELD("type", read_text, struct chat_chunk, type),
        FIELD("usage", read_usage, struct chat_chunk, usage),
        FIELD("timings", read_timings, struct chat_chunk, timings),
        FIELD("prompt_progress", read_progress, struct chat_chunk, progress),
        FIELD("omlx_progress", read_progress, struct chat_chunk, progress),
        FIELD("error", read_error, struct chat_chunk, error),
        FIELD("detail", read_text_or_json, struct chat_chunk, detail),
        NESTED("message", read_message),
        FIELD("index", read_count, struct chat_chunk, block_index),
        NESTED("delta", read_block),
        NESTED("content_block", read_block),
    };
    memset(c, 0, sizeof *c);
    c->scratch = scratch;
    c->frame = frame;
    c->decoded_max = JSCAN_DECODED_MAX(len);
    c->usage = frame->usage;
    c->timings = frame->timings;
    c->progress = frame->progress;
    c->choice_index = c->token_ids = c->block_index = ABSENT;
    buf_clear(scratch);
    jscan_init(&c->scan, data, len);
    if (jscan_type(&c->scan) != JSCAN_OBJECT)
        return 0;
    READ_FIELDS(c, c, fields);
    return jscan_finish(&c->scan) && !scratch->failed;
}
