/* SPDX-License-Identifier: MIT */
/* After the runs, the engine is asked for the token ids of the prompts that it was sent, so that what a cache
 * could have held is known exactly. An engine that cannot say leaves the trace without them. */
#include "formats/alloc.h"
#include "record/session_state.h"
#include "record/tokeniser.h"

#define REMEMBERED_MAX  ((size_t)64 << 20) /* bytes of all bodies */
#define REMEMBERED_ROWS 1024

int session_remember_body(struct session *s, uint64_t row, const struct buf *bytes)
{
    struct sent_bodies *sent = &s->sent;
    int is_new = !sent->count || row > sent->items[sent->count - 1].row;
    if (s->options->no_tokenise || s->options->without_content ||
        !tokeniser_knows_prompts(s->identity.kind) || !is_new || sent->count >= REMEMBERED_ROWS ||
        bytes->len > REMEMBERED_MAX - sent->bytes)
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

static struct bytes sent_bytes(const struct sent_body *body)
{
    return (struct bytes){(const unsigned char *)body->bytes, body->len};
}

/* Stops at the first prompt without ids: with some of them missing the others are of no use. */
int session_tokenise(struct session *s, struct error *e)
{
    const struct tokeniser tokeniser = session_tokeniser(s);
    int status = TT_OK;
    for (size_t i = 0; !status && i < s->sent.count && !session_is_interrupted(s); i++) {
        struct buf ids = BUF_INIT;
        status = tokeniser_prompt(&tokeniser, sent_bytes(&s->sent.items[i]), &ids);
        struct prompt_ids_row row = {s->sent.items[i].row, {ids.data, ids.len}};
        if (!status)
            status = session_row(s, TABLE_PROMPT_IDS, &row, e);
        buf_release(&ids);
    }
    return status == TT_NOMEM ? error_set(e, TT_NOMEM, "out of memory for prompt ids")
           : s->recorder      ? recorder_status(s->recorder, e)
                              : TT_OK;
}
