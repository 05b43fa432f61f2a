/* SPDX-License-Identifier: MIT */
/* Little-endian integers byte by byte, and variable-length integers: the same bytes on every machine. */
#ifndef TOKTAPE_BYTES_H
#define TOKTAPE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#define UVARINT_MAX_BYTES 10

/* A borrowed run of bytes; not NUL-terminated. */
struct bytes {
    const unsigned char *data;
    size_t len;
};

static inline void put_le16(unsigned char *p, uint16_t v)
{
    p[0] = (unsigned char)v;
    p[1] = (unsigned char)(v >> 8);
}

static inline void put_le32(unsigned char *p, uint32_t v)
{
    put_le16(p, (uint16_t)v);
    put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void put_le64(unsigned char *p, uint64_t v)
{
    put_le32(p, (uint32_t)v);
    put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline uint16_t get_le16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_le32(const unsigned char *p)
{
    return (uint32_t)get_le16(p) | (uint32_t)get_le16(p + 2) << 16;
}

static inline uint64_t get_le64(const unsigned char *p)
{
    return (uint64_t)get_le32(p) | (uint64_t)get_le32(p + 4) << 32;
}

/* LEB128. Returns the number of bytes written, at most UVARINT_MAX_BYTES. */
static inline size_t put_uvarint(unsigned char *p, uint64_t v)
{
    size_t n = 0;
    while (v >= 0x80) {
        p[n++] = (unsigned char)(v | 0x80);
        v >>= 7;
    }
    p[n++] = (unsigned char)v;
    return n;
}

/* Takes one integer from the front of *in. Returns 0, or -1 when it is cut off, over 64 bits, or not the
 * shortest form (one value, one spelling: a flipped bit must not hide). */
static inline int take_uvarint(struct bytes *in, uint64_t *value)
{
    uint64_t v = 0;
    for (size_t i = 0; i < in->len && i < UVARINT_MAX_BYTES; i++) {
        unsigned char c = in->data[i];
        if (i == 9 && c > 1)
            return -1;
        v |= (uint64_t)(c & 0x7f) << (7 * i);
        if (c < 0x80) {
            if (c == 0 && i > 0)
                return -1;
            in->data += i + 1;
            in->len -= i + 1;
            *value = v;
            return 0;
        }
    }
    return -1;
}

#endif
