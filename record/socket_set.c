/* SPDX-License-Identifier: MIT */
#include "record/socket_set.h"

#include "formats/schema.h"
#include "record/clock.h"

#define NS_PER_MS UINT64_C(1000000)

void socket_set_clear(struct socket_set *s)
{
    s->count = 0;
    s->look_at = ABSENT;
}

static struct pollfd *find(struct socket_set *s, int fd)
{
    size_t i = 0;
    while (i < s->count && s->watched[i].fd != fd)
        i++;
    return &s->watched[i];
}

int socket_set_watch(struct socket_set *s, int fd, short events)
{
    struct pollfd *place = find(s, fd), *end = s->watched + s->count;
    if (place == end && !events)
        return 0;
    if (place == end && s->count == SOCKETS_MAX)
        return -1;
    if (events) {
        *place = (struct pollfd){fd, events, 0};
        s->count += place == end;
    } else {
        *place = end[-1];
        s->count--;
    }
    return 0;
}

void socket_set_look_in(struct socket_set *s, long ms)
{
    s->look_at = ms < 0 ? ABSENT : clock_after_ns((uint64_t)ms * NS_PER_MS);
}

int socket_set_is_due(struct socket_set *s)
{
    if (s->look_at == ABSENT || s->look_at > clock_ticks())
        return 0;
    s->look_at = ABSENT;
    return 1;
}

/* Rounded up: a wait that ends early would be followed by another. */
static int until_look(const struct socket_set *s, int wait_ms)
{
    uint64_t now;
    if (s->look_at == ABSENT)
        return wait_ms;
    now = clock_ticks();
    if (s->look_at <= now)
        return 0;
    uint64_t ms = clock_ticks_to_ns(s->look_at - now) / NS_PER_MS + 1;
    return ms < (uint64_t)wait_ms ? (int)ms : wait_ms;
}

size_t socket_set_wait(struct socket_set *s, int wait_ms, struct pollfd ready[SOCKETS_MAX])
{
    size_t found = 0;
    if (poll(s->watched, (nfds_t)s->count, until_look(s, wait_ms)) <= 0)
        return 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->watched[i].revents)
            ready[found++] = s->watched[i];
    }
    return found;
}
