/* SPDX-License-Identifier: MIT */
#include "record/thread.h"

/* mach_wait_until in an ordinary thread has no slack to give up. */
void thread_wake_precisely(void)
{
}
