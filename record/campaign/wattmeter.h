/* SPDX-License-Identifier: MIT */
/* How much power the machine takes now, as its sources see it: good for comparing one moment with another,
 * and for nothing else. */
#ifndef TOKTAPE_CAMPAIGN_WATTMETER_H
#define TOKTAPE_CAMPAIGN_WATTMETER_H

#include <signal.h>

#include "record/power.h"

struct wattmeter_part {
    const struct sensor *sensor;
    void *state;
};

struct wattmeter {
    struct wattmeter_part parts[POWER_SOURCES_MAX];
    size_t count;    /* 0: this machine tells nothing */
    unsigned rails;  /* a bit for each enum series_rail that a part has */
    char names[100]; /* of the sources: "rapl, nvml" */
};

/* Those of the sources that work and measure what none before them does: a processor's and a GPU's, but no
 * total beside them. */
void wattmeter_open(struct wattmeter *m, const struct power_source *sources, size_t count);
void wattmeter_close(struct wattmeter *m);

/* Their sum, as means over that time; NAN when there is no source, or one published nothing meanwhile. */
double wattmeter_watts(const struct wattmeter *m, double seconds, const volatile sig_atomic_t *interrupted);

#endif
