/* SPDX-License-Identifier: MIT */
#include "analyze/validity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/given.h"
#include "analyze/json_schema.h"
#include "analyze/looping.h"
#include "analyze/request.h"
#include "formats/alloc.h"
#include "formats/json.h"

#define TOOLS_TEXT_MAX ((size_t)1 << 20)

/* The transport's part of the verdict. The recorder's own word on how it ended counts most; the framing on
 * the wire is the second witness, for a cut that looked like a proper close. */
static unsigned transport_causes(const struct run_figures *f, const struct run_evidence *ev)
{
    if (ev->has_hole)
        return INVALID_LOST;
    if (!ev->end || f->ended == RUN_ENDED_INTERRUPTED)
        return INVALID_UNFINISHED;
    if (f->ended == RUN_ENDED_TIMEOUT || f->ended == RUN_ENDED_STALLED)
        return INVALID_TIMEOUT;
    if (f->ended == RUN_ENDED_NO_CONNECTION)
        return INVALID_NO_ANSWER;
    if (f->ended != RUN_ENDED_COMPLETE)
        return INVALID_TRANSPORT_CUT;
    if (f->http_status == ABSENT)
        return INVALID_NO_ANSWER;
    return ev->stream->bad_framing || !ev->stream->body_complete ? INVALID_TRANSPORT_CUT : 0;
}

static unsigned failure_causes(const struct run_figures *f, const struct run_evidence *ev)
{
    unsigned causes = transport_causes(f, ev);
    if (f->http_status != ABSENT && f->http_status != 200)
        causes |= INVALID_STATUS;
    if (ev->answer->has_error)
        causes |= INVALID_ERROR_OBJECT;
    if (!causes && !ev->answer->visible_frames && f->split.total == 0)
        causes |= INVALID_NO_TOKEN;
    return causes;
}

/* As much of a text as fits, from its beginning. */
static void keep_start(char *to, size_t size, struct bytes text)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;
    if (len)
        memcpy(to, text.data, len);
    to[len] = '\0';
}

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

/* The same from its end, beginning with a whole character. */
static void keep_end(char *to, size_t size, const struct buf *text)
{
    size_t start = text->len < size ? 0 : text->len - (size - 1);
    while (start < text->len && (text->data[start] & 0xC0) == 0x80)
        start++;
    keep_start(to, size, (struct bytes){text->data + start, text->len - start});
}

static int judge_text(unsigned *causes, const struct answer *a, struct word_evidence *words)
{
    double reasoning, content;
    int status = looping_ratio(a->text.reasoning.data, a->text.reasoning.len, &reasoning);
    if (!status)
        status = looping_ratio(a->text.content.data, a->text.content.len, &content);
    if (status || !(reasoning < LOOPING_THRESHOLD || content < LOOPING_THRESHOLD))
        return status;
    *causes |= INVALID_LOOPING;
    words->loop_in_reasoning = !(content <= reasoning || isnan(reasoning));
    words->loop_ratio = words->loop_in_reasoning ? reasoning : content;
    keep_end(words->loop_text, sizeof words->loop_text,
             words->loop_in_reasoning ? &a->text.reasoning : &a->text.content);
    return TT_OK;
}

/* The declaration of a function in `tools`, NULL when there is none of that name. */
static const cJSON *find_function(const cJSON *tools, const char *name)
{
    const cJSON *tool;
    cJSON_ArrayForEach(tool, tools)
    {
        const cJSON *function = json_member(tool, "function");
        const char *declared = json_string(function, "name");
        if (declared && strcmp(declared, name) == 0)
            return function;
    }
    return NULL;
}

/* A declaration that cannot be read refuses nothing. */
static int judge_call(struct bytes tools_text, const char *name, const cJSON *arguments, unsigned *causes,
                      struct word_evidence *words)
{
    struct error why = {0};
    char place[JSON_SCHEMA_PLACE] = "";
    cJSON *tools = json_parse(tools_text.data, tools_text.len, TOOLS_TEXT_MAX, &why);
    if (!tools)
        return why.code == TT_NOMEM ? TT_NOMEM : TT_OK;
    const cJSON *function = find_function(tools, name);
    if ((!function || !json_schema_fits(json_member(function, "parameters"), arguments, place)) &&
        !(*causes & INVALID_TOOL_SCHEMA)) {
        *causes |= INVALID_TOOL_SCHEMA;
        keep_start(words->misfit_tool, sizeof words->misfit_tool, text_bytes(name));
        keep_start(words->misfit_place, sizeof words->misfit_place,
                   text_bytes(function ? place : "not declared"));
    }
    cJSON_Delete(tools);
    return TT_OK;
}

static void note_broken(struct bytes name, struct bytes arguments, unsigned *causes,
                        struct word_evidence *words)
{
    if (*causes & INVALID_TOOL_ARGUMENTS)
        return;
    *causes |= INVALID_TOOL_ARGUMENTS;
    keep_start(words->broken_tool, sizeof words->broken_tool, name);
    keep_start(words->broken_text, sizeof words->broken_text, arguments);
}

