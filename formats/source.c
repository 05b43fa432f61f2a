/* SPDX-License-Identifier: MIT */
#include "formats/source.h"

#include <string.h>

#include "formats/io.h"

int source_open_file(struct source *s, const char *path, struct error *e)
{
    memset(s, 0, sizeof *s);
    s->path = path;
    s->fd = io_open_read(path, e);
    return s->fd < 0 ? s->fd : TT_OK;
}

void source_open_memory(struct source *s, const void *bytes, size_t len)
{
    *s = (struct source){-1, "memory", bytes, len, 0};
}

static long read_file(struct source *s, unsigned char *to, size_t len, struct error *e)
{
    size_t got = 0;
    while (got < len) {
        long n = io_read_some(s->fd, to + got, len - got, s->path, e);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (long)got;
}

long source_read(struct source *s, void *to, size_t len, struct error *e)
{
    if (s->fd >= 0)
        return read_file(s, to, len, e);
    size_t left = s->len - s->at, n = len < left ? len : left;
    if (n)
        memcpy(to, s->bytes + s->at, n);
    s->at += n;
    return (long)n;
}

int source_seek(struct source *s, uint64_t offset, struct error *e)
{
    if (s->fd >= 0)
        return io_seek(s->fd, offset) ? error_errno(e, TT_IO, "cannot go to byte %llu of '%s'",
                                                    (unsigned long long)offset, s->path)
                                      : TT_OK;
    s->at = offset < s->len ? (size_t)offset : s->len;
    return TT_OK;
}

void source_close(struct source *s)
{
    if (s->fd >= 0)
        io_close(s->fd, s->path, NULL);
    s->fd = -1;
}
