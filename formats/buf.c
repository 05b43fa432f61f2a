/* SPDX-License-Identifier: MIT */
#include "formats/buf.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/shelf.h"

void buf_init(struct buf *b, size_t limit)
{
    memset(b, 0, sizeof *b);
    b->limit = limit;
}

void buf_init_shelved(struct buf *b, size_t limit)
{
    buf_init(b, limit);
    b->is_shelved = 1;
}

void buf_release(struct buf *b)
{
    if (b->is_shelved)
        shelf_free(b->data);
    else
        mem_free(b->data);
    *b = (struct buf){.limit = b->limit, .is_shelved = b->is_shelved};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = TT_OK;
    if (b->data)
        b->data[0] = '\0';
}

unsigned char *buf_reserve(struct buf *b, size_t extra)
{
    size_t limit = b->limit ? b->limit : BUF_DEFAULT_LIMIT;
    if (b->failed)
        return NULL;
    if (extra > limit || b->len > limit - extra) {
        b->failed = TT_LIMIT;
        return NULL;
    }
    b->failed = (b->is_shelved ? shelf_grow : mem_grow)(&b->data, &b->capacity, b->len + extra + 1, 1);
    return b->failed ? NULL : b->data + b->len;
}

int buf_append(struct buf *b, const void *bytes, size_t len)
{
    unsigned char *room = buf_reserve(b, len);
    if (!room)
        return b->failed;
    if (len)
        memcpy(room, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return TT_OK;
}

int buf_putc(struct buf *b, int byte)
{
    unsigned char c = (unsigned char)byte;
    return buf_append(b, &c, 1);
}

int buf_puts(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text));
}

int buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, again);
    va_end(again);
    unsigned char *room = need < 0 ? NULL : buf_reserve(b, (size_t)need);
    if (!room)
        return b->failed;
    vsnprintf((char *)room, (size_t)need + 1, format, args);
    b->len += (size_t)need;
    return TT_OK;
}

int buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int status = buf_vprintf(b, format, args);
    va_end(args);
    return status;
}

int buf_le64(struct buf *b, uint64_t v)
{
    unsigned char raw[8];
    put_le64(raw, v);
    return buf_append(b, raw, sizeof raw);
}

int buf_uvarint(struct buf *b, uint64_t v)
{
    unsigned char raw[UVARINT_MAX_BYTES];
    return buf_append(b, raw, put_uvarint(raw, v));
}

void buf_drop_front(struct buf *b, size_t count)
{
    if (count >= b->len) {
        buf_clear(b);
        return;
    }
    memmove(b->data, b->data + count, b->len - count + 1);
    b->len -= count;
}

const char *buf_text(const struct buf *b)
{
    return b->data && !b->failed ? (const char *)b->data : "";
}

char *buf_detach(struct buf *b)
{
    if (!b->failed && !b->data)
        buf_append(b, "", 0);
    char *text = b->failed ? NULL : (char *)b->data;
    if (text)
        b->data = NULL;
    buf_release(b);
    return text;
}
