/* SPDX-License-Identifier: MIT */
#include "record/clock.h"

#include <stdlib.h>
#include <time.h>

#include "formats/digest.h"
#include "formats/order.h"

#define DESCRIBE_READS  2000 /* enough to see the smallest step, and still well below a millisecond */
#define DESCRIBE_GROUPS 25
#define TRIPLE_TRIES    5
#define SLEPT_NS        50000000u /* clocks apart by more than this: scheduling alone does not do it */

uint64_t clock_scale(uint64_t value, uint64_t numer, uint64_t denom)
{
    uint64_t whole = value / denom, rest = value % denom;
    if (numer && (whole > UINT64_MAX / numer || rest > UINT64_MAX / numer))
        return UINT64_MAX;
    uint64_t high = whole * numer, low = rest * numer / denom;
    return high > UINT64_MAX - low ? UINT64_MAX : high + low;
}

uint64_t clock_ticks_to_ns(uint64_t ticks)
{
    uint64_t numer, denom;
    clock_os_timebase(&numer, &denom);
    return clock_scale(ticks, numer, denom);
}

uint64_t clock_ns_to_ticks(uint64_t ns)
{
    uint64_t numer, denom;
    clock_os_timebase(&numer, &denom);
    return clock_scale(ns, denom, numer);
}

uint64_t clock_after_ns(uint64_t ns)
{
    return clock_ticks() + clock_ns_to_ticks(ns);
}

uint64_t clock_after_s(double seconds)
{
    return clock_after_ns((uint64_t)(seconds * 1e9));
}

void clock_sleep_ns(uint64_t ns)
{
    clock_sleep_until(clock_after_ns(ns));
}

static uint64_t smallest_step(void)
{
    uint64_t smallest = UINT64_MAX, before = clock_ticks();
    for (int i = 0; i < DESCRIBE_READS; i++) {
        uint64_t now = clock_ticks();
        if (now > before && now - before < smallest)
            smallest = now - before;
        before = now;
    }
    return smallest == UINT64_MAX ? 1 : smallest;
}

/* One read may be faster than the clock's step, so groups of reads are timed; the median group is free of the
 * few that an interrupt hit. */
static uint64_t median_read_cost_ns(void)
{
    enum { READS = DESCRIBE_READS / DESCRIBE_GROUPS };
    uint64_t groups[DESCRIBE_GROUPS];
    for (int g = 0; g < DESCRIBE_GROUPS; g++) {
        uint64_t begin = clock_ticks(), end = begin;
        for (int i = 0; i < READS; i++)
            end = clock_ticks();
        groups[g] = clock_ticks_to_ns(end - begin) / READS;
    }
    qsort(groups, DESCRIBE_GROUPS, sizeof groups[0], compare_u64);
    return groups[DESCRIBE_GROUPS / 2];
}

void clock_describe(struct clock_info *info)
{
    info->name = clock_os_name();
    clock_os_timebase(&info->numer, &info->denom);
    info->resolution_ticks = smallest_step();
    info->read_cost_ns = median_read_cost_ns();
}

static uint64_t timespec_ns(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec;
}

static void bracketed_read(struct clock_row *row)
{
    struct timespec real;
    uint64_t before = clock_ticks();
    row->through_sleep_ns = clock_os_through_sleep_ns();
    clock_gettime(CLOCK_REALTIME, &real);
    row->width = clock_ticks() - before;
    row->native = before + row->width / 2;
    row->realtime_ns = timespec_ns(&real);
}

static uint64_t utc_offset_s(uint64_t realtime_ns)
{
    time_t now = (time_t)(realtime_ns / 1000000000u);
    struct tm local;
    if (!localtime_r(&now, &local))
        return 0;
    return (uint64_t)(int64_t)local.tm_gmtoff;
}

/* The narrowest of a few brackets: a preempted one would say little about how the clocks relate. */
void clock_triple(struct clock_row *row)
{
    bracketed_read(row);
    for (int i = 1; i < TRIPLE_TRIES; i++) {
        struct clock_row next;
        bracketed_read(&next);
        if (next.width < row->width)
            *row = next;
    }
    row->utc_offset_s = utc_offset_s(row->realtime_ns);
}

int clock_slept(const struct clock_row *before, const struct clock_row *after)
{
    uint64_t native = clock_ticks_to_ns(after->native - before->native);
    uint64_t through = after->through_sleep_ns - before->through_sleep_ns;
    uint64_t apart = native > through ? native - through : through - native;
    return apart > SLEPT_NS;
}

uint64_t clock_native_of(const struct clock_row *triples, size_t count, uint64_t realtime_ns)
{
    const struct clock_row *c = triples;
    for (size_t i = 1; i < count && triples[i].realtime_ns <= realtime_ns; i++)
        c = &triples[i];
    if (realtime_ns >= c->realtime_ns)
        return c->native + clock_ns_to_ticks(realtime_ns - c->realtime_ns);
    uint64_t before = clock_ns_to_ticks(c->realtime_ns - realtime_ns);
    return c->native > before ? c->native - before : 0;
}

uint64_t clock_thread_cpu_ns(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0 ? timespec_ns(&t) : 0;
}

void clock_boot_id(char hex[65])
{
    char id[128];
    unsigned char digest[SHA256_BYTES];
    size_t len = clock_os_boot_id(id, sizeof id);
    hex[0] = '\0';
    if (!len)
        return;
    sha256_of(id, len, digest);
    sha256_hex(digest, hex);
}
