/* SPDX-License-Identifier: MIT */
#include "record/live_history.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/answer_text.h"
#include "formats/jscan.h"
#include "formats/jsonout.h"
#include "record/request.h"

#define KEY_MAX 200 /* bytes of a member's name in a tool's message */

struct turn {
    char *messages; /* as they were sent; NULL: not yet */
    struct answer_text answer;
    int has_answer;
};

struct live_history {
    const struct workload *workload;
    struct turn *turns; /* per phase */
};

/* ---- messages as JSON ---- */

static size_t count_messages(const char *messages)
{
    struct jscan s;
    size_t count = 0;
    jscan_init(&s, messages, strlen(messages));
    jscan_enter(&s);
    for (; jscan_element(&s); count++)
        jscan_skip(&s);
    return count;
}

/* The value of a member of one message that is text; empty without. */
static struct jscan_text text_member(struct bytes message, const char *name)
{
    struct jscan s;
    struct jscan_text key, value = {NULL, 0, 0, 0};
    jscan_init(&s, message.data, message.len);
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (jscan_text_is(&key, name) && jscan_type(&s) == JSCAN_STRING)
            jscan_string(&s, &value);
        else
            jscan_skip(&s);
    }
    return value;
}

static int has_role(struct bytes message, const char *role)
{
    struct jscan_text text = text_member(message, "role");
    return jscan_text_is(&text, role);
}

/* The place of a call with that id among the recorded ones of an assistant's message; SIZE_MAX without. */
static size_t place_of_call(struct bytes assistant, const struct jscan_text *id)
{
    struct jscan s;
    struct jscan_text key;
    size_t place = 0, found = SIZE_MAX;
    jscan_init(&s, assistant.data, assistant.len);
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        if (!jscan_text_is(&key, "tool_calls") || jscan_type(&s) != JSCAN_ARRAY) {
            jscan_skip(&s);
            continue;
        }
        jscan_enter(&s);
        for (; jscan_element(&s); place++) {
            struct jscan_text own = text_member(jscan_raw(&s), "id");
            if (own.len == id->len && own.len && memcmp(own.data, id->data, own.len) == 0)
                found = place;
        }
    }
    return found;
}

static int is_object(const struct buf *text)
{
    struct jscan s;
    jscan_init(&s, text->data, text->len);
    int is_one = jscan_type(&s) == JSCAN_OBJECT;
    jscan_skip(&s);
    return jscan_finish(&s) && is_one;
}

/* ---- the engine's words ---- */

/* An engine may give calls no ids, or one id to all of them; a result has to belong to one. */
static void put_id(struct jsonout *j, const struct turn *turn, size_t turn_number, size_t call)
{
    const struct answer_text *a = &turn->answer;
    const struct buf *id = &a->tools[call].id;
    char own[64];
    int is_good = id->len > 0;
    for (size_t i = 0; i < call && is_good; i++)
        is_good = a->tools[i].id.len != id->len || memcmp(a->tools[i].id.data, id->data, id->len) != 0;
    snprintf(own, sizeof own, "call_%zu_%zu", turn_number, call);
    if (is_good)
        jsonout_string_n(j, id->data, id->len);
    else
        jsonout_string(j, own);
}

static void put_call(struct jsonout *j, const struct turn *turn, size_t turn_number, size_t call)
{
    const struct answer_tool *tool = &turn->answer.tools[call];
    jsonout_object(j);
    jsonout_key(j, "id");
    put_id(j, turn, turn_number, call);
    jsonout_field_string(j, "type", "function");
    jsonout_key(j, "function");
    jsonout_object(j);
    jsonout_key(j, "name");
    jsonout_string_n(j, tool->name.data, tool->name.len);
    jsonout_key(j, "arguments");
    if (is_object(&tool->arguments))
        jsonout_string_n(j, tool->arguments.data, tool->arguments.len);
    else
        jsonout_string(j, "{}");
    jsonout_end(j, '}');
    jsonout_end(j, '}');
}

/* Without its reasoning, which agents do not send back either. */
static void put_answer(struct jsonout *j, const struct turn *turn, size_t turn_number)
{
    const struct answer_text *a = &turn->answer;
    jsonout_object(j);
    jsonout_field_string(j, "role", "assistant");
    jsonout_key(j, "content");
    jsonout_string_n(j, a->content.len ? a->content.data : (const void *)"", a->content.len);
    if (a->tool_count) {
        jsonout_key(j, "tool_calls");
        jsonout_array(j);
        for (size_t i = 0; i < a->tool_count; i++)
            put_call(j, turn, turn_number, i);
        jsonout_end(j, ']');
    }
    jsonout_end(j, '}');
}

