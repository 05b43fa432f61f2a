/* SPDX-License-Identifier: MIT */
/* What powermetrics(1) of macOS writes with -f plist: an XML property list after each interval, with a NUL
 * between two. A pure function on bytes; of the XML it knows what property lists use. */
#ifndef TOKTAPE_POWERMETRICS_TEXT_H
#define TOKTAPE_POWERMETRICS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define POWERMETRICS_DEPTH_MAX  32
#define POWERMETRICS_KEY_MAX    48
#define POWERMETRICS_SAMPLE_MAX ((size_t)1 << 20) /* bytes of one list; 64 cores take about 100 kB */

enum powermetrics_energy { POWERMETRICS_CPU, POWERMETRICS_GPU, POWERMETRICS_ANE, POWERMETRICS_ENERGIES };

/* Energies of one interval, in microjoules; ABSENT: not told. */
struct powermetrics_sample {
    uint64_t energy_uj[POWERMETRICS_ENERGIES];
};

/* TT_OK when the list is whole and has an energy; TT_NOTFOUND when it has none; TT_SYNTAX when it is no
 * property list, cut off, or nested deeper than POWERMETRICS_DEPTH_MAX. */
int powermetrics_parse(const char *text, size_t len, struct powermetrics_sample *sample);

#endif
