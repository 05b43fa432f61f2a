/* SPDX-License-Identifier: MIT */
/* Energy counters of an Apple chip from IOReport's group "Energy Model", without root.
 *
 * A counter is stored with the time stamp of its element: most are published in batches about 2 s apart, and
 * on macOS 27 some no more at all. What a window took follows from both when the trace is analysed; a counter
 * that stands still is never said to be 0 W here. Everything of the system is called through a table, so that
 * all of this runs in tests on any system. */
#ifndef TOKTAPE_IOREPORT_H
#define TOKTAPE_IOREPORT_H

#include <cjson/cJSON.h>

#include "record/darwin/frameworks.h"
#include "record/sensor.h"

/* Of /usr/lib/libIOReport.dylib, which has no public header. The prototypes are what monitors of Apple
 * silicon use (macmon's sources.rs, IOReport.h of socpowerbud); the layout of an element is that of xnu's
 * IOReportTypes.h. `subscribed` is handed out as a Copy. The last parameter of IOReportSimpleGetIntegerValue
 * is told as int32_t in some and as int32_t * in others: NULL is right for both. */
struct ioreport_api {
    const struct frameworks *f;
    cf_ref (*IOReportCopyChannelsInGroup)(cf_ref group, cf_ref subgroup, uint64_t a, uint64_t b, uint64_t c);
    cf_ref (*IOReportCreateSubscription)(void *a, cf_ref wanted, cf_ref *subscribed, uint64_t channel_id,
                                         cf_ref b);
    cf_ref (*IOReportCreateSamples)(cf_ref subscription, cf_ref subscribed, cf_ref a);
    int64_t (*IOReportSimpleGetIntegerValue)(cf_ref channel, int32_t *a);
    cf_ref (*IOReportChannelGetChannelName)(cf_ref channel);
    cf_ref (*IOReportChannelGetUnitLabel)(cf_ref channel);
};

/* Context of the sensor. `load` gives the table, or NULL and why not; it stays valid. */
struct ioreport_context {
    const struct ioreport_api *(*load)(struct error *e);
};

extern const struct sensor_ops sensor_ioreport;

/* For struct power_source: "channels", every channel of the group with its unit, and what it is used as. */
int ioreport_describe(void *context, cJSON *about);

/* The system's own. TT_NOTFOUND in the error when there is no such library or function. */
const struct ioreport_api *ioreport_load(struct error *e);

#endif
