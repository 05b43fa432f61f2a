/* SPDX-License-Identifier: MIT */
/* What a thread can ask of its operating system. One implementation per OS in linux/ and darwin/. */
#ifndef TOKTAPE_THREAD_H
#define TOKTAPE_THREAD_H

/* Asks that the calling thread's sleeps end as punctually as the system can, at the price of energy. Where a
 * system has no such wish, nothing happens. */
void thread_wake_precisely(void);

#endif
