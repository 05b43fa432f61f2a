/* SPDX-License-Identifier: MIT */
/* Where a trace's bytes come from: a file, a pipe, or memory. */
#ifndef TOKTAPE_SOURCE_H
#define TOKTAPE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

struct source {
    int fd; /* -1: memory */
    const char *path;
    const unsigned char *bytes;
    size_t len, at;
};

/* `path` is borrowed for messages. */
int source_open_file(struct source *s, const char *path, struct error *e);
void source_open_memory(struct source *s, const void *bytes, size_t len);
/* Fills as much of `to` as there is: a short count means the end. Negative on a read error. */
long source_read(struct source *s, void *to, size_t len, struct error *e);
int source_seek(struct source *s, uint64_t offset, struct error *e); /* TT_IO for a pipe */
void source_close(struct source *s);

#endif
