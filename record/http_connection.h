/* SPDX-License-Identifier: MIT */
/* One fresh connection to an http or https server, and the bytes that go through it.
 *
 * libcurl looks the name up, tries the addresses, connects and speaks TLS; without TLS the socket itself is
 * read. What is said is the caller's. No
 * proxies, no netrc, nothing but http and https, and a connection that is closed is not used again. Nothing
 * blocks for longer than its caller said. One thread's. */
#ifndef TOKTAPE_HTTP_CONNECTION_H
#define TOKTAPE_HTTP_CONNECTION_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "formats/error.h"

#define HTTP_CONNECT_TIMEOUT_S 30

struct http_connection; /* libcurl's handles and their memory, for one connection after another */

int http_connection_new(struct http_connection **connection, struct error *e);
void http_connection_free(struct http_connection *c);

enum http_connection_state {
    HTTP_CONNECTING,
    HTTP_CONNECTED,  /* TLS included */
    HTTP_UNREACHABLE /* http_connection_failure says why */
};

/* Begins to connect to the server of `url` (absolute). TT_NOMEM when libcurl is out of memory or descriptors;
 * a URL that is none is found by the first step. Call http_connection_close in every case. */
int http_connection_begin(struct http_connection *c, const char *url);

/* Goes on connecting, and waits at most `wait_ms` for that to be possible. TT_NOMEM as above. */
int http_connection_step(struct http_connection *c, int wait_ms, enum http_connection_state *state);

/* What the request has to say of the URL: "host", or "host:port" when the scheme has another, and path with
 * query. "" when the URL is none. Borrowed until the next begin. */
const char *http_connection_authority(const struct http_connection *c);
const char *http_connection_target(const struct http_connection *c);

#define HTTP_READABLE 1
#define HTTP_WRITABLE 2

/* Waits until there is room to send, or something to read (a close is), a signal came or `wait_ms` have
 * passed; returns which of the two bits hold. */
int http_connection_wait(const struct http_connection *c, int wait_ms);

/* From now on a read waits for its bytes, at most that long (more than 0): one system call instead of two,
 * and nothing between the bytes and who waits for them. HTTP_BROKEN when the system refuses, 0 otherwise. */
int http_connection_set_patience(struct http_connection *c, int wait_ms);

#define HTTP_AGAIN  (-1) /* nothing now */
#define HTTP_BROKEN (-2)

/* How many bytes were sent or read, HTTP_AGAIN or HTTP_BROKEN. 0 read: the server closed. */
ssize_t http_connection_send(struct http_connection *c, const void *bytes, size_t len);
ssize_t http_connection_read(struct http_connection *c, void *buffer, size_t size);

void http_connection_close(struct http_connection *c);

/* What took how long, as libcurl reports it, to the microsecond; ABSENT where it did not come to that. */
struct http_connection_times {
    uint64_t lookup_ns, connect_ns, tls_ns;
};

struct http_connection_times http_connection_times(struct http_connection *c);

/* Why there is no connection: what the system said, or libcurl. Names no host. Static, or until the next
 * call. */
const char *http_connection_failure(struct http_connection *c);

/* "libcurl/7.88.1 OpenSSL/3.0.15 …", for the trace's description. Borrowed. */
const char *http_library_version(void);

#endif
