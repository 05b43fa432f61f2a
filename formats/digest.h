/* SPDX-License-Identifier: MIT */
/* Hashes: SHA-256 for identity (libcrypto or CommonCrypto), XXH64 for accidents. */
#ifndef TOKTAPE_DIGEST_H
#define TOKTAPE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES     32
#define SHA256_HEX_BYTES 65 /* with the NUL */

struct sha256; /* one running digest */

struct sha256 *sha256_new(void); /* NULL when memory is out; free with sha256_free */
void sha256_update(struct sha256 *s, const void *bytes, size_t len);
void sha256_final(struct sha256 *s, unsigned char out[SHA256_BYTES]); /* leaves s ready for a new message */
/* The digest of the message so far, without ending it. Returns TT_OK or TT_NOMEM. */
int sha256_peek(const struct sha256 *s, unsigned char out[SHA256_BYTES]);
void sha256_free(struct sha256 *s);

void sha256_of(const void *bytes, size_t len, unsigned char out[SHA256_BYTES]);
/* The keyed digest of RFC 2104. */
void hmac_sha256(const unsigned char key[SHA256_BYTES], const void *bytes, size_t len,
                 unsigned char out[SHA256_BYTES]);
void sha256_hex(const unsigned char digest[SHA256_BYTES], char out[SHA256_HEX_BYTES]);
int sha256_from_hex(const char *hex, unsigned char digest[SHA256_BYTES]); /* 0: not 64 of 0-9, a-f */

uint64_t xxh64_of(const void *bytes, size_t len); /* seed 0 */

#endif
