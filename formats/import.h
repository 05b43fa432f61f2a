/* SPDX-License-Identifier: MIT */
/* Other tools' result files made into traces. A format is one file import_NAME.c and one line of the table in
 * import.c.
 *
 * Files are read twice, first for what they say as a whole, then run by run, and never held in memory. What a
 * file does not tell is left out of the trace, and the trace says so. Files are hostile: depth, texts and
 * numbers are bounded, and what is wrong is refused with its line and member. */
#ifndef TOKTAPE_IMPORT_H
#define TOKTAPE_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"

#define IMPORT_RUNS_MAX   ((uint64_t)24576) /* as many as analysis takes; more is TT_LIMIT */
#define IMPORT_FILES_MAX  64
#define IMPORT_PHASES_MAX ((size_t)1024)

struct import_options {
    const char *format;       /* NULL or "auto": told by what the first file holds */
    const char *const *facts; /* "PATH=VALUE": what the person knows and the files do not tell */
    size_t fact_count;
    const char *const *picks; /* "NAME=VALUE": of a file's rows, only those whose members are such */
    size_t pick_count;
    /* Appends to *json what END says of the trace at `path`; NULL: nothing. */
    int (*summarise)(const char *path, struct buf *json, struct error *e);
};

struct import_result {
    const char *format;  /* static */
    char content_id[65]; /* of the trace */
    uint64_t bytes, runs, failed;
};

/* Makes one trace of all files, whose runs follow one another: `output` is a new file, or "-" for standard
 * output. TT_SYNTAX, TT_LIMIT or TT_USAGE for what cannot be imported, TT_EXISTS, TT_IO, TT_NOMEM. */
int import_files(const char *const *paths, size_t count, const char *output,
                 const struct import_options *options, struct import_result *result, struct error *e);

/* The same from memory, for tests and fuzzers. */
int import_memory(const void *bytes, size_t len, const char *output, const struct import_options *options,
                  struct import_result *result, struct error *e);

#endif
