/* SPDX-License-Identifier: MIT */
/* After the runs, the engine is asked for the token ids of the prompts that it was sent, so that what a cache
 * could have held is known exactly. An engine that cannot say leaves the trace without them. */
#include "formats/alloc.h"
#include "formats/jscan.h"
#include "record/http.h"
#include "record/session_state.h"

#define REMEMBERED_MAX  ((size_t)64 << 20) /* bytes of all bodies */
#define ANSWER_MAX      ((size_t)16 << 20)
#define ASKING_TIME_S   30
#define TOKEN_ID_MAX    UINT32_MAX
#define REMEMBERED_ROWS 1024

int session_remember_body(struct session *s, uint64_t row, const struct buf *bytes)
{
    struct sent_bodies *sent = &s->sent;
    int is_new = !sent->count || row > sent->items[sent->count - 1].row;
    if (s->options->no_tokenise || s->options->without_content || s->identity.kind != ENGINE_LLAMACPP ||
        !is_new || sent->count >= REMEMBERED_ROWS || bytes->len > REMEMBERED_MAX - sent->bytes)
        return TT_OK;
    if (mem_grow(&sent->items, &sent->capacity, sent->count + 1, sizeof *sent->items))
        return TT_NOMEM;
    char *copy = mem_strndup(buf_text(bytes), bytes->len);
    if (!copy)
        return TT_NOMEM;
    sent->items[sent->count++] = (struct sent_body){row, bytes->len, copy};
    sent->bytes += bytes->len;
    return TT_OK;
}

void sent_bodies_release(struct sent_bodies *sent)
{
    for (size_t i = 0; i < sent->count; i++)
        mem_free(sent->items[i].bytes);
    mem_free(sent->items);
    memset(sent, 0, sizeof *sent);
}

int session_ask(struct session *s, const char *path, struct bytes body, double timeout_s,
                struct http_answer *answer)
{
    char *url = endpoint_url(&s->endpoint, path);
    struct http_request request = {.url = url,
                                   .method = "POST",
                                   .body = body,
                                   .headers = (const char *const *)s->headers,
                                   .timeout_s = timeout_s};
    memset(answer, 0, sizeof *answer);
    if (!url)
        return TT_NOMEM;
    int status = http_fetch(s->client, &request, ANSWER_MAX, s->interrupted, answer, NULL);
    mem_free(url);
    int is_whole = answer->result.status == 200 && answer->result.ended == RUN_ENDED_COMPLETE;
    return status ? status : is_whole ? TT_OK : TT_NOTFOUND;
}

/* The spelling of that member; empty when the document has none. */
static struct bytes member(const struct buf *document, const char *name)
{
    struct jscan j;
    struct jscan_text key;
    struct bytes found = {NULL, 0};
    jscan_init(&j, document->data, document->len);
    if (jscan_type(&j) != JSCAN_OBJECT)
        return found;
    jscan_enter(&j);
    while (jscan_member(&j, &key)) {
        struct bytes raw = jscan_raw(&j);
        if (jscan_text_is(&key, name))
            found = raw;
    }
    return jscan_finish(&j) ? found : (struct bytes){NULL, 0};
}

/* From "[1,2,300]" to uvarints. TT_NOTFOUND for anything but an array of ids. */
static int pack_ids(struct bytes array, struct buf *ids)
{
    struct jscan j;
    jscan_init(&j, array.data, array.len);
    if (!array.len || jscan_type(&j) != JSCAN_ARRAY)
        return TT_NOTFOUND;
    jscan_enter(&j);
    while (jscan_element(&j)) {
        struct jscan_number number;
        if (jscan_type(&j) != JSCAN_NUMBER)
            return TT_NOTFOUND;
        jscan_number(&j, &number);
        if (number.integer > TOKEN_ID_MAX)
            return TT_NOTFOUND;
        buf_uvarint(ids, number.integer);
    }
    return ids->failed ? ids->failed : jscan_finish(&j) && ids->len ? TT_OK : TT_NOTFOUND;
}

/* The prompt as the engine's template makes it, cut into tokens as the engine cuts prompts. */
static int find_ids(struct session *s, const struct sent_body *body, struct buf *ids)
{
    struct http_answer template, tokens;
    struct buf question = BUF_INIT;
    struct bytes sent = {(unsigned char *)body->bytes, body->len};
    int status = session_ask(s, "/apply-template", sent, ASKING_TIME_S, &template);
    struct bytes prompt = status ? (struct bytes){NULL, 0} : member(&template.body, "prompt");
    if (!status && !prompt.len)
        status = TT_NOTFOUND;
    buf_puts(&question, "{\"add_special\":true,\"parse_special\":true,\"content\":");
    buf_append(&question, prompt.data, prompt.len);
    buf_putc(&question, '}');
    http_answer_release(&template);
    if (!status)
        status = question.failed;
    if (!status) {
        struct bytes asked = {question.data, question.len};
        status = session_ask(s, "/tokenize", asked, ASKING_TIME_S, &tokens);
        if (!status)
            status = pack_ids(member(&tokens.body, "tokens"), ids);
        http_answer_release(&tokens);
    }
    buf_release(&question);
    return status;
}

/* Stops at the first prompt without ids: with some of them missing the others are of no use. */
int session_tokenise(struct session *s, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < s->sent.count && !session_is_interrupted(s); i++) {
        struct buf ids = BUF_INIT;
        status = find_ids(s, &s->sent.items[i], &ids);
        struct prompt_ids_row row = {s->sent.items[i].row, {ids.data, ids.len}};
        if (!status)
            status = session_row(s, TABLE_PROMPT_IDS, &row, e);
        buf_release(&ids);
    }
    return status == TT_NOMEM ? error_set(e, TT_NOMEM, "out of memory for prompt ids")
           : s->recorder      ? recorder_status(s->recorder, e)
                              : TT_OK;
}
