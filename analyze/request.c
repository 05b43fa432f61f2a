/* SPDX-License-Identifier: MIT */
#include "analyze/request.h"

#include <string.h>

#include "formats/jscan.h"
#include "formats/schema.h"

static void forget(struct request_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    facts->max_tokens = ABSENT;
}

static void read_limit(struct request_facts *facts, struct jscan *s)
{
    struct jscan_number number;
    if (jscan_type(s) != JSCAN_NUMBER) {
        jscan_skip(s);
        return;
    }
    jscan_number(s, &number);
    if (number.integer != UINT64_MAX)
        facts->max_tokens = number.integer;
}

static void read_thinking(struct request_facts *facts, struct jscan *s)
{
    if (jscan_type(s) == JSCAN_FALSE)
        facts->thinking_off = 1;
    jscan_skip(s);
}

static void read_effort(struct request_facts *facts, struct jscan *s)
{
    struct jscan_text effort;
    if (jscan_type(s) != JSCAN_STRING) {
        jscan_skip(s);
        return;
    }
    jscan_string(s, &effort);
    if (jscan_text_is(&effort, "none"))
        facts->thinking_off = 1;
}

static void read_template_options(struct request_facts *facts, struct jscan *s)
{
    struct jscan_text key;
    if (jscan_type(s) != JSCAN_OBJECT) {
        jscan_skip(s);
        return;
    }
    jscan_enter(s);
    while (jscan_member(s, &key)) {
        if (jscan_text_is(&key, "enable_thinking"))
            read_thinking(facts, s);
        else
            jscan_skip(s);
    }
}

static void read_tools(struct request_facts *facts, struct jscan *s)
{
    int is_array = jscan_type(s) == JSCAN_ARRAY;
    struct bytes raw = jscan_raw(s);
    if (is_array)
        facts->tools = raw;
}

static void read_member(struct request_facts *facts, const struct jscan_text *key, struct jscan *s)
{
    if (jscan_text_is(key, "max_tokens") || jscan_text_is(key, "max_completion_tokens") ||
        jscan_text_is(key, "n_predict"))
        read_limit(facts, s);
    else if (jscan_text_is(key, "enable_thinking"))
        read_thinking(facts, s);
    else if (jscan_text_is(key, "reasoning_effort"))
        read_effort(facts, s);
    else if (jscan_text_is(key, "chat_template_kwargs"))
        read_template_options(facts, s);
    else if (jscan_text_is(key, "tools"))
        read_tools(facts, s);
    else if (jscan_text_is(key, "messages") || jscan_text_is(key, "prompt"))
        facts->conversation = jscan_raw(s);
    else
        jscan_skip(s);
}

void request_read(struct request_facts *facts, const void *body, size_t len)
{
    struct jscan s;
    struct jscan_text key;
    forget(facts);
    jscan_init(&s, body, len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return;
    jscan_enter(&s);
    while (jscan_member(&s, &key))
        read_member(facts, &key, &s);
    if (!jscan_finish(&s))
        forget(facts);
}
