/* SPDX-License-Identifier: MIT */
/* Energy of a window of time from what one rail published: a counter's values with the times they stood for,
 * or a gauge's readings of power. Seconds, joules and watts; nothing here knows of traces.
 *
 *   energy_rail_init → energy_rail_add for each value → energy_rail_finish → energy_rail_window, as often as
 * wanted
 *
 * A rail may be long: publications that no window begins or ends in can be merged into longer ones, which
 * changes no figure.
 */
#ifndef TOKTAPE_ENERGY_H
#define TOKTAPE_ENERGY_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/moments.h"

#define ENERGY_POWER_MAX 20000.0 /* W; a mean power above it is no power of a machine */
#define ENERGY_GAP       3       /* times the usual interval */

/* What is wrong with a rail or a window; bits. */
enum energy_code {
    ENERGY_HAS_GAP = 1 << 0,     /* published much later than usual */
    ENERGY_WAS_RESET = 1 << 1,   /* the counter went back */
    ENERGY_IMPLAUSIBLE = 1 << 2, /* a step that no machine can have made */
    ENERGY_FROZEN = 1 << 3, /* never changed; of a window: did no more from some time before its end on */
    ENERGY_NOT_COVERED = 1 << 4, /* the window reaches beyond what was published */
    ENERGY_TOO_SHORT = 1 << 5    /* the window is shorter than a publication, or hardly longer */
};

/* Where a publication, or several that were merged, ends. */
struct energy_point {
    double t, joules; /* since the first point */
    double watts;     /* a gauge's reading */
    float longest; /* publication among them, seconds; a float, as it is only held against thrice the usual */
    unsigned broken; /* codes: nothing is known of the time between the point before and this one */
};

struct energy_rail {
    struct energy_point *points;
    size_t count, capacity;
    size_t settled; /* points up to this one are merged as far as they may be */
    int is_gauge;
    double scale;                /* joules (watts) a unit of the source */
    uint64_t wrap;               /* a counter goes on from 0 after this value; UINT64_MAX: never */
    uint64_t last;               /* raw value of the last point */
    double seen;                 /* when it was last read, changed or not; NAN: not known */
    double power_min, power_max; /* of unbroken publications; NAN without any */
    double unbroken_s, longest;  /* all of them together, and the longest */
    size_t unbroken;             /* how many */
    double usual_s;              /* of publications, after energy_rail_finish */
    unsigned codes;
};

struct energy_window {
    double joules;      /* NAN when the codes forbid a figure */
    double uncertainty; /* ± joules; NAN for a gauge */
    unsigned codes;
};

void energy_rail_init(struct energy_rail *rail, int is_gauge, double scale, uint64_t wrap);
void energy_rail_release(struct energy_rail *rail);

/* A later value. What is not later, or is the same counter value once more (the source had published nothing
 * new), is left out; a gauge's value is two's complement. TT_OK or TT_NOMEM. */
int energy_rail_add(struct energy_rail *rail, double t, uint64_t raw);

/* Optional: it was read then, by the reader's clock. Tells a rail that stopped publishing from one that was
 * no longer read. */
void energy_rail_seen(struct energy_rail *rail, double t);
void energy_rail_finish(struct energy_rail *rail);

/* Merges publications that end before `horizon` and have none of the moments in them: there every moment has
 * to be known by now, or a window there becomes less exact. */
void energy_rail_thin(struct energy_rail *rail, const struct moments *moments, double horizon);

/* Merges publications until none but the last is shorter than `spacing` seconds. */
void energy_rail_coarsen(struct energy_rail *rail, double spacing);

/* Between two publications energy is taken to grow evenly. How far that can be wrong at a boundary follows
 * from the least and the most power that any whole publication of the rail had. */
void energy_rail_window(const struct energy_rail *rail, double from, double to, struct energy_window *window);

/* "window shorter than publication" … for the first of the codes; NULL for none that forbids a figure. */
const char *energy_reason(unsigned codes);

/* Joules for a unit such as "uJ", or watts for "mW"; NAN for a unit that is not known. */
double energy_unit(const char *unit);

#endif
