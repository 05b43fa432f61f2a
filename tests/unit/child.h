/* SPDX-License-Identifier: MIT */
/* Child processes for tests of what the recorder sees of other processes. Every child ends with its parent.
 */
#ifndef TOKTAPE_TEST_CHILD_H
#define TOKTAPE_TEST_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    pid_t grandchild; /* 0 when it has none */
    uint16_t port;    /* that it listens on, 0 when on none */
    int control;      /* orders go in, answers come out */
};

/* Listens on `family` (AF_INET, AF_INET6; 0: on nothing) at loopback, on `port` or on one of the system's
 * choice. Returns 0, or -1 when this machine has no such address family or the port is taken. */
int child_start(struct child *c, int family, uint16_t port, int with_grandchild);

/* Makes it allocate and touch that many bytes, and waits until it has. */
void child_touch(struct child *c, size_t bytes);

void child_kill(struct child *c); /* SIGKILL, waited for */

#endif
