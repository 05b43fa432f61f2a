/* SPDX-License-Identifier: MIT */
/* Where measured rows go: the trace's ring, or a test. */
#ifndef TOKTAPE_ROW_SINK_H
#define TOKTAPE_ROW_SINK_H

#include "formats/schema.h"

struct row_sink {
    int (*emit)(void *context, enum table_id table, const void *row); /* TT_OK, or the row was not taken */
    void *context;
};

static inline int row_sink_emit(const struct row_sink *sink, enum table_id table, const void *row)
{
    return sink->emit(sink->context, table, row);
}

#endif
