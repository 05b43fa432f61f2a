/* SPDX-License-Identifier: MIT */
/* Which sources and rails of power were declared in a recording, for the summary at its end: a filter that
 * rows pass on their way into the trace. */
#ifndef TOKTAPE_POWER_LOG_H
#define TOKTAPE_POWER_LOG_H

#include <cjson/cJSON.h>

#include "formats/jsonout.h"
#include "formats/row_sink.h"

struct power_log {
    struct row_sink next;
    cJSON *sources, *rails; /* arrays of names, each name once; NULL: none yet */
    uint64_t next_series;   /* above all that were declared */
    int failed;             /* memory ran out */
};

/* A sink that notes each rail and hands every row on to `next`. One thread at a time. */
struct row_sink power_log_sink(struct power_log *log, struct row_sink next);

void power_log_note(struct power_log *log, const struct series_row *row);

/* Members "sources" and "rails" of the object that is open. */
void power_log_put(const struct power_log *log, struct jsonout *out);
void power_log_release(struct power_log *log);

#endif
