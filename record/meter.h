/* SPDX-License-Identifier: MIT */
/* The file of an external power meter: lines with a time and watts or joules, separated by commas, semicolons
 * or tabs.
 *
 * A heading names the columns: a time is "time", "timestamp", "date", "datetime", "epoch" or "t"; power is in
 * watts
 * ("w", "watt", "watts", "power", "power_w"), energy in joules and cumulative ("j", "joule", "joules",
 * "energy", "energy_j"), and wins when both are there. Without a heading the columns are time and watts. A
 * time is seconds, milli-, micro- or nanoseconds since 1970, told apart by their size, or ISO 8601; without a
 * zone it is this machine's local time. Numbers have a decimal point. Lines that do not fit, and a last one
 * without its line end, are skipped and counted. */
#ifndef TOKTAPE_METER_H
#define TOKTAPE_METER_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define METER_FILE_MAX ((size_t)64 << 20)
#define METER_ROWS_MAX 1000000u

struct meter_row {
    uint64_t realtime_ns; /* since 1970 */
    uint64_t value;       /* uW, or uJ */
};

struct meter {
    int is_energy;
    struct meter_row *rows; /* in the order of the file, whatever their times */
    size_t count, capacity;
    size_t outside; /* readings before or after the time asked for */
    size_t skipped; /* lines that do not fit */
};

/* What is read, and which readings count. */
struct meter_range {
    uint64_t from_ns, to_ns; /* since 1970 */
    int64_t utc_offset_s;    /* of times without a zone */
};

/* TT_NOTFOUND, TT_IO, TT_LIMIT for a file that is too large or has too many rows, TT_SYNTAX when its heading
 * names no time or neither watts nor joules, TT_NOMEM. Release in every case. */
int meter_read(struct meter *m, const char *path, const struct meter_range *range, struct error *e);
int meter_parse(struct meter *m, const char *text, size_t len, const struct meter_range *range,
                struct error *e);
void meter_release(struct meter *m);

#endif
