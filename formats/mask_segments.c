/* SPDX-License-Identifier: MIT */
#include "formats/mask_segments.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/digest.h"

void mask_segments_init(struct mask_segments *s)
{
    memset(s, 0, sizeof *s);
    buf_init(&s->pending, MASK_PENDING_MAX);
}

void mask_segments_release(struct mask_segments *s)
{
    mem_free(s->ends);
    mem_free(s->pending_ends);
    mem_free(s->digests);
    buf_release(&s->pending);
}

int mask_segments_add(struct mask_segments *s, const struct segment_row *row)
{
    size_t place = s->count - s->written;
    if (row->sha256.len != SHA256_BYTES)
        return TT_DAMAGED;
    if (s->count == MASK_SEGMENTS_MAX)
        return TT_LIMIT;
    if (mem_grow(&s->ends, &s->capacity, s->count + 1, sizeof *s->ends) ||
        mem_grow(&s->pending_ends, &s->pending_capacity, place + 1, sizeof *s->pending_ends) ||
        mem_grow(&s->digests, &s->digest_capacity, place + 1, sizeof *s->digests))
        return TT_NOMEM;
    int status = buf_append(&s->pending, row->data.data, row->data.len);
    if (status)
        return status;
    memcpy(s->digests[place], row->sha256.data, SHA256_BYTES);
    s->pending_ends[place] = s->pending.len;
    s->ends[s->count++].key = NULL; /* not masked yet */
    return TT_OK;
}

static struct bytes pending_at(const struct mask_segments *s, size_t place)
{
    size_t from = place ? s->pending_ends[place - 1] : 0;
    return (struct bytes){s->pending.data + from, s->pending_ends[place] - from};
}

/* Masks segment `i` behind `state`, unless it was before; `state` then stands behind it. */
static void mask_one(struct mask_segments *s, size_t i, struct mask_json *state)
{
    if (!s->ends[i].key) {
        size_t place = i - s->written, from = place ? s->pending_ends[place - 1] : 0;
        mask_json_run(state, s->pending.data + from, s->pending_ends[place] - from);
        s->ends[i] = *state;
    }
    *state = s->ends[i];
}

void mask_segments_mask(struct mask_segments *s, const struct mask_key *key, struct bytes list)
{
    struct mask_json state;
    uint64_t segment;
    mask_json_init(&state, key);
    while (list.len && take_uvarint(&list, &segment) == 0 && segment < s->count)
        mask_one(s, (size_t)segment, &state);
}

void mask_segments_mask_rest(struct mask_segments *s, const struct mask_key *key)
{
    for (size_t i = s->written; i < s->count; i++) {
        struct mask_json state;
        mask_json_text(&state, key);
        mask_one(s, i, &state);
    }
}

static void forget(struct mask_segments *s, size_t places)
{
    size_t left = s->count - s->written - places;
    size_t bytes = places ? s->pending_ends[places - 1] : 0;
    for (size_t i = 0; i < left; i++)
        s->pending_ends[i] = s->pending_ends[i + places] - bytes;
    if (places && left)
        memmove(s->digests, s->digests + places, left * sizeof *s->digests);
    buf_drop_front(&s->pending, bytes);
    s->written += places;
}

int mask_segments_next(struct mask_segments *s, struct segment_row *row, size_t *place)
{
    if (s->written + *place == s->count || !s->ends[s->written + *place].key) {
        forget(s, *place);
        return 0;
    }
    row->sha256 = (struct bytes){s->digests[*place], SHA256_BYTES};
    row->data = pending_at(s, *place);
    ++*place;
    return 1;
}
