/* SPDX-License-Identifier: MIT */
#include "record/thread.h"

#include <sys/prctl.h>

#include "record/linux/scheduling.h"

#define SLICE_NS 100000u /* the shortest that the kernel grants */

void thread_wake_precisely(void)
{
    prctl(PR_SET_TIMERSLACK, 1ul); /* nanoseconds; the default of 50 us lets the kernel gather wake-ups */
}

/* Whose slice is shorter takes the processor when it wakes, from Linux 6.12 on; older kernels heed no slice.
 * A thread that somebody favours by policy or nice value stays as it is: what it starts would lose that with
 * the slice. */
void thread_go_first(void)
{
    struct scheduling wish = {0};
    if (scheduling_of_this_thread(&wish) != 0)
        return;
    if (wish.policy != SCHEDULING_NORMAL || wish.nice < 0)
        return;
    wish.runtime = SLICE_NS;
    wish.flags |= SCHEDULING_RESET_ON_FORK;
    syscall(SYS_sched_setattr, 0, &wish, 0);
}
