/* SPDX-License-Identifier: MIT */
/* Linux: CLOCK_MONOTONIC counts nanoseconds and stops in suspend; CLOCK_BOOTTIME does not stop. */
#include <time.h>

#include "formats/buf.h"
#include "formats/io.h"
#include "record/clock.h"

static uint64_t read_clock_ns(clockid_t id)
{
    struct timespec t;
    if (clock_gettime(id, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t clock_ticks(void)
{
    uint64_t now = read_clock_ns(CLOCK_MONOTONIC);
    return now ? now : 1;
}

uint64_t clock_os_through_sleep_ns(void)
{
    return read_clock_ns(CLOCK_BOOTTIME);
}

void clock_os_timebase(uint64_t *numer, uint64_t *denom)
{
    *numer = 1;
    *denom = 1;
}

const char *clock_os_name(void)
{
    return "CLOCK_MONOTONIC";
}

void clock_sleep_until(uint64_t ticks)
{
    struct timespec until = {(time_t)(ticks / 1000000000u), (long)(ticks % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

size_t clock_os_boot_id(char *text, size_t size)
{
    int fd = io_open_read("/proc/sys/kernel/random/boot_id", NULL);
    if (fd < 0)
        return 0;
    long n = io_read_some(fd, text, size, "boot_id", NULL);
    io_close(fd, "boot_id", NULL);
    size_t len = n > 0 ? (size_t)n : 0;
    while (len && text[len - 1] == '\n')
        len--;
    return len;
}
