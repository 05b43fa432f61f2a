/* SPDX-License-Identifier: MIT */
#include "formats/digest.h"

#include <string.h>
#include <xxhash.h>

static const char digits[] = "0123456789abcdef";

void sha256_hex(const unsigned char digest[SHA256_BYTES], char out[SHA256_HEX_BYTES])
{
    for (int i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[SHA256_HEX_BYTES - 1] = '\0';
}

int sha256_from_hex(const char *hex, unsigned char digest[SHA256_BYTES])
{
    if (strlen(hex) != SHA256_HEX_BYTES - 1)
        return 0;
    memset(digest, 0, SHA256_BYTES);
    for (int i = 0; i < SHA256_HEX_BYTES - 1; i++) {
        const char *digit = strchr(digits, hex[i]);
        if (!digit)
            return 0;
        digest[i / 2] = (unsigned char)(digest[i / 2] << 4 | (digit - digits));
    }
    return 1;
}

uint64_t xxh64_of(const void *bytes, size_t len)
{
    return XXH64(bytes, len, 0);
}