/* ---- the history ---- */

/* One in the making. */
struct building {
    struct jsonout j;
    const struct turn *before;
    size_t before_number;
    struct bytes recorded; /* the workload's own answer, whose place the engine's takes */
    unsigned char answered[ANSWER_TOOLS_MAX];
    int in_results; /* tool results may follow */
    int ends_with_answer;
};

static void put_key(struct jsonout *j, const struct jscan_text *key)
{
    unsigned char name[JSCAN_DECODED_MAX(KEY_MAX) + 1];
    size_t len = key->len <= KEY_MAX ? jscan_decode(key, name) : 0;
    name[len] = '\0';
    jsonout_key(j, (const char *)name);
}

/* The result as it was recorded, but for the id of its call. */
static void put_result(struct building *b, struct bytes message, size_t call)
{
    struct jscan s;
    struct jscan_text key;
    jscan_init(&s, message.data, message.len);
    jscan_enter(&s);
    jsonout_object(&b->j);
    while (jscan_member(&s, &key)) {
        struct bytes value = jscan_raw(&s);
        put_key(&b->j, &key);
        if (jscan_text_is(&key, "tool_call_id"))
            put_id(&b->j, b->before, b->before_number, call);
        else
            jsonout_raw(&b->j, (const char *)value.data, value.len);
    }
    jsonout_end(&b->j, '}');
}

static void put_missing_result(struct building *b, size_t call)
{
    jsonout_object(&b->j);
    jsonout_field_string(&b->j, "role", "tool");
    jsonout_key(&b->j, "tool_call_id");
    put_id(&b->j, b->before, b->before_number, call);
    jsonout_field_string(&b->j, "content", LIVE_NO_RESULT);
    jsonout_end(&b->j, '}');
}

static void end_results(struct building *b)
{
    for (size_t i = 0; b->in_results && i < b->before->answer.tool_count; i++) {
        if (!b->answered[i])
            put_missing_result(b, i);
        b->ends_with_answer = 0;
    }
    b->in_results = 0;
}

static void add_result(struct building *b, struct bytes message)
{
    struct jscan_text id = text_member(message, "tool_call_id");
    size_t call = place_of_call(b->recorded, &id);
    if (call >= b->before->answer.tool_count || b->answered[call])
        return;
    b->answered[call] = 1;
    b->ends_with_answer = 0;
    put_result(b, message, call);
}

/* `place` counts from the workload's own answer on. */
static void add_message(struct building *b, struct bytes message, size_t place)
{
    if (place == 0) {
        b->recorded = message;
        put_answer(&b->j, b->before, b->before_number);
        b->in_results = b->ends_with_answer = 1;
    } else if (b->in_results && has_role(message, "tool")) {
        add_result(b, message);
    } else {
        end_results(b);
        b->ends_with_answer = 0;
        jsonout_raw(&b->j, (const char *)message.data, message.len);
    }
}

static void go_on(struct building *b)
{
    end_results(b);
    if (!b->ends_with_answer)
        return;
    jsonout_object(&b->j);
    jsonout_field_string(&b->j, "role", "user");
    jsonout_field_string(&b->j, "content", LIVE_GO_ON);
    jsonout_end(&b->j, '}');
}

static void copy_messages(struct jsonout *j, const char *messages)
{
    struct jscan s;
    jscan_init(&s, messages, strlen(messages));
    jscan_enter(&s);
    while (jscan_element(&s)) {
        struct bytes message = jscan_raw(&s);
        jsonout_raw(j, (const char *)message.data, message.len);
    }
}

static int build(struct live_history *h, size_t phase, size_t parent, struct buf *out)
{
    const struct workload_phase *phases = h->workload->phases;
    struct building b = {.before = &h->turns[parent], .before_number = parent};
    struct jscan s;
    size_t known = count_messages(phases[parent].messages), place = 0;
    jsonout_init(&b.j, out, 0);
    jsonout_array(&b.j);
    copy_messages(&b.j, b.before->messages);
    jscan_init(&s, phases[phase].messages, strlen(phases[phase].messages));
    jscan_enter(&s);
    for (; jscan_element(&s); place++) {
        struct bytes message = jscan_raw(&s);
        if (place >= known)
            add_message(&b, message, place - known);
    }
    go_on(&b);
    jsonout_end(&b.j, ']');
    return out->failed;
}

