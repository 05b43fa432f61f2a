/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct greeting {
    int failed;
    uint16_t port;
    pid_t grandchild;
};

static int bind_loopback(int fd, int family, uint16_t port)
{
    if (family == AF_INET6) {
        struct sockaddr_in6 in6 = {
            .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        return bind(fd, (struct sockaddr *)&in6, sizeof in6);
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(fd, (struct sockaddr *)&in, sizeof in);
}

static uint16_t bound_port(int fd, int family)
{
    struct sockaddr_in6 in6;
    struct sockaddr_in in;
    socklen_t len = family == AF_INET6 ? sizeof in6 : sizeof in;
    if (getsockname(fd, family == AF_INET6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in, &len) != 0)
        return 0;
    return ntohs(family == AF_INET6 ? in6.sin6_port : in.sin_port);
}

static int listen_on(int family, uint16_t port, struct greeting *hello)
{
    int yes = 1, fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind_loopback(fd, family, port) != 0 || listen(fd, 1) != 0)
        return -1;
    hello->port = bound_port(fd, family);
    return fd;
}

/* Until the other end is closed: its parent died or gave it up. */
static void wait_for_the_end(int control)
{
    char byte;
    while (read(control, &byte, 1) > 0)
        ;
    _exit(0);
}

static void obey(int control)
{
    size_t bytes;
    while (read(control, &bytes, sizeof bytes) == (ssize_t)sizeof bytes) {
        char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
        if (memory == MAP_FAILED)
            _exit(1);
        memset(memory, 1, bytes);
        if (write(control, "+", 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static void live(int control, int family, uint16_t port, int with_grandchild)
{
    struct greeting hello;
    memset(&hello, 0, sizeof hello); /* its padding is sent, too */
    int pair[2], listener = -1;
    if (with_grandchild && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) {
        hello.grandchild = fork();
        if (hello.grandchild == 0) {
            close(control);
            close(pair[0]);
            wait_for_the_end(pair[1]);
        }
        close(pair[1]); /* pair[0] closes with this process, which ends the grandchild */
    }
    if (family)
        listener = listen_on(family, port, &hello);
    hello.failed = family && listener < 0;
    if (write(control, &hello, sizeof hello) != (ssize_t)sizeof hello)
        _exit(1);
    obey(control);
}

int child_start(struct child *c, int family, uint16_t port, int with_grandchild)
{
    int pair[2];
    struct greeting hello;
    memset(c, 0, sizeof *c);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return -1;
    c->pid = fork();
    if (c->pid == 0) {
        close(pair[0]);
        live(pair[1], family, port, with_grandchild);
    }
    close(pair[1]);
    c->control = pair[0];
    if (c->pid < 0 || read(c->control, &hello, sizeof hello) != (ssize_t)sizeof hello || hello.failed) {
        child_kill(c);
        return -1;
    }
    c->port = hello.port;
    c->grandchild = hello.grandchild;
    return 0;
}

void child_touch(struct child *c, size_t bytes)
{
    char answer;
    if (write(c->control, &bytes, sizeof bytes) != (ssize_t)sizeof bytes || read(c->control, &answer, 1) != 1)
        abort();
}

void child_kill(struct child *c)
{
    if (c->pid > 0) {
        kill(c->pid, SIGKILL);
        waitpid(c->pid, NULL, 0);
        close(c->control);
    }
    c->pid = 0;
}
