/* SPDX-License-Identifier: MIT */
/* The sockets that somebody else (libcurl) wants watched, and the time when it wants to be called although
 * none of them is ready. Fixed memory, nothing to release; {0} after socket_set_clear is empty. */
#ifndef TOKTAPE_SOCKET_SET_H
#define TOKTAPE_SOCKET_SET_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define SOCKETS_MAX 16 /* a resolver's, and those of the addresses that are tried at the same time */

struct socket_set {
    struct pollfd watched[SOCKETS_MAX];
    size_t count;
    uint64_t look_at; /* native ticks; ABSENT: never */
};

void socket_set_clear(struct socket_set *s);

/* Watches `fd` for `events` (of poll) from now on; for 0 no longer. -1 when there are too many. */
int socket_set_watch(struct socket_set *s, int fd, short events);

/* Asks for a look in `ms` milliseconds; less than 0: none. */
void socket_set_look_in(struct socket_set *s, long ms);

/* Whether a look is due; asking takes it back. */
int socket_set_is_due(struct socket_set *s);

/* Waits until one is ready, a look is due, a signal came or `wait_ms` have passed. Copies those which are
 * ready, with what poll said of them, to `ready`, since the set changes while they are dealt with; returns
 * how many. */
size_t socket_set_wait(struct socket_set *s, int wait_ms, struct pollfd ready[SOCKETS_MAX]);

#endif
