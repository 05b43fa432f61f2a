/* SPDX-License-Identifier: MIT */
#include "record/thread.h"

/* mach_wait_until in an ordinary thread has no slack to give up. */
void thread_wake_precisely(void)
{
}

/* A thread's class here says which processors it may use, too, and so whom it takes them from: it stays as it
 * is. */
void thread_go_first(void)
{
}
