/* SPDX-License-Identifier: MIT */
#include "formats/compress.h"

#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "formats/alloc.h"

#define WINDOW_LOG_MAX 23 /* 8 MiB: the documented cap on what a reader must hold */

struct compressor {
    ZSTD_CCtx *context;
};

struct compressor *compressor_new(int level)
{
    struct compressor *c = mem_zalloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->context = ZSTD_createCCtx();
    if (!c->context) {
        compressor_free(c);
        return NULL;
    }
    ZSTD_CCtx_setParameter(c->context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(c->context, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(c->context, ZSTD_c_contentSizeFlag, 1);
    if (level > 18)
        ZSTD_CCtx_setParameter(c->context, ZSTD_c_windowLog, WINDOW_LOG_MAX);
    return c;
}

/* Feeds the encoder up to `end` and flushes (or finishes) there. */
static size_t encode_until(struct compressor *c, ZSTD_inBuffer *in, size_t end, ZSTD_outBuffer *out,
                           size_t total)
{
    ZSTD_EndDirective directive = end == total ? ZSTD_e_end : ZSTD_e_flush;
    in->size = end;
    return ZSTD_compressStream2(c->context, out, in, directive);
}

int compressor_run(struct compressor *c, const void *raw, size_t len, const size_t *cuts, size_t cut_count,
                   struct buf *out, struct error *e)
{
    /* Each flush can add a block header; the bound covers the frame, the margin the flushes. */
    size_t room = ZSTD_compressBound(len) + 16 * (cut_count + 1);
    unsigned char *to = buf_reserve(out, room);
    if (!to)
        return error_set(e, TT_NOMEM, "out of memory while compressing a block");
    ZSTD_CCtx_reset(c->context, ZSTD_reset_session_only);
    ZSTD_CCtx_setPledgedSrcSize(c->context, len);
    ZSTD_inBuffer in = {raw, 0, 0};
    ZSTD_outBuffer target = {to, room, 0};
    size_t left = 0;
    for (size_t i = 0; i < cut_count && !left; i++) {
        if (cuts[i] > in.pos && cuts[i] < len)
            left = encode_until(c, &in, cuts[i], &target, len);
    }
    if (!left)
        left = encode_until(c, &in, len, &target, len);
    if (left) /* an error code, or bytes that found no room: both impossible but for lack of memory */
        return error_set(e, TT_NOMEM, "cannot compress a block: %s",
                         ZSTD_isError(left) ? ZSTD_getErrorName(left) : "no room");
    out->len += target.pos;
    out->data[out->len] = '\0';
    return TT_OK;
}

void compressor_free(struct compressor *c)
{
    if (c)
        ZSTD_freeCCtx(c->context);
    mem_free(c);
}

struct decompressor {
    ZSTD_DCtx *context;
};

struct decompressor *decompressor_new(void)
{
    struct decompressor *d = mem_zalloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->context = ZSTD_createDCtx();
    if (!d->context) {
        decompressor_free(d);
        return NULL;
    }
    return d;
}

/* What the frame's first bytes say (RFC 8878, 3.1.1.1): an ordinary frame, not a skippable or a legacy one,
 * with a checksum, without dictionary, and with a window that a reader must be able to hold. */
static int is_ordinary(const unsigned char *frame, size_t len)
{
    static const unsigned char magic[] = {0x28, 0xB5, 0x2F, 0xFD};
    if (len < 6 || memcmp(frame, magic, sizeof magic) != 0)
        return 0;
    unsigned descriptor = frame[4], window = frame[5];
    int single_segment = descriptor >> 5 & 1, has_checksum = descriptor >> 2 & 1, dictionary = descriptor & 3;
    unsigned largest = (WINDOW_LOG_MAX - 10) << 3; /* exponent and mantissa of 8 MiB */
    return has_checksum && !dictionary && (single_segment || window <= largest);
}

int decompressor_run(struct decompressor *d, const void *frame, size_t len, void *raw, size_t raw_len,
                     struct error *e)
{
    unsigned long long size = ZSTD_getFrameContentSize(frame, len);
    if (!is_ordinary(frame, len) || size != raw_len || ZSTD_findFrameCompressedSize(frame, len) != len)
        return error_set(e, TT_DAMAGED, "the payload is not the frame its header announces");
    size_t got = ZSTD_decompressDCtx(d->context, raw, raw_len, frame, len);
    if (ZSTD_isError(got))
        return error_set(e, TT_DAMAGED, "the payload does not decompress: %s", ZSTD_getErrorName(got));
    return got == raw_len ? TT_OK : error_set(e, TT_DAMAGED, "the payload is shorter than announced");
}

void decompressor_free(struct decompressor *d)
{
    if (d)
        ZSTD_freeDCtx(d->context);
    mem_free(d);
}

const char *compress_library_version(void)
{
    static char text[32];
    snprintf(text, sizeof text, "zstd %s", ZSTD_versionString());
    return text;
}
