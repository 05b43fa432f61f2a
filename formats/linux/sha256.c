/* SPDX-License-Identifier: MIT */
/* SHA-256 by OpenSSL's libcrypto. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/digest.h"
#include "formats/error.h"

struct sha256 {
    EVP_MD_CTX *context;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *s = mem_zalloc(1, sizeof *s);
    if (s)
        s->context = EVP_MD_CTX_new();
    if (s && s->context && EVP_DigestInit_ex(s->context, EVP_sha256(), NULL) == 1)
        return s;
    sha256_free(s);
    return NULL;
}

void sha256_update(struct sha256 *s, const void *bytes, size_t len)
{
    EVP_DigestUpdate(s->context, bytes, len);
}

void sha256_final(struct sha256 *s, unsigned char out[SHA256_BYTES])
{
    EVP_DigestFinal_ex(s->context, out, NULL);
    EVP_DigestInit_ex(s->context, EVP_sha256(), NULL);
}

int sha256_peek(const struct sha256 *s, unsigned char out[SHA256_BYTES])
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    int done = copy && EVP_MD_CTX_copy_ex(copy, s->context) == 1 && EVP_DigestFinal_ex(copy, out, NULL) == 1;
    EVP_MD_CTX_free(copy);
    return done ? TT_OK : TT_NOMEM;
}

void sha256_free(struct sha256 *s)
{
    if (s)
        EVP_MD_CTX_free(s->context);
    mem_free(s);
}

void sha256_of(const void *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
    memset(out, 0, SHA256_BYTES);
    EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL);
}

void hmac_sha256(const unsigned char key[SHA256_BYTES], const void *bytes, size_t len,
                 unsigned char out[SHA256_BYTES])
{
    memset(out, 0, SHA256_BYTES);
    HMAC(EVP_sha256(), key, SHA256_BYTES, bytes, len, out, NULL);
}
