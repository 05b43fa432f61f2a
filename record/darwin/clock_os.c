/* SPDX-License-Identifier: MIT */
/* macOS: mach_absolute_time stops while the machine sleeps, mach_continuous_time does not. Both count the
 * same ticks. */
#include <mach/mach_time.h>
#include <string.h>
#include <sys/sysctl.h>

#include "record/clock.h"

uint64_t clock_ticks(void)
{
    uint64_t now = mach_absolute_time();
    return now ? now : 1;
}

void clock_os_timebase(uint64_t *numer, uint64_t *denom)
{
    mach_timebase_info_data_t base;
    int known = mach_timebase_info(&base) == KERN_SUCCESS && base.numer && base.denom;
    *numer = known ? base.numer : 1;
    *denom = known ? base.denom : 1;
}

uint64_t clock_os_through_sleep_ns(void)
{
    return clock_ticks_to_ns(mach_continuous_time());
}

const char *clock_os_name(void)
{
    return "mach_absolute_time";
}

void clock_sleep_until(uint64_t ticks)
{
    mach_wait_until(ticks);
}

size_t clock_os_boot_id(char *text, size_t size)
{
    size_t len = size;
    if (sysctlbyname("kern.bootsessionuuid", text, &len, NULL, 0) != 0 || len > size)
        return 0;
    return strnlen(text, len);
}
