/* SPDX-License-Identifier: MIT */
#include "record/tokeniser.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/jscan.h"
#include "formats/jsonout.h"
#include "record/answer_pieces.h"

#define ANSWER_MAX    ((size_t)16 << 20)
#define ASKING_TIME_S 30
#define PIECES_TIME_S 5 /* the next run waits for it */
#define TOKEN_ID_MAX  UINT32_MAX

/* One question. TT_NETWORK unless it was answered in full, TT_NOTFOUND unless with 200. Release the answer in
 * every case. */
static int ask(const struct tokeniser *t, const char *path, struct bytes body, double timeout_s,
               struct http_answer *answer)
{
    char *url = endpoint_url(t->endpoint, path);
    struct http_request request = {
        .url = url, .method = "POST", .body = body, .headers = t->headers, .timeout_s = timeout_s};
    memset(answer, 0, sizeof *answer);
    if (!url)
        return TT_NOMEM;
    int status = http_fetch(t->client, &request, ANSWER_MAX, t->interrupted, answer, NULL);
    mem_free(url);
    if (!status && answer->result.ended != RUN_ENDED_COMPLETE)
        return TT_NETWORK;
    return status ? status : answer->result.status == 200 ? TT_OK : TT_NOTFOUND;
}

/* Counts the ids of "[1,2,300]", and packs them unless `ids` is NULL. TT_NOTFOUND for anything but an array
 * of ids. */
static int read_ids(struct bytes array, uint64_t *count, struct buf *ids)
{
    struct jscan j;
    jscan_init(&j, array.data, array.len);
    if (!array.len || jscan_type(&j) != JSCAN_ARRAY)
        return TT_NOTFOUND;
    jscan_enter(&j);
    for (*count = 0; jscan_element(&j); ++*count) {
        struct jscan_number number;
        if (jscan_type(&j) != JSCAN_NUMBER)
            return TT_NOTFOUND;
        jscan_number(&j, &number);
        if (number.integer > TOKEN_ID_MAX)
            return TT_NOTFOUND;
        if (ids)
            buf_uvarint(ids, number.integer);
    }
    return ids && ids->failed ? ids->failed : jscan_finish(&j) ? TT_OK : TT_NOTFOUND;
}

static int ask_for_ids(const struct tokeniser *t, const struct buf *question, uint64_t *count,
                       struct buf *ids)
{
    struct http_answer tokens;
    if (question->failed)
        return question->failed;
    int status = ask(t, "/tokenize", (struct bytes){question->data, question->len}, ASKING_TIME_S, &tokens);
    if (!status)
        status = read_ids(jscan_member_of(buf_bytes(&tokens.body), "tokens"), count, ids);
    http_answer_release(&tokens);
    return status;
}

/* ---- texts ---- */

int tokeniser_can_count(enum engine_kind kind)
{
    return kind == ENGINE_LLAMACPP || kind == ENGINE_VLLM;
}

static void put_question(const struct tokeniser *t, struct bytes text, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    if (t->kind == ENGINE_VLLM && t->model)
        jsonout_field_string(&j, "model", t->model);
    jsonout_key(&j, t->kind == ENGINE_VLLM ? "prompt" : "content");
    jsonout_string_n(&j, text.data, text.len);
    jsonout_field_bool(&j, t->kind == ENGINE_VLLM ? "add_special_tokens" : "add_special", 0);
    jsonout_end(&j, '}');
}

static int explain(const struct tokeniser *t, int status, struct error *e)
{
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory for a tokeniser's answer");
    if (t->interrupted && *t->interrupted)
        return error_set(e, TT_INTERRUPTED,
                         "interrupted while the engine counted tokens; nothing was written");
    if (status == TT_NOTFOUND)
        return error_set(e, TT_NOTFOUND, "the engine does not say how many tokens a text has (%s/tokenize)",
                         t->endpoint->root);
    return error_set(e, TT_NETWORK, "the engine no longer answers while it counts tokens (%s/tokenize)",
                     t->endpoint->root);
}

int tokeniser_count(const struct tokeniser *t, struct bytes text, uint64_t *tokens, struct error *e)
{
    struct buf question = BUF_INIT;
    put_question(t, text, &question);
    int status = ask_for_ids(t, &question, tokens, NULL);
    buf_release(&question);
    return status ? explain(t, status, e) : TT_OK;
}

/* ---- prompts ---- */

int tokeniser_knows_prompts(enum engine_kind kind)
{
    return kind == ENGINE_LLAMACPP;
}

int tokeniser_prompt(const struct tokeniser *t, struct bytes body, struct buf *ids)
{
    struct http_answer template;
    struct buf question = BUF_INIT;
    uint64_t count = 0;
    int status = ask(t, "/apply-template", body, ASKING_TIME_S, &template);
    struct bytes prompt =
        status ? (struct bytes){NULL, 0} : jscan_member_of(buf_bytes(&template.body), "prompt");
    if (!status && !prompt.len)
        status = TT_NOTFOUND;
    buf_puts(&question, "{\"add_special\":true,\"parse_special\":true,\"content\":");
    buf_append(&question, prompt.data, prompt.len);
    buf_putc(&question, '}');
    http_answer_release(&template);
    if (!status)
        status = ask_for_ids(t, &question, &count, ids);
    buf_release(&question);
    return status ? status : count ? TT_OK : TT_NOTFOUND;
}

/* ---- answers ---- */

int tokeniser_knows_pieces(enum engine_kind kind)
{
    return kind == ENGINE_LLAMACPP;
}

static void put_pieces_question(struct bytes text, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    jsonout_field_bool(&j, "with_pieces", 1);
    jsonout_field_bool(&j, "add_special", 0);
    jsonout_field_bool(&j, "parse_special", 0);
    jsonout_key(&j, "content");
    jsonout_string_n(&j, text.data, text.len);
    jsonout_end(&j, '}');
}

int tokeniser_pieces(const struct tokeniser *t, struct bytes text, struct buf *lengths)
{
    struct buf question = BUF_INIT;
    struct http_answer answer = {.body = BUF_INIT};
    put_pieces_question(text, &question);
    int status = question.failed;
    if (!status)
        status = ask(t, "/tokenize", (struct bytes){question.data, question.len}, PIECES_TIME_S, &answer);
    if (!status) {
        status = answer_pieces_lengths((struct bytes){answer.body.data, answer.body.len}, text, lengths);
        status = status == TT_NOTFOUND ? TT_SYNTAX : status;
    }
    http_answer_release(&answer);
    buf_release(&question);
    return status;
}