int validity_tool_call(struct bytes tools, struct bytes name, struct bytes arguments, unsigned *causes,
                       struct word_evidence *words)
{
    char text[128];
    struct error why = {0};
    int status = TT_OK;
    cJSON *value = arguments.len ? json_parse(arguments.data, arguments.len, ANSWER_TEXT_MAX, &why) : NULL;
    if (why.code == TT_NOMEM)
        return TT_NOMEM;
    keep_start(text, sizeof text, name);
    if (!value)
        note_broken(name, arguments, causes, words);
    else if (tools.data)
        status = judge_call(tools, text, value, causes, words);
    cJSON_Delete(value);
    return status;
}

static int judge_calls(const struct run_evidence *ev, unsigned *causes, struct word_evidence *words)
{
    const struct answer *a = ev->answer;
    struct bytes tools = ev->request ? ev->request->tools : (struct bytes){NULL, 0};
    int status = TT_OK;
    for (size_t i = 0; i < a->text.tool_count && !a->text.is_cut && !status; i++) {
        const struct answer_tool *tool = &a->text.tools[i];
        status =
            validity_tool_call(tools, buf_bytes(&tool->name), buf_bytes(&tool->arguments), causes, words);
    }
    return status;
}

struct cause_sentence {
    unsigned cause;
    const char *sentence;
};

/* Most telling first. */
static const struct cause_sentence sentences[] = {
    {INVALID_LOST, "a part of the run was lost with a damaged block"},
    {INVALID_UNFINISHED, "the recording ended inside the run"},
    {INVALID_ERROR_OBJECT, "the engine reported an error"},
    {INVALID_STATUS, "the engine refused the request"},
    {INVALID_NO_ANSWER, "no answer came"},
    {INVALID_TIMEOUT, "the answer took too long"},
    {INVALID_TRANSPORT_CUT, "the connection was cut"},
    {INVALID_CUT, "the stream ended without a finish reason"},
    {INVALID_NO_TOKEN, "no token was generated"},
    {INVALID_EMPTY, "the answer has neither text nor tool call"},
    {INVALID_LOOPING, "the text repeats itself"},
    {INVALID_TOOL_ARGUMENTS, "the arguments of a tool call are not JSON"},
    {INVALID_TOOL_SCHEMA, "a tool call does not fit its declaration"},
};

static const char *first_sentence(unsigned causes)
{
    size_t i = 0;
    while (!(causes & sentences[i].cause))
        i++;
    return sentences[i].sentence;
}

/* What happened, and where: what the recorder said, else the status when it was not 200, the engine's own
 * words when it gave any, how far it came. */
static void explain(const struct run_figures *f, const struct run_evidence *ev, struct word_evidence *words)
{
    struct error said;
    const struct answer *a = ev->answer;
    char status[32] = "", frames[64] = "";
    if (ev->end)
        keep_start(words->error, sizeof words->error, ev->end->error);
    if (words->error[0] || !f->invalid)
        return;
    if (f->invalid & INVALID_STATUS)
        snprintf(status, sizeof status, "HTTP %llu: ", (unsigned long long)f->http_status);
    if (f->invalid & (INVALID_FAILED | INVALID_CUT) && a->visible_frames)
        snprintf(frames, sizeof frames, " after %llu token frames", (unsigned long long)a->visible_frames);
    error_set(&said, TT_OK, "%s%s%s%s%s", status, first_sentence(f->invalid), frames, a->error[0] ? ": " : "",
              a->error);
    snprintf(words->error, sizeof words->error, "%.*s", (int)sizeof words->error - 1, said.text);
}

/* Of few runs there is anything to say, so that the others are not to cost more. */
static int keep_words(struct run_figures *f, const struct word_evidence *words)
{
    if (!f->invalid && !words->error[0])
        return TT_OK;
    f->words = mem_alloc(sizeof *f->words);
    if (!f->words)
        return TT_NOMEM;
    *f->words = *words;
    return TT_OK;
}

int validity_judge(struct run_figures *f, const struct run_evidence *ev)
{
    const struct answer *a = ev->answer;
    struct word_evidence words = {.loop_ratio = NAN};
    int status = TT_OK;
    f->invalid = ev->given ? given_causes(f, ev) : failure_causes(f, ev);
    f->ok = !(f->invalid & (INVALID_FAILED & ~(unsigned)INVALID_NO_TOKEN));
    if (!f->invalid && !ev->given && a->t_finish == ABSENT)
        f->invalid |= INVALID_CUT;
    if (!f->invalid && !ev->given && !a->visible_frames)
        f->invalid |= INVALID_EMPTY;
    if (!f->invalid && !ev->is_masked)
        status = judge_text(&f->invalid, a, &words);
    if (!status && !ev->is_masked && !(f->invalid & ~(unsigned)INVALID_LOOPING))
        status = judge_calls(ev, &f->invalid, &words);
    keep_start(words.said, sizeof words.said, text_bytes(a->error));
    explain(f, ev, &words);
    return status ? status : keep_words(f, &words);
}

const char *invalid_cause_name(unsigned bit)
{
    static const char *const names[] = {
        "no_answer", "status",  "error_object",   "transport_cut", "timeout",    "no_token", "cut",
        "empty",     "looping", "tool_arguments", "tool_schema",   "unfinished", "lost"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bit == 1u << i)
            return names[i];
    }
    return "unknown";
}
