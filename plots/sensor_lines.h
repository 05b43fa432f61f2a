/* SPDX-License-Identifier: MIT */
/* The sensors of a trace as lines over all of its time, taken while it is read: as fine as a picture can
 * show, however long the recording. */
#ifndef TOKTAPE_SENSOR_LINES_H
#define TOKTAPE_SENSOR_LINES_H

#include "analyze/tape.h"

#define SENSOR_LINE_POINTS ((size_t)16384) /* of one line; then each two become one */

struct sensor_line {
    struct stamped_rail rail; /* of energy or power */
    struct trail values;      /* of anything else; the higher ones where there are too many */
};

struct sensor_lines {
    struct sensor_line *items; /* by number of the series; those without a sample may be missing */
    size_t count, capacity;
};

/* A sample of a series of the tape. TT_OK or TT_NOMEM. */
int sensor_lines_add(struct sensor_lines *lines, const struct tape *tape, const struct tape_series *series,
                     const struct sample_row *sample);

/* NULL for a series without a sample. */
struct sensor_line *sensor_lines_find(const struct sensor_lines *lines, size_t series);
void sensor_lines_release(struct sensor_lines *lines);

#endif
