/* SPDX-License-Identifier: MIT */
/* The first and the last block of a trace, without what is between: what `info` needs, at any size. */
#include <string.h>

#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/compress.h"
#include "formats/digest.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/source.h"
#include "formats/trace_reader.h"

#define TAIL_BYTES ((size_t)64 << 10)

static cJSON *unpack_document(const struct block_header *h, const unsigned char *packed, struct error *e)
{
    cJSON *json = NULL;
    if (h->raw_len > JSON_DOCUMENT_MAX) {
        error_set(e, TT_LIMIT, "a document of %u bytes is over the limit of %zu", h->raw_len,
                  JSON_DOCUMENT_MAX);
        return NULL;
    }
    struct decompressor *d = decompressor_new();
    unsigned char *raw = mem_alloc(h->raw_len);
    if (!d || !raw)
        error_set(e, TT_NOMEM, "out of memory for a document");
    else if (xxh64_of(packed, h->packed_len) != h->payload_hash)
        error_set(e, TT_DAMAGED, "a document fails its checksum");
    else if (decompressor_run(d, packed, h->packed_len, raw, h->raw_len, e) == TT_OK)
        json = json_parse_document(raw, h->raw_len, e);
    decompressor_free(d);
    mem_free(raw);
    return json;
}

/* END is the block that ends exactly where the file does. */
static cJSON *find_end(const unsigned char *tail, size_t len, uint64_t trace_id)
{
    for (size_t at = 0; at + BLOCK_HEADER_BYTES <= len; at++) {
        struct block_header h;
        if (!block_header_may_start(tail + at, BLOCK_CONSTANT_BYTES) ||
            block_header_read(&h, tail + at, NULL))
            continue;
        if (h.type == BLOCK_END && h.trace_id == trace_id && h.packed_len == len - at - BLOCK_HEADER_BYTES)
            return unpack_document(&h, tail + at + BLOCK_HEADER_BYTES, NULL);
    }
    return NULL;
}

static cJSON *read_first(struct source *s, uint64_t *trace_id, struct error *e)
{
    unsigned char raw[BLOCK_HEADER_BYTES];
    struct block_header h;
    long n = source_read(s, raw, sizeof raw, e);
    if (n < 0)
        return NULL;
    if (n < (long)sizeof raw || !block_header_may_start(raw, BLOCK_CONSTANT_BYTES)) {
        error_set(e, TT_DAMAGED, "'%s': not a toktape trace", s->path);
        return NULL;
    }
    if (block_header_read(&h, raw, e)) {
        error_prefix(e, "'%s'", s->path);
        return NULL;
    }
    *trace_id = h.trace_id;
    unsigned char *packed = h.type == BLOCK_META ? mem_alloc(h.packed_len) : NULL;
    cJSON *json = NULL;
    if (packed && source_read(s, packed, h.packed_len, e) == (long)h.packed_len)
        json = unpack_document(&h, packed, e);
    else
        error_set(e, TT_DAMAGED, "'%s' does not begin with a whole description", s->path);
    mem_free(packed);
    return json;
}

static cJSON *read_last(struct source *s, uint64_t trace_id, struct error *e)
{
    uint64_t size = io_size(s->fd);
    unsigned char *tail = size == UINT64_MAX ? NULL : mem_alloc(TAIL_BYTES);
    cJSON *end = NULL;
    if (!tail)
        return NULL;
    uint64_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
    if (io_seek(s->fd, from) == TT_OK) {
        long n = source_read(s, tail, TAIL_BYTES, e);
        end = n > 0 ? find_end(tail, (size_t)n, trace_id) : NULL;
    }
    mem_free(tail);
    return end;
}

int trace_read_ends(const char *path, cJSON **meta, cJSON **end, struct error *e)
{
    struct source s;
    struct error local = {0};
    uint64_t trace_id = 0;
    *meta = *end = NULL;
    int status = source_open_file(&s, path, e);
    if (status)
        return status;
    *meta = read_first(&s, &trace_id, &local);
    if (*meta)
        *end = read_last(&s, trace_id, NULL);
    else if (e)
        *e = local;
    source_close(&s);
    return *meta ? TT_OK : (int)local.code;
}
