/* SPDX-License-Identifier: MIT */
/* SHA-256 by CommonCrypto, which is part of macOS's libSystem. */
#include <CommonCrypto/CommonDigest.h>

#include "formats/alloc.h"
#include "formats/digest.h"
#include "formats/error.h"

/* As <CommonCrypto/CommonHMAC.h> declares them; the header is not everywhere that this is compiled. */
#define HMAC_BY_SHA256 2 /* kCCHmacAlgSHA256 */
void CCHmac(uint32_t algorithm, const void *key, size_t key_len, const void *data, size_t len, void *out);

struct sha256 {
    CC_SHA256_CTX context;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *s = mem_zalloc(1, sizeof *s);
    if (s)
        CC_SHA256_Init(&s->context);
    return s;
}

/* CC_LONG has 32 bits, so long messages go in pieces. */
void sha256_update(struct sha256 *s, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    while (len) {
        CC_LONG piece = len > (1u << 30) ? (1u << 30) : (CC_LONG)len;
        CC_SHA256_Update(&s->context, p, piece);
        p += piece;
        len -= piece;
    }
}

void sha256_final(struct sha256 *s, unsigned char out[SHA256_BYTES])
{
    CC_SHA256_Final(out, &s->context);
    CC_SHA256_Init(&s->context);
}

int sha256_peek(const struct sha256 *s, unsigned char out[SHA256_BYTES])
{
    CC_SHA256_CTX copy = s->context;
    CC_SHA256_Final(out, &copy);
    return TT_OK;
}

void sha256_free(struct sha256 *s)
{
    mem_free(s);
}

void sha256_of(const void *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
    struct sha256 s;
    CC_SHA256_Init(&s.context);
    sha256_update(&s, bytes, len);
    CC_SHA256_Final(out, &s.context);
}

void hmac_sha256(const unsigned char key[SHA256_BYTES], const void *bytes, size_t len,
                 unsigned char out[SHA256_BYTES])
{
    CCHmac(HMAC_BY_SHA256, key, SHA256_BYTES, bytes, len, out);
}
