/* SPDX-License-Identifier: MIT */
#include "replay/chat_request.h"

#include <string.h>

#include "formats/jscan.h"

/* What the first pass over the body finds; the template needs them in another order. */
struct parts {
    struct bytes messages, tools;
    int tools_forbidden;
};

static void read_flag(struct jscan *s, int *flag)
{
    enum jscan_type type = jscan_type(s);
    if (type == JSCAN_TRUE || type == JSCAN_FALSE)
        *flag = type == JSCAN_TRUE;
    jscan_skip(s);
}

static void read_count(struct jscan *s, uint64_t *count)
{
    struct jscan_number number;
    if (jscan_type(s) != JSCAN_NUMBER) {
        jscan_skip(s);
        return;
    }
    jscan_number(s, &number);
    if (number.integer != UINT64_MAX)
        *count = number.integer ? number.integer : 1;
}

/* True when the value is that string. */
static int read_is_text(struct jscan *s, const char *word)
{
    struct jscan_text text;
    if (jscan_type(s) != JSCAN_STRING) {
        jscan_skip(s);
        return 0;
    }
    jscan_string(s, &text);
    return !s->failed && jscan_text_is(&text, word);
}

/* One flag inside an object, such as stream_options.include_usage. */
static void read_inner_flag(struct jscan *s, const char *name, int *flag)
{
    struct jscan_text key;
    if (jscan_type(s) != JSCAN_OBJECT) {
        jscan_skip(s);
        return;
    }
    jscan_enter(s);
    while (jscan_member(s, &key)) {
        if (jscan_text_is(&key, name))
            read_flag(s, flag);
        else
            jscan_skip(s);
    }
}

static void read_member(struct jscan *s, const struct jscan_text *key, struct chat_request *r,
                        struct parts *parts)
{
    if (jscan_text_is(key, "messages"))
        parts->messages = jscan_raw(s);
    else if (jscan_text_is(key, "tools"))
        parts->tools = jscan_raw(s);
    else if (jscan_text_is(key, "tool_choice"))
        parts->tools_forbidden = read_is_text(s, "none");
    else if (jscan_text_is(key, "stream"))
        read_flag(s, &r->stream);
    else if (jscan_text_is(key, "stream_options"))
        read_inner_flag(s, "include_usage", &r->include_usage);
    else if (jscan_text_is(key, "chat_template_kwargs"))
        read_inner_flag(s, "enable_thinking", &r->thinking);
    else if (jscan_text_is(key, "enable_thinking"))
        read_flag(s, &r->thinking);
    else if (jscan_text_is(key, "reasoning_effort"))
        r->thinking &= !read_is_text(s, "none");
    else if (jscan_text_is(key, "cache_prompt"))
        read_flag(s, &r->cache_prompt);
    else if (jscan_text_is(key, "timings_per_token"))
        read_flag(s, &r->timings_per_token);
    else if (jscan_text_is(key, "max_tokens") || jscan_text_is(key, "max_completion_tokens") ||
             jscan_text_is(key, "n_predict"))
        read_count(s, &r->max_tokens);
    else
        jscan_skip(s);
}

