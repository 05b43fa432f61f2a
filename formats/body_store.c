/* SPDX-License-Identifier: MIT */
#include "formats/body_store.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/digest.h"

#define SEGMENT_MAX ((size_t)1 << 20) /* longer pieces are cut, so that any body passes through the ring */

struct digest_entry {
    unsigned char sha256[SHA256_BYTES];
    uint64_t row;
};

/* Rows by digest; entries are few (one per distinct message), so a scan from the newest is quick enough and
 * simple. */
struct digest_list {
    struct digest_entry *entries;
    size_t count, capacity;
};

struct body_store {
    struct digest_list segments, bodies;
};

struct body_store *body_store_new(void)
{
    return mem_zalloc(1, sizeof(struct body_store));
}

/* Row of that digest, or a new one with *is_new set. ABSENT when memory is out. */
static uint64_t find_or_add(struct digest_list *list, const unsigned char sha256[SHA256_BYTES], int *is_new)
{
    *is_new = 0;
    for (size_t i = list->count; i > 0; i--) {
        if (memcmp(list->entries[i - 1].sha256, sha256, SHA256_BYTES) == 0)
            return list->entries[i - 1].row;
    }
    if (mem_grow(&list->entries, &list->capacity, list->count + 1, sizeof *list->entries))
        return ABSENT;
    struct digest_entry *entry = &list->entries[list->count];
    memcpy(entry->sha256, sha256, SHA256_BYTES);
    entry->row = list->count++;
    *is_new = 1;
    return entry->row;
}

static int put_segment(struct body_store *store, const struct row_sink *sink, struct bytes data,
                       struct buf *list)
{
    unsigned char sha256[SHA256_BYTES];
    int is_new, status = TT_OK;
    sha256_of(data.data, data.len, sha256);
    uint64_t row = find_or_add(&store->segments, sha256, &is_new);
    if (row == ABSENT)
        return TT_NOMEM;
    if (is_new) {
        struct segment_row segment = {{sha256, sizeof sha256}, data};
        status = row_sink_emit(sink, TABLE_SEGMENT, &segment);
    }
    buf_uvarint(list, row);
    return status ? status : list->failed;
}

static int put_segments(struct body_store *store, const struct row_sink *sink, struct bytes body,
                        const size_t *cuts, size_t cut_count, struct buf *list)
{
    size_t at = 0, next = 0;
    int status = TT_OK;
    while (at < body.len && !status) {
        while (next < cut_count && cuts[next] <= at)
            next++;
        size_t end = next < cut_count && cuts[next] < body.len ? cuts[next] : body.len;
        if (end - at > SEGMENT_MAX)
            end = at + SEGMENT_MAX;
        status = put_segment(store, sink, (struct bytes){body.data + at, end - at}, list);
        at = end;
    }
    return status;
}

int body_store_put(struct body_store *store, const struct row_sink *sink, const void *bytes, size_t len,
                   const size_t *cuts, size_t cut_count, uint64_t *row, struct error *e)
{
    unsigned char sha256[SHA256_BYTES];
    struct buf list = BUF_INIT;
    int is_new, status = TT_OK;
    sha256_of(bytes, len, sha256);
    *row = find_or_add(&store->bodies, sha256, &is_new);
    if (*row == ABSENT)
        return error_set(e, TT_NOMEM, "out of memory for request bodies");
    if (is_new)
        status = put_segments(store, sink, (struct bytes){bytes, len}, cuts, cut_count, &list);
    if (is_new && !status) {
        struct body_row body = {{sha256, sizeof sha256}, len, buf_bytes(&list)};
        status = row_sink_emit(sink, TABLE_BODY, &body);
    }
    buf_release(&list);
    return status ? error_set(e, (enum tt_err)status, "the request body could not be recorded") : TT_OK;
}

void body_store_free(struct body_store *store)
{
    if (store) {
        mem_free(store->segments.entries);
        mem_free(store->bodies.entries);
    }
    mem_free(store);
}
