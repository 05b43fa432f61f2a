/* SPDX-License-Identifier: MIT */
#include "replay/sender.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "record/clock.h"
#include "record/thread.h"

/* A sleeping thread may wake up this much late, which the spinning hides; longer waits look out for the
 * client leaving and for the end, with poll's coarser clock. */
#define SPIN_NS   200000u
#define COARSE_NS 5000000u

#define POLL_MAX_MS 60000

enum wait_result { WAIT_TIME, WAIT_STOPPED, WAIT_GONE };

/* A client that has closed its side reads as an end; bytes (a pipelined request) say that it is still there.
 */
static int client_has_left(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* Waits until one of `events` is there on the socket, or the time is up. */
static enum wait_result watch(const struct sender *s, short events, int timeout_ms)
{
    struct pollfd fds[2] = {{s->fd, events, 0}, {s->stop_fd, POLLIN, 0}};
    if (poll(fds, 2, timeout_ms) <= 0)
        return WAIT_TIME;
    if (fds[1].revents)
        return WAIT_STOPPED;
    if ((fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) ||
        ((fds[0].revents & POLLIN) && client_has_left(s->fd)))
        return WAIT_GONE;
    return WAIT_TIME;
}

/* Bytes from the client would end every poll at once, so once they are there only errors are looked out for.
 */
static enum wait_result wait_coarsely(const struct sender *s, uint64_t left_ns)
{
    char byte;
    uint64_t ms = (left_ns - COARSE_NS / 2) / 1000000u;
    int talkative = recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    return watch(s, talkative ? 0 : POLLIN, ms > POLL_MAX_MS ? POLL_MAX_MS : (int)ms);
}

static enum wait_result wait_until(const struct sender *s, uint64_t due)
{
    for (;;) {
        uint64_t now = clock_ticks();
        if (now >= due)
            return WAIT_TIME;
        uint64_t left_ns = clock_ticks_to_ns(due - now);
        if (left_ns > COARSE_NS) {
            enum wait_result result = wait_coarsely(s, left_ns);
            if (result != WAIT_TIME)
                return result;
        } else if (left_ns > SPIN_NS) {
            clock_sleep_until(due - clock_ns_to_ticks(SPIN_NS));
        }
    }
}

static uint64_t due_ticks(const struct sender *s, uint64_t due_ns)
{
    if (due_ns == FEED_NEVER)
        return UINT64_MAX;
    if (s->speed <= 0)
        return s->zero;
    double ns = (double)due_ns / s->speed;
    return ns < 9e18 ? s->zero + clock_ns_to_ticks((uint64_t)ns) : UINT64_MAX;
}

static enum wait_result send_bytes(struct sender *s, struct bytes bytes)
{
    while (bytes.len) {
        ssize_t n = send(s->fd, bytes.data, bytes.len, 0);
        if (n >= 0) {
            bytes.data += n;
            bytes.len -= (size_t)n;
            s->bytes += (uint64_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            enum wait_result result = watch(s, POLLOUT, POLL_MAX_MS);
            if (result != WAIT_TIME)
                return result;
        } else if (errno != EINTR) {
            return WAIT_GONE;
        }
    }
    return WAIT_TIME;
}

static enum wait_result send_slice(struct sender *s, const struct slice *slice)
{
    uint64_t due = due_ticks(s, slice->due_ns);
    enum wait_result result = wait_until(s, due);
    if (result != WAIT_TIME)
        return result;
    /* Of slices that are due together, only the first can be punctual. */
    if (due >= s->ready && due != s->last_due && s->speed > 0)
        pacing_note(&s->pacing, clock_ticks_to_ns(clock_ticks() - due));
    s->last_due = due;
    s->slices++;
    return send_bytes(s, slice->bytes);
}

static enum sender_result finish(struct sender *s, const struct slice *slice)
{
    if (wait_until(s, due_ticks(s, slice->due_ns)) == WAIT_STOPPED)
        return SENDER_STOPPED;
    switch (slice->end) {
    case FEED_WHOLE:
        return SENDER_WHOLE;
    case FEED_DEAD:
        return SENDER_DEAD;
    default:
        return SENDER_CUT;
    }
}

enum sender_result sender_play(struct sender *s, struct feed *feed)
{
    struct slice slice;
    int on = 1;
    /* A slice must leave when it is handed over, not wait for the acknowledgement of the one before. */
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    thread_wake_precisely();
    for (;;) {
        if (feed_next(feed, &slice))
            return SENDER_FAILED;
        if (slice.end != FEED_MORE)
            return finish(s, &slice);
        enum wait_result result = send_slice(s, &slice);
        if (result != WAIT_TIME)
            return result == WAIT_STOPPED ? SENDER_STOPPED : SENDER_GONE;
    }
}
