/* SPDX-License-Identifier: MIT */
/* A thread's scheduling as Linux's sched_getattr(2) and sched_setattr(2) take it: their own headers cannot be
 * had together with the C library's <sched.h> everywhere. */
#ifndef TOKTAPE_SCHEDULING_H
#define TOKTAPE_SCHEDULING_H

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SCHEDULING_NORMAL        0u
#define SCHEDULING_RESET_ON_FORK UINT64_C(1)

struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime; /* nanoseconds: of an ordinary thread its slice, said from Linux 6.12 on */
    uint64_t deadline;
    uint64_t period;
};

static inline int scheduling_of_this_thread(struct scheduling *s)
{
    return (int)syscall(SYS_sched_getattr, 0, s, sizeof *s, 0);
}

#endif
