/* SPDX-License-Identifier: MIT */
/* Is a trace intact? Every block is looked at, good or bad, and so is what the blocks say of each other
 * (FORMAT.md §9).
 *
 * Memory is one block and a few bytes for each run. */
#ifndef TOKTAPE_TRACE_CHECK_H
#define TOKTAPE_TRACE_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define CHECK_FINDINGS_MAX 100 /* listed; more are counted */

enum check_severity {
    CHECK_NOTE,    /* worth knowing */
    CHECK_WARNING, /* what the trace says may not be so */
    CHECK_ERROR    /* something is missing or wrong */
};

struct check_finding {
    enum check_severity severity;
    uint64_t offset; /* byte in the file */
    uint64_t block;  /* sequence number; ABSENT where no block could be read */
    char text[200];
};

enum check_verdict { CHECK_INTACT, CHECK_REPAIRED, CHECK_TRUNCATED, CHECK_DAMAGED };

struct trace_check {
    enum check_verdict verdict;
    struct check_finding findings[CHECK_FINDINGS_MAX];
    uint64_t total;         /* findings, listed or not */
    uint64_t blocks, bytes; /* whole blocks; bytes of the file */
    uint64_t good_bytes;    /* up to where everything is as it should be */
};

/* Checks a file, "-" for standard input. TT_OK whatever was found; TT_IO, TT_NOMEM, TT_LIMIT when it could
 * not be looked at to its end. */
int trace_check(struct trace_check *check, const char *path, struct error *e);
int trace_check_memory(struct trace_check *check, const void *bytes, size_t len, struct error *e);

const char *check_verdict_name(enum check_verdict verdict); /* "intact", "repaired", "truncated", "damaged" */
const char *check_severity_name(enum check_severity severity); /* "note", "warning", "error" */

#endif
