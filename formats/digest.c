/* SPDX-License-Identifier: MIT */
#include "formats/digest.h"

#include <xxhash.h>

void sha256_hex(const unsigned char digest[SHA256_BYTES], char out[SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[SHA256_HEX_BYTES - 1] = '\0';
}

uint64_t xxh64_of(const void *bytes, size_t len)
{
    return XXH64(bytes, len, 0);
}
