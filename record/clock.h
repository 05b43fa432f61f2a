/* SPDX-License-Identifier: MIT */
/* The recorder's clocks. The native one is CLOCK_MONOTONIC on Linux, mach_absolute_time on macOS: it stops
 * while the machine sleeps. One implementation per OS in linux/ and darwin/. */
#ifndef TOKTAPE_CLOCK_H
#define TOKTAPE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "formats/schema.h"

struct clock_info {
    const char *name;          /* "CLOCK_MONOTONIC", "mach_absolute_time" */
    uint64_t numer, denom;     /* nanoseconds = ticks × numer ÷ denom */
    uint64_t resolution_ticks; /* smallest step seen between two reads */
    uint64_t read_cost_ns;     /* median cost of one read */
};

uint64_t clock_ticks(void);                   /* native ticks, never 0 */
void clock_describe(struct clock_info *info); /* measures; takes about a millisecond */

/* The triple (native, through sleep, realtime), bracketed: native is the middle of the bracket. */
void clock_triple(struct clock_row *row);

/* The machine slept between two triples: the clock that runs through sleep got ahead of the native one, which
 * a run does not survive. A step of the wall clock alone is none. */
int clock_slept(const struct clock_row *before, const struct clock_row *after);

/* Native ticks of a wall-clock time, by the last of the triples at or before it (the first of all where there
 * is none), so that a step of the wall clock counts from the triple after it. `count` is at least 1. */
uint64_t clock_native_of(const struct clock_row *triples, size_t count, uint64_t realtime_ns);

uint64_t clock_ns_to_ticks(uint64_t ns);
uint64_t clock_ticks_to_ns(uint64_t ticks);
uint64_t clock_thread_cpu_ns(void); /* CPU time of the calling thread */

/* What the native clock shows when so much time has passed from now on. `seconds` is at least 0. */
uint64_t clock_after_ns(uint64_t ns);
uint64_t clock_after_s(double seconds);

/* Sleeps until the native clock shows `ticks`, or for `ns`; returns early on a signal. */
void clock_sleep_until(uint64_t ticks);
void clock_sleep_ns(uint64_t ns);

/* SHA-256 of the system's boot id, as hex; "" when the system has none. */
void clock_boot_id(char hex[65]);

/* value × numer ÷ denom (denom > 0) without overflow on the way; UINT64_MAX when the result does not fit. */
uint64_t clock_scale(uint64_t value, uint64_t numer, uint64_t denom);

/* Per-OS pieces, in linux/ and darwin/. */
uint64_t clock_os_through_sleep_ns(void);
void clock_os_timebase(uint64_t *numer, uint64_t *denom);
const char *clock_os_name(void);
size_t clock_os_boot_id(char *text, size_t size); /* length of the system's own id, 0 when it has none */

#endif
