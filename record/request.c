/* SPDX-License-Identifier: MIT */
#include "record/request.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/jscan.h"
#include "formats/json_minify.h"
#include "formats/jsonout.h"
#include "record/json_merge.h"
#include "record/request_parts.h"

#define EXTRA_BODY_MAX ((size_t)256 << 10)

void request_body_init(struct request_body *body)
{
    memset(body, 0, sizeof *body);
    buf_init(&body->bytes, REQUEST_BODY_MAX);
}

void request_body_release(struct request_body *body)
{
    buf_release(&body->bytes);
    mem_free(body->cuts);
    request_body_init(body);
}

/* ---- the members beside messages and tools ---- */

static void put_defaults(struct buf *out, uint64_t max_tokens, const char *model)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    if (model)
        jsonout_field_string(&j, "model", model);
    jsonout_field_u64(&j, "max_tokens", max_tokens);
    jsonout_field_u64(&j, "temperature", 0);
    jsonout_field_bool(&j, "stream", 1);
    jsonout_key(&j, "stream_options");
    jsonout_object(&j);
    jsonout_field_bool(&j, "include_usage", 1);
    jsonout_end(&j, '}');
    jsonout_key(&j, "chat_template_kwargs");
    jsonout_object(&j);
    jsonout_field_bool(&j, "enable_thinking", 0);
    jsonout_end(&j, '}');
    jsonout_end(&j, '}');
}

static int refuse_members(const struct buf *extra, struct error *e)
{
    struct jscan s;
    struct jscan_text name;
    jscan_init(&s, extra->data, extra->len);
    jscan_enter(&s);
    while (jscan_member(&s, &name)) {
        if (jscan_text_is(&name, "messages") || jscan_text_is(&name, "tools"))
            return error_set(e, TT_USAGE,
                             "--extra-body may not set 'messages' or 'tools': they are the workload's");
        jscan_skip(&s);
    }
    return TT_OK;
}

int request_read_extra_body(struct buf *extra, const char *text, struct error *e)
{
    buf_init(extra, EXTRA_BODY_MAX);
    struct error why = {0};
    int status = json_minify(text, strlen(text), extra, &why);
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "%s", why.text);
    if (status)
        return error_set(e, TT_USAGE, "--extra-body: %s", why.text);
    if (extra->data[0] != '{')
        return error_set(e, TT_USAGE, "--extra-body: it is no JSON object");
    return refuse_members(extra, e);
}

int request_check_extra_body(const char *extra_body, struct error *e)
{
    struct buf extra;
    int status = request_read_extra_body(&extra, extra_body, e);
    buf_release(&extra);
    return status;
}

/* Replaces *members by itself with `patch` merged into it. */
static int apply(struct buf *members, struct bytes patch, struct error *e)
{
    struct buf merged = BUF_INIT;
    int status = json_merge(&merged, buf_bytes(members), patch);
    if (status) {
        buf_release(&merged);
        return error_set(e, status, "the request's extra members are too many, too deep, or memory is out");
    }
    buf_release(members);
    *members = merged;
    return TT_OK;
}

static int build_members(struct buf *members, const struct workload_phase *phase,
                         const struct request_options *o, struct error *e)
{
    struct buf extra = BUF_INIT;
    put_defaults(members, phase->max_tokens, o->model);
    int status = members->failed;
    if (!status && o->cold_body)
        status = apply(members, (struct bytes){(const unsigned char *)o->cold_body, strlen(o->cold_body)}, e);
    if (!status && o->extra_body)
        status = request_read_extra_body(&extra, o->extra_body, e);
    if (!status && o->extra_body)
        status = apply(members, buf_bytes(&extra), e);
    buf_release(&extra);
    return status;
}

/* ---- messages ---- */

static int cut_here(struct request_body *body)
{
    size_t at = body->bytes.len;
    if (at == 0 || (body->cut_count && body->cuts[body->cut_count - 1] == at))
        return TT_OK;
    int status = mem_grow(&body->cuts, &body->cut_capacity, body->cut_count + 1, sizeof *body->cuts);
    if (!status)
        body->cuts[body->cut_count++] = at;
    return status;
}

