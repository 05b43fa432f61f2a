/* SPDX-License-Identifier: MIT */
/* When the kernel got what a connection's peer sent: a thread that has to be woken for it, on a processor
 * that sleeps, learns of it some 100 us later. One implementation per OS in linux/ and darwin/. */
#ifndef TOKTAPE_RECEIPT_H
#define TOKTAPE_RECEIPT_H

#include <stdint.h>

/* Asks the kernel to note it for a listening socket, and so for all connections that are accepted from it
 * afterwards. Where a system notes none, nothing happens. */
void receipt_note(int socket);

/* Nanoseconds since the bytes came that wait on the connection; they stay there. 0 where none wait or nothing
 * is known. Does not block. */
uint64_t receipt_age_ns(int socket);

#endif
