/* SPDX-License-Identifier: MIT */
/* The sensors of a trace as lines over all of its time, taken while it is read: as fine as a picture can
 * show, however long the recording. */
#ifndef TOKTAPE_SENSOR_LINES_H
#define TOKTAPE_SENSOR_LINES_H

#include "analyze/tape.h"

/* Points of one line; then each two become one. The more lines there are, the fewer of each. */
#define SENSOR_LINE_MOST  ((size_t)16384)
#define SENSOR_LINE_LEAST ((size_t)256)
#define SENSOR_POINTS_MAX ((size_t)1 << 18) /* of all lines, as far as the least leaves room */

struct sensor_line {
    int is_used;              /* has a sample */
    struct stamped_rail rail; /* of energy or power */
    struct trail values;      /* of anything else; the higher ones where there are too many */
};

struct sensor_lines {
    struct sensor_line *items; /* by number of the series; the last ones may be missing */
    size_t count, capacity;
    size_t used; /* how many have a sample */
};

/* A sample of a series of the tape; those of another machine than the engine's are passed over. TT_OK or
 * TT_NOMEM. */
int sensor_lines_add(struct sensor_lines *lines, const struct tape *tape, const struct tape_series *series,
                     const struct sample_row *sample);

/* NULL for a series without a sample. */
struct sensor_line *sensor_lines_find(const struct sensor_lines *lines, size_t series);
void sensor_lines_release(struct sensor_lines *lines);

#endif
