/* SPDX-License-Identifier: MIT */
/* The built-in workload "agent-loop": one conversation with tools, from a script that has all of it. Each
 * place where the assistant speaks becomes a phase, whose messages are all those before. */
#include <stdio.h>
#include <string.h>

#include "formats/jscan.h"
#include "formats/json_minify.h"
#include "formats/jsonout.h"
#include "formats/texts.h"
#include "formats/workload_builtin.h"

#define SCRIPT_TEXT "agent_loop"
#define CONTEXT     16384 /* the last prompt and its answer, with the least thrifty tokeniser measured */

struct script {
    struct bytes tools, messages; /* as spelt */
    uint64_t max_tokens;
};

static struct bytes script_text(void)
{
    const struct embedded_text *t = embedded_texts;
    while (t->name && strcmp(t->name, SCRIPT_TEXT) != 0)
        t++;
    return t->text;
}

static int read_script(struct script *script, const struct buf *document)
{
    struct jscan s;
    struct jscan_text key;
    struct jscan_number number = {0, 0};
    memset(script, 0, sizeof *script);
    jscan_init(&s, document->data, document->len);
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (jscan_text_is(&key, "tools"))
            script->tools = jscan_raw(&s);
        else if (jscan_text_is(&key, "messages"))
            script->messages = jscan_raw(&s);
        else if (jscan_text_is(&key, "max_tokens"))
            jscan_number(&s, &number);
        else
            jscan_skip(&s);
    }
    script->max_tokens = number.integer;
    return jscan_finish(&s) && script->messages.len && script->tools.len ? TT_OK : TT_DAMAGED;
}

static int is_assistant(struct bytes message)
{
    struct jscan s;
    struct jscan_text key, role = {NULL, 0, 0, 0};
    jscan_init(&s, message.data, message.len);
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (jscan_text_is(&key, "role"))
            jscan_string(&s, &role);
        else
            jscan_skip(&s);
    }
    return jscan_text_is(&role, "assistant");
}

/* `len` bytes of the list of messages, its bracket first, are what has been said by then. */
static void write_turn(struct jsonout *j, const struct script *script, size_t number, size_t len)
{
    char name[32];
    struct buf messages = BUF_INIT;
    snprintf(name, sizeof name, "turn-%02zu", number);
    buf_append(&messages, script->messages.data, len);
    buf_putc(&messages, ']');
    jsonout_object(j);
    jsonout_field_string(j, "name", name);
    jsonout_field_u64(j, "max_tokens", script->max_tokens);
    jsonout_key(j, "messages");
    jsonout_raw(j, (const char *)messages.data, messages.len);
    jsonout_key(j, "tools");
    jsonout_raw(j, (const char *)script->tools.data, script->tools.len);
    jsonout_field_bool(j, "cold", number == 1);
    jsonout_field_bool(j, "headline", number == 1);
    jsonout_end(j, '}');
    if (messages.failed)
        j->out->failed = messages.failed;
    buf_release(&messages);
}

static void write_turns(struct jsonout *j, const struct script *script)
{
    struct jscan s;
    size_t said = 0, turns = 0;
    jscan_init(&s, script->messages.data, script->messages.len);
    jscan_enter(&s);
    while (jscan_element(&s)) {
        struct bytes message = jscan_raw(&s);
        if (is_assistant(message))
            write_turn(j, script, ++turns, said);
        said = (size_t)(message.data + message.len - script->messages.data);
    }
    write_turn(j, script, ++turns, said);
}

static int write_document(const struct script *script, struct buf *document)
{
    struct jsonout j;
    jsonout_init(&j, document, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "name", AGENT_LOOP_NAME);
    jsonout_field_u64(&j, "context", CONTEXT);
    jsonout_key(&j, "phases");
    jsonout_array(&j);
    write_turns(&j, script);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return document->failed;
}

int workload_agent_loop(struct workload *w, struct error *e)
{
    struct buf compact = BUF_INIT, document = BUF_INIT;
    struct bytes text = script_text();
    struct script script;
    memset(w, 0, sizeof *w);
    int status = json_minify((const char *)text.data, text.len, &compact, e);
    if (!status)
        status = read_script(&script, &compact);
    if (!status)
        status = write_document(&script, &document);
    if (status)
        error_set(e, (enum tt_err)status, "no room for the workload '%s'", AGENT_LOOP_NAME);
    else
        status = workload_parse(w, document.data, document.len, e);
    buf_release(&compact);
    buf_release(&document);
    return status;
}
