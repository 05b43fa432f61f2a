/* SPDX-License-Identifier: MIT */
#include "formats/block.h"

#include <string.h>

#include "formats/bytes.h"
#include "formats/digest.h"

#define MAJOR_VERSION_OFFSET 12

/* Skippable-frame magic and length, then ours: a high bit, CR LF and ^Z show text-mode damage; '1' is the
 * major version. */
static const unsigned char constant[BLOCK_CONSTANT_BYTES] = {
    0x50, 0x2A, 0x4D, 0x18, BLOCK_HEADER_BYTES - 8, 0, 0, 0, 0x89, 'T', 'T', 'P', '1', 0x0D, 0x0A, 0x1A};

void block_header_write(const struct block_header *h, unsigned char out[BLOCK_HEADER_BYTES])
{
    memcpy(out, constant, sizeof constant);
    put_le16(out + 16, h->type);
    put_le16(out + 18, h->flags);
    put_le32(out + 20, h->raw_len);
    put_le32(out + 24, h->packed_len);
    put_le64(out + 28, h->sequence);
    put_le64(out + 36, h->trace_id);
    put_le64(out + 44, h->payload_hash);
    put_le64(out + 52, xxh64_of(out, 52));
}

static int is_other_major(const unsigned char *in)
{
    unsigned char same[BLOCK_CONSTANT_BYTES];
    memcpy(same, in, sizeof same);
    same[MAJOR_VERSION_OFFSET] = constant[MAJOR_VERSION_OFFSET];
    return memcmp(same, constant, sizeof same) == 0 && in[MAJOR_VERSION_OFFSET] > '1' &&
           in[MAJOR_VERSION_OFFSET] <= '9';
}

int block_header_read(struct block_header *h, const unsigned char in[BLOCK_HEADER_BYTES], struct error *e)
{
    int hash_fits = get_le64(in + 52) == xxh64_of(in, 52);
    if (hash_fits && is_other_major(in))
        return error_set(e, TT_UNSUPPORTED, "written in format version %c; this program reads version 1",
                         in[MAJOR_VERSION_OFFSET]);
    if (memcmp(in, constant, sizeof constant) != 0)
        return error_set(e, TT_DAMAGED, "no block begins here");
    if (!hash_fits)
        return error_set(e, TT_DAMAGED, "the block header fails its checksum");
    h->type = get_le16(in + 16);
    h->flags = get_le16(in + 18);
    h->raw_len = get_le32(in + 20);
    h->packed_len = get_le32(in + 24);
    h->sequence = get_le64(in + 28);
    h->trace_id = get_le64(in + 36);
    h->payload_hash = get_le64(in + 44);
    if (h->raw_len > BLOCK_RAW_MAX || h->packed_len > BLOCK_PACKED_MAX)
        return error_set(e, TT_LIMIT, "the block is over the size limit");
    return TT_OK;
}

int block_header_may_start(const unsigned char *in, size_t len)
{
    return memcmp(in, constant, len < sizeof constant ? len : sizeof constant) == 0;
}
