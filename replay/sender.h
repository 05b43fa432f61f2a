/* SPDX-License-Identifier: MIT */
/* Sends a response down an open socket on its schedule: asleep until shortly before a slice is due, then
 * spinning, one send for each slice. */
#ifndef TOKTAPE_SENDER_H
#define TOKTAPE_SENDER_H

#include <stdint.h>

#include "replay/feed.h"
#include "replay/pacing.h"

enum sender_result {
    SENDER_WHOLE,   /* the whole message went out */
    SENDER_CUT,     /* the feed cut it, or fell silent until its time was up */
    SENDER_DEAD,    /* the feed killed the engine */
    SENDER_GONE,    /* the client closed the connection */
    SENDER_STOPPED, /* stop_fd became readable */
    SENDER_FAILED   /* memory ran out */
};

struct sender {
    int fd;         /* a connected socket, blocking or not */
    int stop_fd;    /* readable when everything must end; -1: none */
    uint64_t zero;  /* native ticks of time zero */
    uint64_t ready; /* native ticks; slices due earlier could not have been punctual and are not noted */
    double speed;   /* the schedule is played this many times faster; 0: without any waiting */

    struct pacing pacing; /* of the slices that could be punctual */
    uint64_t slices, bytes;
    uint64_t last_due; /* native ticks */
};

/* Returns when the feed has ended or cannot go on; leaves closing the socket to the caller. The process must
 * ignore SIGPIPE. */
enum sender_result sender_play(struct sender *s, struct feed *feed);

#endif
