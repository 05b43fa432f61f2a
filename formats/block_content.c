/* SPDX-License-Identifier: MIT */
#include "formats/block_content.h"

#include <string.h>

#include "formats/json.h"

#define SEQUENCE_MAX ((uint64_t)1 << 62) /* so that one more never wraps around */

static int decode_document(struct block_content *c, struct bytes raw, struct error *e)
{
    struct error why = {0};
    c->json = json_parse_document(raw.data, raw.len, &why);
    if (cJSON_IsObject(c->json))
        return TT_OK;
    if (c->json || why.code == TT_NOMEM)
        return c->json ? error_set(e, TT_DAMAGED, "a document is no JSON object")
                       : error_set(e, TT_NOMEM, "%s", why.text);
    return error_set(e, TT_DAMAGED, "%s", why.text);
}

static int decode_gap(struct block_content *c, const struct block_header *h, struct bytes raw,
                      struct error *e)
{
    int status = decode_document(c, raw, e);
    if (status)
        return status;
    c->next = json_u64(c->json, "next");
    if (c->next > SEQUENCE_MAX || c->next <= h->sequence)
        return error_set(e, TT_DAMAGED, "a gap does not say which block follows it");
    return TT_OK;
}

int block_content_decode(struct block_content *c, const struct block_header *h, struct bytes raw,
                         struct error *e)
{
    cJSON_Delete(c->json);
    c->json = NULL;
    c->payload.table_count = 0;
    c->payload.wire = (struct bytes){NULL, 0};
    c->is_known = 1;
    c->next = h->sequence + 1;
    if (h->sequence >= SEQUENCE_MAX)
        return error_set(e, TT_DAMAGED, "an impossible sequence number");
    switch (h->type) {
    case BLOCK_META:
    case BLOCK_NOTE:
    case BLOCK_END:
        return decode_document(c, raw, e);
    case BLOCK_GAP:
        return decode_gap(c, h, raw, e);
    case BLOCK_DATA:
        return payload_decode(&c->payload, raw.data, raw.len, e);
    default:
        c->is_known = 0;
        if (h->flags & BLOCK_CRITICAL)
            return error_set(e, TT_UNSUPPORTED,
                             "a block that this version does not know, and must not pass over");
        return TT_OK;
    }
}

void block_content_release(struct block_content *c)
{
    cJSON_Delete(c->json);
    payload_release(&c->payload);
    memset(c, 0, sizeof *c);
}
