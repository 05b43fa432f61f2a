/* SPDX-License-Identifier: MIT */
/* What a Mac runs on, and in which of the power modes of System Settings. */
#ifndef TOKTAPE_POWER_MODE_H
#define TOKTAPE_POWER_MODE_H

#include "record/darwin/frameworks.h"

struct power_mode {
    const char *source; /* "ac", "battery"; NULL: not known */
    const char *mode;   /* of that source: "automatic", "low", "high"; NULL: this Mac has no modes */
};

void power_mode_read(const struct frameworks *f, struct power_mode *power);

#endif
