/* SPDX-License-Identifier: MIT */
#include "formats/column.h"

#include "formats/alloc.h"

/* A zstd block of its own costs about 20 bytes of header and tables; below this size a plane does not earn
 * it. */
#define PLANE_FLUSH_BYTES 256

int cuts_add(struct cuts *cuts, size_t offset)
{
    if (mem_grow(&cuts->at, &cuts->capacity, cuts->count + 1, sizeof *cuts->at))
        return TT_NOMEM;
    cuts->at[cuts->count++] = offset;
    return TT_OK;
}

static uint64_t zigzag(uint64_t v)
{
    return v << 1 ^ (v >> 63 ? UINT64_MAX : 0);
}

static uint64_t unzigzag(uint64_t v)
{
    return v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
}

static int planes_needed(uint64_t largest)
{
    int planes = 0;
    while (largest) {
        planes++;
        largest >>= 8;
    }
    return planes;
}

/* What packing subtracts from element i: residuals are value − base, or delta − base. */
struct residuals {
    const uint64_t *values;
    int is_delta;
    uint64_t base;
};

static uint64_t residual_at(const struct residuals *r, size_t i)
{
    uint64_t v = r->is_delta ? r->values[i + 1] - r->values[i] : r->values[i];
    return v - r->base;
}

static int plane_write(const struct residuals *r, size_t count, int plane, struct buf *out, struct cuts *cuts)
{
    unsigned char *to = buf_reserve(out, count);
    if (!to)
        return out->failed;
    for (size_t i = 0; i < count; i++)
        to[i] = (unsigned char)(residual_at(r, i) >> (8 * plane));
    out->len += count;
    return count >= PLANE_FLUSH_BYTES ? cuts_add(cuts, out->len) : TT_OK;
}

static int planes_write(const struct residuals *r, size_t count, struct buf *out, struct cuts *cuts)
{
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++)
        all |= residual_at(r, i);
    int planes = planes_needed(all), status = TT_OK;
    buf_putc(out, planes);
    if (planes && count >= PLANE_FLUSH_BYTES)
        status = cuts_add(cuts, out->len);
    for (int p = 0; p < planes && !status; p++)
        status = plane_write(r, count, p, out, cuts);
    return status;
}

static int pack_values(const uint64_t *values, size_t n, struct buf *out, struct cuts *cuts)
{
    uint64_t least = n ? values[0] : 0;
    for (size_t i = 1; i < n; i++)
        least = values[i] < least ? values[i] : least;
    struct residuals r = {values, 0, least};
    buf_uvarint(out, least);
    return planes_write(&r, n, out, cuts);
}

/* Deltas are differences modulo 2^64, compared as signed numbers, so that any sequence packs exactly. */
static int pack_deltas(const uint64_t *values, size_t n, struct buf *out, struct cuts *cuts)
{
    size_t count = n > 1 ? n - 1 : 0;
    uint64_t least = count ? values[1] - values[0] : 0;
    for (size_t i = 1; i < count; i++) {
        uint64_t delta = values[i + 1] - values[i];
        least = (int64_t)delta < (int64_t)least ? delta : least;
    }
    struct residuals r = {values, 1, least};
    buf_uvarint(out, n ? values[0] : 0);
    buf_uvarint(out, zigzag(least));
    return planes_write(&r, count, out, cuts);
}

int column_pack_u64(enum column_encoding encoding, const uint64_t *values, size_t n, struct buf *out,
                    struct cuts *cuts)
{
    int status =
        encoding == ENCODING_DELTA ? pack_deltas(values, n, out, cuts) : pack_values(values, n, out, cuts);
    return status ? status : out->failed;
}

int column_pack_bytes(const uint64_t *ends, const unsigned char *data, size_t n, struct buf *out,
                      struct cuts *cuts)
{
    uint64_t *lengths = mem_alloc(n * sizeof *lengths);
    if (!lengths)
        return TT_NOMEM;
    for (size_t i = 0; i < n; i++)
        lengths[i] = ends[i] - (i ? ends[i - 1] : 0);
    int status = pack_values(lengths, n, out, cuts);
    mem_free(lengths);
    if (!status)
        status = buf_append(out, data, n ? (size_t)ends[n - 1] : 0);
    return status;
}

static int take_planes(struct bytes *in, uint64_t *values, size_t count, uint64_t base)
{
    if (in->len < 1 || in->data[0] > 8)
        return TT_DAMAGED;
    size_t planes = in->data[0];
    if (in->len - 1 < planes * count)
        return TT_DAMAGED;
    const unsigned char *plane = in->data + 1;
    for (size_t i = 0; i < count; i++)
        values[i] = 0;
    for (size_t p = 0; p < planes; p++, plane += count) {
        for (size_t i = 0; i < count; i++)
            values[i] |= (uint64_t)plane[i] << (8 * p);
    }
    for (size_t i = 0; i < count; i++)
        values[i] += base;
    in->data += 1 + planes * count;
    in->len -= 1 + planes * count;
    return TT_OK;
}

static int take_values(struct bytes *in, uint64_t *values, size_t n)
{
    uint64_t least;
    if (take_uvarint(in, &least))
        return TT_DAMAGED;
    return take_planes(in, values, n, least);
}

static int take_deltas(struct bytes *in, uint64_t *values, size_t n)
{
    uint64_t first, least;
    if (take_uvarint(in, &first) || take_uvarint(in, &least))
        return TT_DAMAGED;
    if (n == 0)
        return take_planes(in, values, 0, 0);
    int status = take_planes(in, values + 1, n - 1, unzigzag(least));
    values[0] = first;
    for (size_t i = 1; i < n && !status; i++)
        values[i] += values[i - 1];
    return status;
}

int column_unpack_u64(enum column_encoding encoding, struct bytes packed, uint64_t *values, size_t n)
{
    int status =
        encoding == ENCODING_DELTA ? take_deltas(&packed, values, n) : take_values(&packed, values, n);
    return status || packed.len ? TT_DAMAGED : TT_OK;
}

int column_unpack_bytes(struct bytes packed, uint64_t *ends, size_t n, const unsigned char **data)
{
    if (take_values(&packed, ends, n))
        return TT_DAMAGED;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (ends[i] > packed.len - total)
            return TT_DAMAGED;
        total += ends[i];
        ends[i] = total;
    }
    *data = packed.data;
    return total == packed.len ? TT_OK : TT_DAMAGED;
}
