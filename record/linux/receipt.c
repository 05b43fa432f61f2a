/* SPDX-License-Identifier: MIT */
#include "record/receipt.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

void receipt_note(int socket)
{
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

/* By the wall clock, which may have been set since. */
static uint64_t age_of(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    long long ns = (long long)(now.tv_sec - then->tv_sec) * 1000000000 + (now.tv_nsec - then->tv_nsec);
    return ns > 0 ? (uint64_t)ns : 0;
}

uint64_t receipt_age_ns(int socket)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct timespec then;
    if (recvmsg(socket, &message, MSG_PEEK | MSG_DONTWAIT) <= 0)
        return 0;
    const struct cmsghdr *note = CMSG_FIRSTHDR(&message);
    if (!note || note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_TIMESTAMPNS)
        return 0;
    memcpy(&then, CMSG_DATA(note), sizeof then);
    return age_of(&then);
}
