/* SPDX-License-Identifier: MIT */
/* An engine behind a loopback address.
 *
 * libmicrohttpd listens, parses requests and sends what needs no schedule. An answer with a schedule is sent
 * by us: in thread-per-connection mode the handler has its connection to itself, so it writes head, framing
 * and all straight to the socket, one send for each slice, and then lets the library close it. That way a
 * recorded response leaves with the very bytes it came with, and nothing stands between the schedule and the
 * kernel.
 *
 * Time zero of a request is when its connection was accepted, or when the kernel got the request, if that was
 * sooner; for a kept-alive connection when its request line came. */
#ifndef TOKTAPE_SERVER_H
#define TOKTAPE_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "replay/engine.h"
#include "replay/faults.h"
#include "replay/pacing.h"

#define SERVER_BODY_MAX        ((size_t)64 << 20)  /* of one request */
#define SERVER_BODIES_MAX      ((size_t)256 << 20) /* of all requests together */
#define SERVER_CONNECTIONS_MAX 64

struct server;

/* One request that was answered. */
struct served {
    const char *method, *path, *how; /* how: "whole", "cut", "the client left" … */
    int status;                      /* 0: the recorded one */
    uint64_t slices, bytes;          /* 0 for answers without a schedule */
    double ms;                       /* from time zero to the end */
};

struct server_options {
    const char *host; /* a numeric address */
    uint16_t port;    /* 0: any */
    const char *const *allowed_hosts;
    size_t allowed_host_count;
    double speed; /* of schedules; 0: without waiting */
    const struct fault_list *faults;
    int once; /* the first answer with a schedule is the last */
    void (*on_served)(void *context,
                      const struct served *served); /* NULL, or called from several threads at once */
    void *context;
};

/* Starts listening and answering. The engine and what the options point to must outlive the server. The
 * process must ignore SIGPIPE. TT_USAGE for an address that is none, TT_NETWORK, TT_NOMEM. */
int server_start(struct server **server, struct engine *engine, const struct server_options *options,
                 struct error *e);
void server_url(const struct server *s, char *text, size_t size); /* "http://127.0.0.1:8080" */

void server_request_stop(struct server *s); /* may be called from a signal handler */
/* Waits until someone requests the stop, the engine dies of a fault, or the one answer has been given. */
void server_wait(struct server *s);
int server_died(struct server *s);                       /* of a fault */
void server_pacing(struct server *s, struct pacing *to); /* of everything sent so far */

/* Ends every connection and frees the server. */
void server_free(struct server *s);

#endif
