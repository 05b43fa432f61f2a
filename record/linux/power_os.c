/* SPDX-License-Identifier: MIT */
/* Linux's sources of power. */
#include "record/power.h"

size_t power_sources(const struct power_source **sources)
{
    *sources = NULL;
    return 0;
}
