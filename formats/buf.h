/* SPDX-License-Identifier: MIT */
/* A growable byte buffer with a hard cap and a sticky failure, so that writers need one check at the end. */
#ifndef TOKTAPE_BUF_H
#define TOKTAPE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"

struct buf {
    unsigned char *data; /* NULL while empty; always has a NUL after `len` once anything was appended */
    size_t len;
    size_t capacity;
    size_t limit;   /* appending beyond it fails with TT_LIMIT; 0 means BUF_DEFAULT_LIMIT */
    int failed;     /* TT_OK, TT_NOMEM or TT_LIMIT; once set, further appends do nothing */
    int is_shelved; /* long ones stand in a file: formats/shelf.h */
};

#define BUF_DEFAULT_LIMIT ((size_t)256 << 20)
#define BUF_INIT                                                                                             \
    {                                                                                                        \
        NULL, 0, 0, 0, 0, 0                                                                                  \
    }

void buf_init(struct buf *b, size_t limit);
void buf_init_shelved(struct buf *b,
                      size_t limit); /* for what is written once and read once; no buf_detach */
void buf_release(struct buf *b);     /* frees and makes it empty, keeping how it began */
void buf_clear(struct buf *b);       /* empty again, memory kept, failure forgotten */

/* All return b->failed. */
int buf_append(struct buf *b, const void *bytes, size_t len);
int buf_putc(struct buf *b, int byte);
int buf_puts(struct buf *b, const char *text);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
int buf_le64(struct buf *b, uint64_t v);
int buf_uvarint(struct buf *b, uint64_t v);

/* Room for `extra` more bytes at the end, which the caller fills and then adds to len. NULL on failure. */
unsigned char *buf_reserve(struct buf *b, size_t extra);

void buf_drop_front(struct buf *b, size_t count); /* forgets the first `count` bytes */

/* The text so far, NUL-terminated ("" when empty or failed, whatever `len` is); borrowed until the next call
 * on b. */
const char *buf_text(const struct buf *b);

/* Its bytes; likewise borrowed. */
static inline struct bytes buf_bytes(const struct buf *b)
{
    return (struct bytes){b->data, b->len};
}

/* Hands the memory to the caller (mem_free) and leaves b empty; NULL when it failed. */
char *buf_detach(struct buf *b);

#endif
