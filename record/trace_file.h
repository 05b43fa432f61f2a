/* SPDX-License-Identifier: MIT */
/* The file under a recording: NAME.part while it runs, NAME once it is closed, never anything overwritten. */
#ifndef TOKTAPE_TRACE_FILE_H
#define TOKTAPE_TRACE_FILE_H

#include <stdint.h>

#include "formats/error.h"

struct trace_file {
    int fd;
    int direct; /* a pipe or device: no .part, no repacking */
    char *final_path, *writing_path;
    char *packing_path; /* NAME.pack, for as long as closing takes */
    int is_final;       /* trace_file_close put it under its final name */
};

/* "-" is standard output. An existing NAME, NAME.part or NAME.pack is refused; an existing pipe or device is
 * written to.
 */
int trace_file_create(struct trace_file *f, const char *path, struct error *e);

/* Syncs NAME.part, repacks it into NAME and removes it. On failure NAME.part stays whole and the error says
 * so. */
int trace_file_close(struct trace_file *f, uint64_t written, uint64_t *final_bytes, struct error *e);

/* After a failure: what was written reaches the disk and stays where it is. */
int trace_file_keep(struct trace_file *f);

/* Closes and removes what trace_file_create made: nothing worth keeping was written yet. */
void trace_file_abandon(struct trace_file *f);

const char *trace_file_result(const struct trace_file *f); /* where the trace lies now */
void trace_file_release(struct trace_file *f);

#endif
