/* SPDX-License-Identifier: MIT */
#include "formats/utf8.h"

static int is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead < 0xE0)
        return 2;
    if (lead >= 0xE0 && lead < 0xF0)
        return 3;
    if (lead >= 0xF0 && lead < 0xF5)
        return 4;
    return 0;
}

uint32_t utf8_decode(const unsigned char *p, size_t len, size_t *size)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = sequence_length(p[0]);
    *size = 1;
    if (n <= 1)
        return n ? p[0] : UTF8_INVALID;
    if (n > len)
        return UTF8_INVALID;
    uint32_t v = p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (!is_continuation(p[i]))
            return UTF8_INVALID;
        v = v << 6 | (p[i] & 0x3F);
    }
    if (v < smallest[n] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000))
        return UTF8_INVALID;
    *size = n;
    return v;
}

int utf8_is_valid(const unsigned char *p, size_t len)
{
    size_t size = 0;
    for (size_t at = 0; at < len; at += size) {
        if (utf8_decode(p + at, len - at, &size) == UTF8_INVALID)
            return 0;
    }
    return 1;
}

size_t utf8_encode(uint32_t c, unsigned char *p)
{
    if (c < 0x80) {
        p[0] = (unsigned char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        p[i] = (unsigned char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    p[0] = (unsigned char)(lead[n] | c);
    return n;
}
