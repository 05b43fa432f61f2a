/* SPDX-License-Identifier: MIT */
/* A request that was recorded, sent again: byte for byte, or with the few members that were asked to differ.
 */
#include <string.h>

#include "formats/jscan.h"
#include "formats/json_minify.h"
#include "formats/jsonout.h"
#include "record/json_merge.h"
#include "record/request.h"
#include "record/request_parts.h"

/* The first message list of a body; no bytes when it has none, or is no JSON object. */
static struct bytes messages_of(struct bytes body)
{
    struct jscan s;
    struct jscan_text name;
    struct bytes messages = {NULL, 0};
    jscan_init(&s, body.data, body.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return messages;
    jscan_enter(&s);
    while (jscan_member(&s, &name)) {
        struct bytes value = jscan_raw(&s);
        if (!messages.data && jscan_text_is(&name, "messages"))
            messages = value;
    }
    return jscan_finish(&s) && messages.len && messages.data[0] == '[' ? messages : (struct bytes){NULL, 0};
}

/* A member named `model` with that value, or the extra body: both as patches. */
static int patch(struct buf *body, struct bytes change, struct error *e)
{
    struct buf merged;
    buf_init(&merged, REQUEST_BODY_MAX);
    int status = json_merge(&merged, buf_bytes(body), change);
    if (status) {
        buf_release(&merged);
        return error_set(e, (enum tt_err)status,
                         "a recorded request has too many members to change any, or memory is out");
    }
    buf_release(body);
    *body = merged;
    return TT_OK;
}

static int set_model(struct buf *body, const char *model, struct error *e)
{
    struct buf change = BUF_INIT;
    struct jsonout j;
    jsonout_init(&j, &change, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "model", model);
    jsonout_end(&j, '}');
    int status = change.failed ? error_set(e, TT_NOMEM, "out of memory") : patch(body, buf_bytes(&change), e);
    buf_release(&change);
    return status;
}

static int set_extra(struct buf *body, const char *extra_body, struct error *e)
{
    struct buf change = BUF_INIT;
    int status = request_read_extra_body(&change, extra_body, e);
    if (!status)
        status = patch(body, buf_bytes(&change), e);
    buf_release(&change);
    return status;
}

/* Changes need minified JSON; what a trace holds is anybody's. */
static int change_members(struct buf *body, struct bytes recorded, const struct request_options *o,
                          struct error *e)
{
    int status = json_minify(recorded.data, recorded.len, body, e);
    if (!status && (!body->len || body->data[0] != '{'))
        status = error_set(e, TT_UNSUPPORTED, "it is no JSON object");
    if (status) {
        error_prefix(e, "a recorded request cannot be changed");
        return status;
    }
    if (o->model)
        status = set_model(body, o->model, e);
    if (!status && o->extra_body)
        status = set_extra(body, o->extra_body, e);
    return status;
}

/* Puts the body together anew, cut at its messages; the nonce, if there is one, goes into the first of them.
 */
static int put_again(struct request_body *body, struct bytes whole, const char *nonce, struct error *e)
{
    struct bytes messages = messages_of(whole);
    if (!messages.data && nonce)
        return error_set(e, TT_UNSUPPORTED, "a recorded request has no messages to put a nonce into");
    if (!messages.data)
        return buf_append(&body->bytes, whole.data, whole.len);
    size_t before = (size_t)(messages.data - whole.data), end = before + messages.len;
    buf_append(&body->bytes, whole.data, before);
    int status = request_put_messages(body, messages, nonce, e);
    buf_append(&body->bytes, whole.data + end, whole.len - end);
    return status ? status : body->bytes.failed;
}

int request_body_again(struct request_body *body, struct bytes recorded,
                       const struct request_options *options, struct error *e)
{
    struct buf changed;
    int changes = options->model || options->extra_body || options->nonce;
    buf_init(&changed, REQUEST_BODY_MAX);
    buf_clear(&body->bytes);
    body->cut_count = 0;
    int status = changes ? change_members(&changed, recorded, options, e) : TT_OK;
    if (!status)
        status = put_again(body, changes ? buf_bytes(&changed) : recorded, options->nonce, e);
    buf_release(&changed);
    if (status == TT_NOMEM || status == TT_LIMIT)
        return error_set(e, (enum tt_err)status, "a recorded request is too large, or memory is out");
    return status;
}
