/* SPDX-License-Identifier: MIT */
/* One attempt of one HTTP/1.1 request, with the bytes of its answer exactly as they came and our own time
 * stamps.
 *
 * Every attempt gets a fresh connection that is not used again; there are no retries, redirects, proxies,
 * cookies or netrc, and nothing but http and https. The message ends where its framing says (last chunk,
 * Content-Length or close), so a server that keeps the connection alive does not hold us up.
 *
 * Reads. One call of the sink is one recv of at most 16 KiB, chunk framing included, stamped by the clock
 * right after it. Of the head, whole lines are handed over: a header line that is split over several recvs
 * belongs to the one that completed it (and is not seen at all when the connection dies in the middle of the
 * line). Body bytes that came with the end of the head are part of that read.
 *
 * The values of Set-Cookie and other headers that carry secrets arrive as '*', length kept.
 *
 * Times are native ticks (record/clock.h), ABSENT when it did not come to that. */
#ifndef TOKTAPE_HTTP_H
#define TOKTAPE_HTTP_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/schema.h"

#define HTTP_HEAD_MAX    ((size_t)64 << 10) /* status line and header lines, 1xx answers included */
#define HTTP_WAIT_MAX_MS 250                /* the longest time between two looks at the interrupt flag */

struct http_client; /* one thread's; a handle and its memory, reused by all its requests */

struct http_request {
    const char *url;            /* http or https, absolute */
    const char *method;         /* "GET", "POST", "DELETE" */
    struct bytes body;          /* borrowed; sent as application/json, when data is not NULL or with POST */
    const char *const *headers; /* "Name: value" lines, ended by NULL; NULL for none. Borrowed */
    double timeout_s;           /* bounds the whole attempt; 0: no bound */
    double stall_s;             /* bounds the silence once the request is sent; 0: no bound */
};

/* Where the answer goes. A callback that returns non-zero ends the attempt: TT_LIMIT as RUN_ENDED_LIMIT,
 * anything else is what http_perform returns. */
struct http_sink {
    void *context;
    int (*on_bytes)(void *context, uint64_t t, const void *bytes, size_t len);
};

struct http_result {
    uint64_t t_start;     /* before anything was done */
    uint64_t t_connected; /* the connection is open (TLS included) and the request begins: time zero */
    uint64_t t_sent;      /* the last request byte was handed to the kernel */
    uint64_t t_header;    /* the read that completed the head; the `t` of exactly that on_bytes call */
    uint64_t t_close;     /* the message is complete, or the attempt was given up */
    uint64_t status;      /* HTTP status of the last head, ABSENT when none came */
    uint64_t ended;       /* enum run_ended */
    uint64_t lookup_ns, connect_ns, tls_ns; /* as libcurl reports them, to the microsecond */
    uint64_t cpu_ns;                        /* CPU of this thread from start to close */
    char error[200]; /* one sentence that names no host; "" when the message is complete */
};

int http_client_new(struct http_client **client, struct error *e);
void http_client_free(struct http_client *client);

/* Makes one attempt. TT_OK whenever one was made: the result says how it ended, whatever the HTTP status.
 * `interrupted` (may be NULL) is looked at in each turn and ends the attempt when it is not 0; a signal wakes
 * the wait. Other returns: TT_USAGE for a method that is none, a header that is not one line, or one that
 * would change the message's framing or coding (Accept-Encoding, Content-Length …); TT_NOMEM; or the sink's
 * own. */
int http_perform(struct http_client *client, const struct http_request *request, const struct http_sink *sink,
                 const volatile sig_atomic_t *interrupted, struct http_result *result, struct error *e);

/* A whole small answer in memory. */
struct http_answer {
    struct http_result result;
    struct buf head; /* status line and header lines of the final answer, secret values masked */
    struct buf
        body; /* without chunk framing, at most the cap; longer: RUN_ENDED_LIMIT with what came so far */
};

/* For information endpoints: one attempt whose answer is kept. Returns like http_perform; call
 * http_answer_release in every case. `answer` need not be initialised. */
int http_fetch(struct http_client *client, const struct http_request *request, size_t body_cap,
               const volatile sig_atomic_t *interrupted, struct http_answer *answer, struct error *e);
void http_answer_release(struct http_answer *answer);

/* The value of the first header with that name in a head as received, without surrounding blanks; empty when
 * absent. Borrowed from `head`. */
struct bytes http_header_value(const struct buf *head, const char *name);

#endif
