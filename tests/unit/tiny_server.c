/* SPDX-License-Identifier: MIT */
#include "tests/unit/tiny_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct tiny_server {
    int listener;
    tiny_handler *handler;
    void *context;
    pthread_t thread;
    atomic_int accepted, stopping;
    char url[64];
};

void tiny_send_bytes(struct tiny_connection *c, const void *bytes, size_t len)
{
    const char *p = bytes;
    while (len && c->fd >= 0) {
        ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        p += n;
        len -= (size_t)n;
    }
}

void tiny_send(struct tiny_connection *c, const char *text)
{
    tiny_send_bytes(c, text, strlen(text));
}

void tiny_sleep_ms(int ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

int tiny_wait_for_close(struct tiny_connection *c, int ms)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    char byte;
    return poll(&p, 1, ms) == 1 && recv(c->fd, &byte, 1, 0) <= 0;
}

void tiny_reset(struct tiny_connection *c)
{
    struct linger hard = {1, 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(c->fd);
    c->fd = -1;
}

static size_t body_length(const char *head)
{
    const char *line = strstr(head, "Content-Length: ");
    return line ? (size_t)strtoul(line + 16, NULL, 10) : 0;
}

static int request_is_complete(const struct tiny_connection *c)
{
    const char *end = strstr(c->request, "\r\n\r\n");
    return end && c->request_len >= (size_t)(end + 4 - c->request) + body_length(c->request);
}

static void read_request(struct tiny_connection *c)
{
    while (c->request_len + 1 < sizeof c->request && !request_is_complete(c)) {
        ssize_t n = recv(c->fd, c->request + c->request_len, sizeof c->request - 1 - c->request_len, 0);
        if (n <= 0)
            return;
        c->request_len += (size_t)n;
        c->request[c->request_len] = '\0';
    }
}

static void serve_one(struct tiny_server *s, int fd)
{
    struct tiny_connection *c = calloc(1, sizeof *c);
    int one = 1;
    if (!c)
        abort();
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->fd = fd;
    c->number = atomic_fetch_add(&s->accepted, 1);
    read_request(c);
    s->handler(c, s->context);
    if (c->fd >= 0)
        close(c->fd);
    free(c);
}

static void *serve(void *argument)
{
    struct tiny_server *s = argument;
    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        if (atomic_load(&s->stopping) || fd < 0) {
            if (fd >= 0)
                close(fd);
            return NULL;
        }
        serve_one(s, fd);
    }
}

struct tiny_server *tiny_start(tiny_handler *handler, void *context)
{
    struct tiny_server *s = calloc(1, sizeof *s);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    if (!s)
        abort();
    s->handler = handler;
    s->context = context;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->listener, (struct sockaddr *)&address, len) || listen(s->listener, 16) ||
        getsockname(s->listener, (struct sockaddr *)&address, &len))
        abort();
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    if (pthread_create(&s->thread, NULL, serve, s))
        abort();
    return s;
}

/* A connection to ourselves wakes accept(), which closing the socket would not do everywhere. */
static void wake(const struct tiny_server *s)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    getsockname(s->listener, (struct sockaddr *)&address, &len);
    if (connect(fd, (struct sockaddr *)&address, len) == 0)
        close(fd);
}

void tiny_stop(struct tiny_server *s)
{
    atomic_store(&s->stopping, 1);
    wake(s);
    pthread_join(s->thread, NULL);
    close(s->listener);
    free(s);
}

int tiny_accepted(const struct tiny_server *s)
{
    return atomic_load(&s->accepted);
}

const char *tiny_url(const struct tiny_server *s)
{
    return s->url;
}
