/* SPDX-License-Identifier: MIT */
/* The channels of a source that finds them at run time: their texts are copied, cut where they are longer. */
#ifndef TOKTAPE_RAIL_SET_H
#define TOKTAPE_RAIL_SET_H

#include "record/sensor.h"

#define RAIL_NAME_MAX   64
#define RAIL_ORIGIN_MAX 128

struct rail_set {
    struct sensor_channel channels[SENSOR_CHANNELS_MAX];
    struct sensor_rail rails[SENSOR_CHANNELS_MAX];
    char names[SENSOR_CHANNELS_MAX][RAIL_NAME_MAX], origins[SENSOR_CHANNELS_MAX][RAIL_ORIGIN_MAX];
    size_t count;
};

/* Adds a channel; name and rail->origin are copied, unit and rail->stamp are constants. Control characters in
 * a name become '?'. Returns its index, or TT_LIMIT when there are SENSOR_CHANNELS_MAX already. */
int rail_set_add(struct rail_set *set, const struct sensor_channel *channel, const struct sensor_rail *rail);

/* The layout of a source whose channels are these, of the machine's own generation. */
void rail_set_layout(const struct rail_set *set, struct sensor_layout *layout);

#endif
