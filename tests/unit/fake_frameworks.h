/* SPDX-License-Identifier: MIT */
/* CoreFoundation as far as it is used, with counted references: what is released too often fails the test,
 * what is never released is left in the count. And an IOReport with the channels that a test gives. */
#ifndef TOKTAPE_FAKE_FRAMEWORKS_H
#define TOKTAPE_FAKE_FRAMEWORKS_H

#include "record/darwin/ioreport.h"

extern const struct frameworks fake_frameworks;

size_t fake_objects(void); /* that are alive */

/* A Mac's power settings: `source` as the system names it (NULL: it does not say), and the mode set for it
 * (negative: none is set), when this Mac has modes. */
void fake_power_set(const char *source, int has_modes, int mode);

/* One channel of "Energy Model". */
struct fake_channel {
    const char *name, *unit; /* NULL: it has none */
    int64_t value;
    uint64_t stamp; /* of its element, in ticks */
    int is_gone;    /* from samples */
    int is_bare;    /* without an element */
};

extern const struct ioreport_api fake_ioreport;

void fake_ioreport_set(struct fake_channel *channels, size_t count); /* borrowed */
void fake_ioreport_refuse(int refuses);                              /* to subscribe */
size_t fake_ioreport_subscribed(void);                               /* channels of the last subscription */

#endif
