/* SPDX-License-Identifier: MIT */
/* A socket server for tests: each accepted connection is played by a handler, byte by byte and as rudely as
 * wanted. */
#ifndef TOKTAPE_TINY_SERVER_H
#define TOKTAPE_TINY_SERVER_H

#include <stddef.h>

struct tiny_server;

/* One accepted connection; its request (head and, with Content-Length, body) has been read when the handler
 * runs. */
struct tiny_connection {
    int fd;
    int number; /* 0, 1 … in the order of acceptance */
    char request[1 << 16];
    size_t request_len;
};

typedef void tiny_handler(struct tiny_connection *c, void *context);

/* Listens on a free port of 127.0.0.1 and serves one connection after another on a thread of its own. */
struct tiny_server *tiny_start(tiny_handler *handler, void *context);
void tiny_stop(struct tiny_server *s);
int tiny_accepted(const struct tiny_server *s);    /* connections so far */
const char *tiny_url(const struct tiny_server *s); /* "http://127.0.0.1:PORT" */

void tiny_send(struct tiny_connection *c, const char *text);
void tiny_send_bytes(struct tiny_connection *c, const void *bytes, size_t len);
void tiny_sleep_ms(int ms);
/* Keeps the connection open until the peer closes it, at most `ms`. 1: the peer closed. */
int tiny_wait_for_close(struct tiny_connection *c, int ms);
void tiny_reset(struct tiny_connection *c); /* closes with RST */

#endif
