/* SPDX-License-Identifier: MIT */
/* A client, a tiny server and what a sink saw: the set-up of the HTTP tests. */
#ifndef TOKTAPE_HTTP_FIXTURE_H
#define TOKTAPE_HTTP_FIXTURE_H

#include "record/http.h"
#include "tests/unit/tiny_server.h"

#define READS_MAX 4096
#define HEAD_OK   "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
#define CHUNKED   HEAD_OK "Transfer-Encoding: chunked\r\n"

/* What a sink saw. */
struct seen {
    struct buf wire;
    size_t count;
    uint64_t t[READS_MAX];
    size_t len[READS_MAX];
    int refuse_with; /* returned by the callback when not 0 */
};

struct fixture {
    struct tiny_server *server;
    struct http_client *client;
    struct seen seen;
    struct http_result result;
    struct error error;
};

void open_fixture(struct fixture *f, tiny_handler *handler, void *context);
void close_fixture(struct fixture *f);
struct http_request post(const struct fixture *f, const char *body); /* bounded to 20 s */
int perform(struct fixture *f, const struct http_request *request, const volatile sig_atomic_t *interrupted);
void play(struct fixture *f, tiny_handler *handler, void *context); /* opens, and makes one POST */
double elapsed_ms(const struct fixture *f);

#endif
