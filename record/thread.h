/* SPDX-License-Identifier: MIT */
/* What a thread can ask of its operating system. One implementation per OS in linux/ and darwin/. */
#ifndef TOKTAPE_THREAD_H
#define TOKTAPE_THREAD_H

/* Asks that the calling thread's sleeps end as punctually as the system can, at the price of energy. Where a
 * system has no such wish, nothing happens. */
void thread_wake_precisely(void);

/* For a thread that works little and often: asks that it runs as soon as it is woken, not when another
 * thread's turn is over. Its share of the processor stays the same, and what it starts is not asked for.
 * Where a system has no such wish, nothing happens. */
void thread_go_first(void);

#endif
