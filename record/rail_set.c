/* SPDX-License-Identifier: MIT */
#include "record/rail_set.h"

#include <string.h>

/* Names come from firmware, drivers and files. */
static const char *copy_text(char *to, size_t size, const char *text)
{
    size_t n = 0;
    for (; n + 1 < size && text[n]; n++)
        to[n] = (unsigned char)text[n] < ' ' || text[n] == 0x7f ? '?' : text[n];
    to[n] = '\0';
    return to;
}

int rail_set_add(struct rail_set *set, const struct sensor_channel *channel, const struct sensor_rail *rail)
{
    size_t i = set->count;
    if (i == SENSOR_CHANNELS_MAX)
        return TT_LIMIT;
    set->rails[i] = *rail;
    set->rails[i].origin = copy_text(set->origins[i], RAIL_ORIGIN_MAX, rail->origin);
    set->channels[i] = *channel;
    set->channels[i].name = copy_text(set->names[i], RAIL_NAME_MAX, channel->name);
    set->channels[i].rail = &set->rails[i];
    set->count++;
    return (int)i;
}

void rail_set_layout(const struct rail_set *set, struct sensor_layout *layout)
{
    *layout = (struct sensor_layout){set->channels, set->count, ABSENT, 0};
}
