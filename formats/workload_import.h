/* SPDX-License-Identifier: MIT */
/* Other people's request traces and transcripts made into workloads. A kind is one file workload_from_NAME.c
 * and one line of the table in workload_import.c. Files are read as by formats/import.h. */
#ifndef TOKTAPE_WORKLOAD_IMPORT_H
#define TOKTAPE_WORKLOAD_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"

struct workload_import_options {
    const char *kind; /* NULL or "auto": told by what the first file holds */
    uint64_t first;   /* requests that are taken; 0: all, which must fit into a workload */
};

struct workload_import_result {
    const char *kind; /* static */
    uint64_t phases;
};

/* Replaces *json by a workload document, whose requests follow one another in the order of the files.
 * TT_SYNTAX, TT_LIMIT (over the caps of a workload), TT_USAGE, TT_IO or TT_NOMEM. */
int workload_import_files(const char *const *paths, size_t count,
                          const struct workload_import_options *options, struct buf *json,
                          struct workload_import_result *result, struct error *e);

/* The same from memory, for tests and fuzzers. */
int workload_import_memory(const void *bytes, size_t len, const struct workload_import_options *options,
                           struct buf *json, struct workload_import_result *result, struct error *e);

#endif
