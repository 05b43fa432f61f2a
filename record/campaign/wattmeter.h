/* SPDX-License-Identifier: MIT */
/* How much power the machine takes now, as one of its sources sees it: good for comparing one moment with
 * another, and for nothing else. */
#ifndef TOKTAPE_CAMPAIGN_WATTMETER_H
#define TOKTAPE_CAMPAIGN_WATTMETER_H

#include <signal.h>

#include "record/sensor.h"

struct wattmeter {
    const struct sensor *sensor; /* NULL: this machine tells nothing */
    void *state;
    const char *name; /* of the source */
};

/* The first source that works, if any. */
void wattmeter_open(struct wattmeter *m);
void wattmeter_close(struct wattmeter *m);

/* Mean over that time; NAN when nothing was published meanwhile, or nothing is. */
double wattmeter_watts(const struct wattmeter *m, double seconds, const volatile sig_atomic_t *interrupted);

#endif
