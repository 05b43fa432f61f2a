/* SPDX-License-Identifier: MIT */
#include "formats/bodies.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"

#define ROWS_MAX (BODIES_LISTS_MAX / sizeof(struct body_entry))

void bodies_init(struct bodies *b)
{
    memset(b, 0, sizeof *b);
    buf_init(&b->segments, BODIES_SEGMENTS_MAX);
    buf_init(&b->lists, BODIES_LISTS_MAX);
    buf_init(&b->ids, BODIES_LISTS_MAX);
}

void bodies_release(struct bodies *b)
{
    buf_release(&b->segments);
    buf_release(&b->lists);
    buf_release(&b->ids);
    mem_free(b->segment_ends);
    mem_free(b->entries);
    bodies_init(b);
}

static int over_cap(int status, const char *what, struct error *e)
{
    if (status == TT_LIMIT)
        return error_set(e, TT_LIMIT, "the trace holds more %s than can be kept in memory", what);
    return error_set(e, TT_NOMEM, "out of memory");
}

int bodies_add_segment(struct bodies *b, const struct segment_row *row, struct error *e)
{
    if (b->segment_count >= ROWS_MAX || row->data.len > BODIES_SEGMENTS_MAX - b->segments.len)
        return over_cap(TT_LIMIT, "request segments", e);
    int status =
        mem_grow(&b->segment_ends, &b->segment_capacity, b->segment_count + 1, sizeof *b->segment_ends);
    if (!status)
        status = buf_append(&b->segments, row->data.data, row->data.len);
    if (status)
        return over_cap(status, "request segments", e);
    b->segment_ends[b->segment_count++] = b->segments.len;
    return TT_OK;
}

int bodies_add_body(struct bodies *b, const struct body_row *row, struct error *e)
{
    if (row->sha256.len != SHA256_BYTES)
        return error_set(e, TT_DAMAGED, "request body %zu has a digest of %zu bytes", b->count,
                         row->sha256.len);
    if (b->count >= ROWS_MAX || row->segments.len > BODIES_LISTS_MAX - b->lists.len)
        return over_cap(TT_LIMIT, "request bodies", e);
    int status = mem_grow(&b->entries, &b->capacity, b->count + 1, sizeof *b->entries);
    size_t start = b->lists.len;
    if (!status)
        status = buf_append(&b->lists, row->segments.data, row->segments.len);
    if (status)
        return over_cap(status, "request bodies", e);
    struct body_entry *entry = &b->entries[b->count++];
    memcpy(entry->sha256, row->sha256.data, SHA256_BYTES);
    entry->nbytes = row->nbytes;
    entry->list_start = start;
    entry->list_len = row->segments.len;
    entry->ids_start = entry->ids_len = 0;
    return TT_OK;
}

static int add_ids(struct bodies *b, const struct prompt_ids_row *row, struct error *e)
{
    if (row->body >= b->count || b->entries[row->body].ids_len)
        return error_set(e, TT_DAMAGED, "prompt ids belong to request body %llu, which %s",
                         (unsigned long long)row->body, row->body < b->count ? "has some" : "is not there");
    if (row->ids.len > BODIES_LISTS_MAX - b->ids.len)
        return over_cap(TT_LIMIT, "prompt ids", e);
    b->entries[row->body].ids_start = b->ids.len;
    b->entries[row->body].ids_len = row->ids.len;
    return buf_append(&b->ids, row->ids.data, row->ids.len) ? over_cap(TT_NOMEM, "prompt ids", e) : TT_OK;
}

struct bytes bodies_ids(const struct bodies *b, uint64_t body)
{
    if (body >= b->count || !b->entries[body].ids_len)
        return (struct bytes){NULL, 0};
    return (struct bytes){b->ids.data + b->entries[body].ids_start, b->entries[body].ids_len};
}

int bodies_add_rows(struct bodies *b, const struct rows *segments, const struct rows *bodies,
                    const struct rows *prompt_ids, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(segments) && !status; i++) {
        struct segment_row row;
        rows_get(segments, i, &row);
        status = bodies_add_segment(b, &row, e);
    }
    for (size_t i = 0; i < rows_count(bodies) && !status; i++) {
        struct body_row row;
        rows_get(bodies, i, &row);
        status = bodies_add_body(b, &row, e);
    }
    for (size_t i = 0; i < rows_count(prompt_ids) && !status; i++) {
        struct prompt_ids_row row;
        rows_get(prompt_ids, i, &row);
        status = add_ids(b, &row, e);
    }
    return status;
}

/* A second gap leaves no number certain, and so does one that does not say what it took. */
static void lose_rows(struct lost_rows *lost, size_t at, uint64_t count)
{
    if (lost->count == 0)
        *lost = (struct lost_rows){at, count};
    else if (count)
        lost->count = UINT64_MAX;
}

void bodies_gap(struct bodies *b, const cJSON *gap)
{
    const cJSON *rows = json_member(gap, "rows");
    lose_rows(&b->lost_segments, b->segment_count, json_count(rows, "segment"));
    lose_rows(&b->lost_bodies, b->count, json_count(rows, "body"));
}

/* From a row number to a place among the rows that are there. */
static size_t place_of(const struct lost_rows *lost, uint64_t number, size_t count)
{
    if (lost->count && number >= lost->first) {
        if (number - lost->first < lost->count)
            return SIZE_MAX;
        number -= lost->count;
    }
    return number < count ? (size_t)number : SIZE_MAX;
}

size_t bodies_find(const struct bodies *b, uint64_t body)
{
    return place_of(&b->lost_bodies, body, b->count);
}

static int append_segment(const struct bodies *b, uint64_t segment, uint64_t room, struct buf *out)
{
    size_t place = place_of(&b->lost_segments, segment, b->segment_count);
    if (place == SIZE_MAX)
        return TT_DAMAGED;
    size_t start = place ? b->segment_ends[place - 1] : 0, len = b->segment_ends[place] - start;
    return len > room ? TT_DAMAGED : buf_append(out, b->segments.data + start, len);
}

/* Stops at the stated length, so that a list which repeats one segment for ever costs nothing. */
static int append_segments(const struct bodies *b, const struct body_entry *entry, struct buf *out)
{
    struct bytes list = {b->lists.data + entry->list_start, entry->list_len};
    uint64_t segment;
    int status = TT_OK;
    while (list.len && !status)
        status = take_uvarint(&list, &segment) ? TT_DAMAGED
                                               : append_segment(b, segment, entry->nbytes - out->len, out);
    return status || out->len == entry->nbytes ? status : TT_DAMAGED;
}

static int has_digest(const struct body_entry *entry, const struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    sha256_of(out->data, out->len, digest);
    return memcmp(digest, entry->sha256, sizeof digest) == 0;
}

int bodies_assemble(const struct bodies *b, uint64_t body, int verify, struct buf *out, struct error *e)
{
    buf_clear(out);
    size_t place = bodies_find(b, body);
    if (place == SIZE_MAX)
        return error_set(e, TT_NOTFOUND, "request body %llu is not in the trace", (unsigned long long)body);
    const struct body_entry *entry = &b->entries[place];
    if (entry->nbytes > BODY_MAX)
        return error_set(e, TT_LIMIT, "request body %llu is over the limit of %llu bytes",
                         (unsigned long long)body, (unsigned long long)BODY_MAX);
    int status = append_segments(b, entry, out);
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory");
    if (status || (verify && !has_digest(entry, out)))
        return error_set(e, TT_DAMAGED,
                         "the segments of request body %llu do not give the bytes it was sent with",
                         (unsigned long long)body);
    return TT_OK;
}
