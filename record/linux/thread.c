/* SPDX-License-Identifier: MIT */
#include "record/thread.h"

#include <sys/prctl.h>

void thread_wake_precisely(void)
{
    prctl(PR_SET_TIMERSLACK, 1ul); /* nanoseconds; the default of 50 us lets the kernel gather wake-ups */
}