static int read_body(struct chat_request *r, struct bytes body, struct parts *parts, struct error *e)
{
    struct jscan s;
    struct jscan_text key;
    jscan_init(&s, body.data, body.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return error_set(e, TT_SYNTAX, "the body must be a JSON object");
    jscan_enter(&s);
    while (jscan_member(&s, &key))
        read_member(&s, &key, r, parts);
    if (!jscan_finish(&s))
        return error_set(e, TT_SYNTAX, "the body is not valid JSON");
    return TT_OK;
}

static void append_text(struct buf *prompt, struct jscan *s)
{
    struct jscan_text text;
    jscan_string(s, &text);
    if (s->failed)
        return;
    unsigned char *room = buf_reserve(prompt, JSCAN_DECODED_MAX(text.len));
    if (!room)
        return;
    prompt->len += jscan_decode(&text, room);
    prompt->data[prompt->len] = '\0';
}

/* A part of a content list: only text has tokens here. */
static void append_part(struct buf *prompt, struct jscan *s)
{
    struct jscan_text key;
    if (jscan_type(s) != JSCAN_OBJECT) {
        jscan_skip(s);
        return;
    }
    jscan_enter(s);
    while (jscan_member(s, &key)) {
        if (jscan_text_is(&key, "text") && jscan_type(s) == JSCAN_STRING)
            append_text(prompt, s);
        else
            jscan_skip(s);
    }
}

static void append_content(struct buf *prompt, struct bytes content)
{
    struct jscan s;
    jscan_init(&s, content.data, content.len);
    if (jscan_type(&s) == JSCAN_STRING) {
        append_text(prompt, &s);
    } else if (jscan_type(&s) == JSCAN_ARRAY) {
        jscan_enter(&s);
        while (jscan_element(&s))
            append_part(prompt, &s);
    }
}

/* The role stands in front of the content whatever their order in the JSON. */
static int append_message(struct buf *prompt, struct jscan *s, struct error *e)
{
    struct jscan_text key;
    struct bytes role = {NULL, 0}, content = {NULL, 0}, calls = {NULL, 0};
    if (jscan_type(s) != JSCAN_OBJECT)
        return error_set(e, TT_SYNTAX, "each of 'messages' must be an object");
    jscan_enter(s);
    while (jscan_member(s, &key)) {
        struct bytes value = jscan_raw(s);
        if (jscan_text_is(&key, "role"))
            role = value;
        else if (jscan_text_is(&key, "content"))
            content = value;
        else if (jscan_text_is(&key, "tool_calls"))
            calls = value;
    }
    if (role.len < 3 || role.data[0] != '"')
        return error_set(e, TT_SYNTAX, "each of 'messages' must have a 'role'");
    buf_puts(prompt, "<|im_start|>");
    buf_append(prompt, role.data + 1, role.len - 2);
    buf_putc(prompt, '\n');
    append_content(prompt, content);
    buf_append(prompt, calls.data, calls.len);
    buf_puts(prompt, "<|im_end|>\n");
    return TT_OK;
}

static int build_prompt(struct chat_request *r, const struct parts *parts, struct error *e)
{
    struct jscan s;
    int status = TT_OK;
    jscan_init(&s, parts->messages.data, parts->messages.len);
    if (jscan_type(&s) != JSCAN_ARRAY)
        return error_set(e, TT_SYNTAX, "'messages' is required and must be an array");
    if (parts->tools.len) {
        buf_puts(&r->prompt, "<|tools|>");
        buf_append(&r->prompt, parts->tools.data, parts->tools.len);
        buf_puts(&r->prompt, "<|end|>\n");
    }
    jscan_enter(&s);
    while (!status && jscan_element(&s))
        status = append_message(&r->prompt, &s, e);
    buf_puts(&r->prompt, "<|im_start|>assistant\n");
    if (!status && r->prompt.failed)
        status = error_set(e, (enum tt_err)r->prompt.failed, "the prompt does not fit in memory");
    return status;
}

static void find_first_tool(struct chat_request *r, struct bytes tools)
{
    struct jscan s;
    jscan_init(&s, tools.data, tools.len);
    if (jscan_type(&s) != JSCAN_ARRAY)
        return;
    jscan_enter(&s);
    if (jscan_element(&s))
        r->first_tool = jscan_raw(&s);
}

int chat_request_parse(struct chat_request *r, struct bytes body, struct error *e)
{
    struct parts parts = {{NULL, 0}, {NULL, 0}, 0};
    memset(r, 0, sizeof *r);
    r->max_tokens = ABSENT;
    r->thinking = r->cache_prompt = 1;
    int status = read_body(r, body, &parts, e);
    if (!status)
        status = build_prompt(r, &parts, e);
    if (!status && !parts.tools_forbidden)
        find_first_tool(r, parts.tools);
    return status;
}

void chat_request_release(struct chat_request *r)
{
    buf_release(&r->prompt);
}
