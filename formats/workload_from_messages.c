/* SPDX-License-Identifier: MIT */
/* Transcripts: a line for each conversation with `messages` as they are sent to a chat endpoint, and maybe
 * `tools`. Each answer in it was asked for by all messages before it: that is a request. */
#include <stdio.h>
#include <string.h>

#include "formats/block_text.h"
#include "formats/jscan.h"
#include "formats/workload_script.h"

#define LAST_ANSWER_TOKENS 400 /* of a transcript that ends with a question */

static const char *const marks[] = {"messages", NULL};

struct transcript {
    struct workload_script *script;
    uint64_t number; /* of the conversation, from 1 */
    unsigned turns;
    struct buf messages, tools, asked;
};

static int is_answer(struct bytes message)
{
    struct jscan s;
    struct jscan_text key, role;
    int found = 0;
    jscan_init(&s, message.data, message.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return 0;
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (!jscan_text_is(&key, "role") || jscan_type(&s) != JSCAN_STRING) {
            jscan_skip(&s);
            continue;
        }
        jscan_string(&s, &role);
        found = jscan_text_is(&role, "assistant");
    }
    return found;
}

/* What was asked so far, as a request. */
static int ask(struct transcript *t, uint64_t max_tokens)
{
    char name[60];
    struct buf *asked = &t->asked;
    snprintf(name, sizeof name, "c%llu-t%u", (unsigned long long)t->number, ++t->turns);
    size_t len = asked->len;
    if (buf_putc(asked, ']'))
        return error_set(t->script->im.error, TT_NOMEM, "out of memory");
    int status = script_phase(t->script, name, buf_bytes(asked), buf_bytes(&t->tools), max_tokens, 0);
    asked->len = len;
    return status;
}

/* An answer of that many bytes is given room for so many tokens. */
static uint64_t tokens_of(struct bytes answer)
{
    return answer.len / BLOCK_TEXT_TOKEN_BYTES + 1;
}

static int take_messages(struct transcript *t)
{
    struct jscan s;
    int status = TT_OK, count = 0, asks = 0;
    buf_clear(&t->asked);
    buf_putc(&t->asked, '[');
    jscan_init(&s, t->messages.data, t->messages.len);
    jscan_enter(&s);
    while (!status && !script_is_full(t->script) && jscan_element(&s)) {
        struct bytes message = jscan_raw(&s);
        if (count && is_answer(message))
            status = ask(t, tokens_of(message));
        asks = !is_answer(message);
        if (count++)
            buf_putc(&t->asked, ',');
        buf_append(&t->asked, message.data, message.len);
    }
    if (!status && asks && !script_is_full(t->script))
        status = ask(t, LAST_ANSWER_TOKENS);
    return status;
}

static int take_transcript(struct transcript *t, struct json_pull *p)
{
    t->number++;
    t->turns = 0;
    buf_clear(&t->messages);
    buf_clear(&t->tools);
    json_pull_enter(p);
    while (json_pull_member(p)) {
        int is_list = json_pull_type(p) == JSCAN_ARRAY;
        if (json_pull_is(p, "messages") && is_list)
            json_pull_raw(p, &t->messages);
        else if (json_pull_is(p, "tools") && is_list)
            json_pull_raw(p, &t->tools);
        else
            json_pull_skip(p);
    }
    if (!p->status && !t->messages.len)
        json_pull_fail(p, TT_SYNTAX, "a conversation has no messages");
    return p->status ? p->status : take_messages(t);
}

static int read_file(struct workload_script *s)
{
    struct import_reader r;
    struct transcript t = {.script = s, .number = s->file * 1000000};
    int status = import_open(&s->im, &r, 0, 1);
    while (!status && !script_is_full(s) && json_pull_next(&r.pull))
        status = take_transcript(&t, &r.pull);
    buf_release(&t.messages);
    buf_release(&t.tools);
    buf_release(&t.asked);
    return import_close(&r, status);
}

const struct workload_kind workload_from_messages = {"messages", marks, read_file};
