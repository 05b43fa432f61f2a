/* SPDX-License-Identifier: MIT */
/* Decoding UTF-8 from untrusted bytes. */
#ifndef TOKTAPE_UTF8_H
#define TOKTAPE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_INVALID 0xFFFFFFFFu

/* Decodes the code point at p (len > 0 bytes left). Sets *size to the bytes it takes. Overlong forms,
 * surrogates and values over U+10FFFF give UTF8_INVALID with *size 1. */
uint32_t utf8_decode(const unsigned char *p, size_t len, size_t *size);

/* 1 when all of it is UTF-8. */
int utf8_is_valid(const unsigned char *p, size_t len);

/* Writes 1 to 4 bytes for a valid code point and returns how many. */
size_t utf8_encode(uint32_t code_point, unsigned char *p);

#endif
