/* SPDX-License-Identifier: MIT */
/* The wire of one run, fetched from the trace in which it was found. */
#ifndef TOKTAPE_RECORDED_READS_H
#define TOKTAPE_RECORDED_READS_H

#include <stdint.h>

#include "formats/error.h"
#include "formats/rows.h"

/* Where to look for a run: the file, and the block in which it begins. */
struct run_place {
    const char *path;
    uint64_t trace_id;
    uint64_t offset, sequence;
};

/* Gets each read of the run, in order. What it gives ends the reading unless it is TT_OK, as "out of memory".
 */
typedef int take_read(void *context, const struct read_row *read, const unsigned char *bytes);

/* *has_end: the run's end was there. TT_OK, TT_NOMEM, or as the reader says, of a file that is not what it
 * was. */
int recorded_reads(const struct run_place *place, uint64_t run, take_read *take, void *context, int *has_end,
                   struct error *e);

#endif
