/* SPDX-License-Identifier: MIT */
#include "record/model_hash.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "record/model_file.h"

#define PIECE_BYTES ((size_t)1 << 20)

struct hashing {
    struct sha256 *digest;
    unsigned char *piece;
    const volatile sig_atomic_t *interrupted;
};

static int add_bytes(struct hashing *h, int fd, struct error *e)
{
    long n;
    while ((n = io_read_some(fd, h->piece, PIECE_BYTES, "the model's file", e)) > 0) {
        if (h->interrupted && *h->interrupted)
            return error_set(e, TT_INTERRUPTED, "interrupted");
        sha256_update(h->digest, h->piece, (size_t)n);
    }
    return n < 0 ? TT_IO : TT_OK;
}

/* A pipe would have no end. */
static int add_file(void *context, const char *path, struct error *e)
{
    struct hashing *h = context;
    int fd = io_open_read(path, NULL);
    if (fd < 0)
        return error_set(e, TT_IO, "its file cannot be read by this user");
    int status = io_is_regular(fd) ? add_bytes(h, fd, e) : error_set(e, TT_IO, "it is no regular file");
    io_close(fd, path, NULL);
    return status;
}

int model_hash(const char *path, const volatile sig_atomic_t *interrupted, char hex[SHA256_HEX_BYTES],
               struct error *e)
{
    unsigned char digest[SHA256_BYTES];
    struct hashing h = {sha256_new(), mem_alloc(PIECE_BYTES), interrupted};
    int status = h.digest && h.piece ? model_file_each(path, add_file, &h, e)
                                     : error_set(e, TT_NOMEM, "out of memory");
    if (!status) {
        sha256_final(h.digest, digest);
        sha256_hex(digest, hex);
    }
    sha256_free(h.digest);
    mem_free(h.piece);
    return status;
}