/* What the phase's messages have behind those of its parent, from the first of them on, as they are. */
static int build_recorded(struct live_history *h, size_t phase, size_t parent, struct buf *out)
{
    const struct workload_phase *phases = h->workload->phases;
    size_t skip = strlen(phases[parent].messages) - 1; /* its bracket */
    const char *before = h->turns[parent].messages;
    buf_append(out, before, strlen(before) - 1);
    return buf_puts(out, phases[phase].messages + skip);
}

/* The message behind those of the parent. */
static int answer_follows(const struct workload *w, size_t phase, size_t parent)
{
    struct jscan s;
    size_t known = count_messages(w->phases[parent].messages), place = 0;
    jscan_init(&s, w->phases[phase].messages, strlen(w->phases[phase].messages));
    jscan_enter(&s);
    for (; jscan_element(&s); place++) {
        struct bytes message = jscan_raw(&s);
        if (place == known)
            return has_role(message, "assistant");
    }
    return 0;
}

int live_history_messages(struct live_history *h, size_t phase, char **messages, struct error *e)
{
    long parent = workload_parent(h->workload, phase);
    const struct turn *before = parent < 0 ? NULL : &h->turns[parent];
    struct buf text;
    int status;
    buf_init(&text, REQUEST_BODY_MAX);
    if (!before || !before->messages)
        status = buf_puts(&text, h->workload->phases[phase].messages);
    else if (before->has_answer && answer_follows(h->workload, phase, (size_t)parent))
        status = build(h, phase, (size_t)parent, &text);
    else
        status = build_recorded(h, phase, (size_t)parent, &text);
    if (status) {
        buf_release(&text);
        return error_set(e, (enum tt_err)status, "a live conversation is too long, or memory is out");
    }
    mem_free(h->turns[phase].messages);
    *messages = h->turns[phase].messages = buf_detach(&text);
    return *messages ? TT_OK : error_set(e, TT_NOMEM, "out of memory for a live conversation");
}

/* ---- answers ---- */

static void forget(struct turn *turn)
{
    answer_text_release(&turn->answer);
    turn->has_answer = 0;
}

int live_history_answer(struct live_history *h, size_t phase, struct answer_text *answer,
                        size_t *broken_calls)
{
    struct turn *turn = &h->turns[phase];
    const struct answer_text *a = &turn->answer;
    forget(turn);
    turn->answer = *answer;
    answer_text_init(answer);
    *broken_calls = 0;
    turn->has_answer = !a->is_cut && a->tool_calls == a->tool_count && (a->content.len || a->tool_count);
    for (size_t i = 0; turn->has_answer && i < a->tool_count; i++)
        *broken_calls += !is_object(&a->tools[i].arguments);
    return turn->has_answer;
}

/* ---- the whole ---- */

static int has_answers(const struct workload *w)
{
    for (size_t i = 0; i < w->phase_count; i++) {
        long parent = workload_parent(w, i);
        if (parent >= 0 && answer_follows(w, i, (size_t)parent))
            return 1;
    }
    return 0;
}

int live_history_new(struct live_history **history, const struct workload *workload, struct error *e)
{
    *history = NULL;
    if (!has_answers(workload))
        return error_set(
            e, TT_USAGE,
            "--live wants a workload whose phases carry on answers, such as agent-loop; '%s' has "
            "none",
            workload->name);
    struct live_history *h = mem_zalloc(1, sizeof *h);
    struct turn *turns = mem_zalloc(workload->phase_count, sizeof *turns);
    if (!h || !turns) {
        mem_free(h);
        mem_free(turns);
        return error_set(e, TT_NOMEM, "out of memory for a live conversation");
    }
    *h = (struct live_history){workload, turns};
    for (size_t i = 0; i < workload->phase_count; i++)
        answer_text_init(&turns[i].answer);
    *history = h;
    return TT_OK;
}

void live_history_clear(struct live_history *h)
{
    for (size_t i = 0; i < h->workload->phase_count; i++) {
        forget(&h->turns[i]);
        mem_free(h->turns[i].messages);
        h->turns[i].messages = NULL;
    }
}

void live_history_free(struct live_history *h)
{
    if (!h)
        return;
    live_history_clear(h);
    for (size_t i = 0; i < h->workload->phase_count; i++)
        answer_text_release(&h->turns[i].answer);
    mem_free(h->turns);
    mem_free(h);
}