/* The message's content, as spelt: a string, an array of parts, or something that has no text. */
static struct bytes content_of(struct bytes message)
{
    struct jscan s;
    struct jscan_text name;
    struct bytes content = {NULL, 0};
    jscan_init(&s, message.data, message.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return content;
    jscan_enter(&s);
    while (jscan_member(&s, &name)) {
        struct bytes value = jscan_raw(&s);
        if (jscan_text_is(&name, "content"))
            content = value;
    }
    return content;
}

/* Opens the content's quote or bracket, then puts the nonce between two cuts; the rest of the message
 * follows. */
static int put_with_nonce(struct request_body *body, struct bytes message, const char *nonce, struct error *e)
{
    struct bytes content = content_of(message);
    struct buf *out = &body->bytes;
    int is_text = content.len && content.data[0] == '"', is_parts = content.len && content.data[0] == '[';
    if (!is_text && !is_parts)
        return error_set(e, TT_UNSUPPORTED,
                         "the first message has no text to put a nonce into; use another --cold");
    size_t opening = (size_t)(content.data + 1 - message.data);
    buf_append(out, message.data, opening);
    int status = cut_here(body);
    if (is_parts)
        buf_puts(out, "{\"type\":\"text\",\"text\":\"");
    json_escape(out, nonce, strlen(nonce));
    if (is_parts)
        buf_puts(out, content.data[1] == ']' ? "\"}" : "\"},");
    if (!status)
        status = cut_here(body);
    buf_append(out, message.data + opening, message.len - opening);
    return status;
}

/* Copies what stands between the elements, too, so that a list comes out as it is spelt. */
int request_put_messages(struct request_body *body, struct bytes messages, const char *nonce, struct error *e)
{
    struct jscan s;
    const unsigned char *copied = messages.data;
    int status = TT_OK;
    size_t count = 0;
    jscan_init(&s, messages.data, messages.len);
    jscan_enter(&s);
    for (; !status && jscan_element(&s); count++) {
        struct bytes message = jscan_raw(&s);
        buf_append(&body->bytes, copied, (size_t)(message.data - copied));
        copied = message.data + message.len;
        status = count ? TT_OK : cut_here(body);
        if (!status && count == 0 && nonce)
            status = put_with_nonce(body, message, nonce, e);
        else
            buf_append(&body->bytes, message.data, message.len);
        if (!status)
            status = cut_here(body);
    }
    buf_append(&body->bytes, copied, messages.len - (size_t)(copied - messages.data));
    if (!status && nonce && !count)
        status = error_set(e, TT_UNSUPPORTED, "a request without messages has no place for a nonce");
    return status ? status : body->bytes.failed;
}

/* ---- the whole ---- */

static void separate(struct buf *out, int *any)
{
    if (*any)
        buf_putc(out, ',');
    *any = 1;
}

static void put_member(struct buf *out, const struct jscan_text *name, struct bytes value, int *any)
{
    separate(out, any);
    buf_putc(out, '"');
    buf_append(out, name->data, name->len);
    buf_puts(out, "\":");
    buf_append(out, value.data, value.len);
}

static int put_script(struct request_body *body, const struct workload_phase *phase, const char *nonce,
                      int *any, struct error *e)
{
    separate(&body->bytes, any);
    buf_puts(&body->bytes, "\"messages\":");
    struct bytes messages = {(const unsigned char *)phase->messages, strlen(phase->messages)};
    int status = request_put_messages(body, messages, nonce, e);
    if (phase->tools)
        buf_printf(&body->bytes, ",\"tools\":%s", phase->tools);
    return status;
}

/* messages and tools go behind the model, or first of all when no model is named. */
static int put_all(struct request_body *body, const struct buf *members, const struct workload_phase *phase,
                   const char *nonce, struct error *e)
{
    struct jscan s;
    struct jscan_text name;
    int status = TT_OK, any = 0, script_is_out = 0;
    jscan_init(&s, members->data, members->len);
    jscan_enter(&s);
    buf_putc(&body->bytes, '{');
    while (!status && jscan_member(&s, &name)) {
        struct bytes value = jscan_raw(&s);
        if (!script_is_out && !jscan_text_is(&name, "model")) {
            status = put_script(body, phase, nonce, &any, e);
            script_is_out = 1;
        }
        put_member(&body->bytes, &name, value, &any);
    }
    if (!status && !script_is_out)
        status = put_script(body, phase, nonce, &any, e);
    buf_putc(&body->bytes, '}');
    return status;
}

int request_body_build(struct request_body *body, const struct workload_phase *phase,
                       const struct request_options *options, struct error *e)
{
    struct buf members = BUF_INIT;
    buf_clear(&body->bytes);
    body->cut_count = 0;
    int status = build_members(&members, phase, options, e);
    if (!status)
        status = put_all(body, &members, phase, options->nonce, e);
    if (!status)
        status = body->bytes.failed;
    buf_release(&members);
    if (status == TT_NOMEM || status == TT_LIMIT)
        return error_set(e, status, "the request body of phase '%s' is too large, or memory is out",
                         phase->name);
    return status;
}
