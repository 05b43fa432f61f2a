/* SPDX-License-Identifier: MIT */
/* Rising values, each with how often it counts, in few bytes.
 *
 * Most are milliseconds that are whole nanoseconds: those take one to four bytes each, as the
 * difference to the one before (the first eight); others take some six. They stand on a shelf
 * (formats/shelf.h). */
#ifndef TOKTAPE_PACKED_VALUES_H
#define TOKTAPE_PACKED_VALUES_H

#include "analyze/statistics.h"
#include "formats/buf.h"

struct packed_values {
    struct buf bytes;
    int64_t grain; /* of the last one */
    size_t count;
};

/* Empty, to take at most `limit` bytes, for `expected` of which there is room at once where there is memory.
 */
void packed_values_init(struct packed_values *p, size_t limit, size_t expected);
void packed_values_release(struct packed_values *p);

/* `value`: finite, counted at least once, greater than the one before. TT_OK, TT_NOMEM or TT_LIMIT. */
int packed_values_add(struct packed_values *p, const struct counted_value *value);

struct packed_cursor {
    struct bytes left;
    int64_t grain;
};

struct packed_cursor packed_values_rising(const struct packed_values *p);

/* The next one; its count is 0 at the end. */
struct counted_value packed_values_next(struct packed_cursor *c);

#endif
