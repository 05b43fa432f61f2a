/* SPDX-License-Identifier: MIT */
/* stamp_server RATE [PORT [MANY]]: an engine for benchmarks. Answers every POST with a server-sent-event
 * stream whose frames carry the sender's own CLOCK_MONOTONIC time, RATE frames a second (0: as fast as the
 * socket takes them). The number of frames is the request's max_tokens. Prints its URL, then serves one
 * connection at a time for ever; with MANY other than 0 each in a process of its own, which sleeps until a
 * frame is due and does not spin, so that a few cores are enough for many streams. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX 65536

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, 0);
        if (n <= 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static int send_chunk(int fd, const char *text, size_t len)
{
    char chunk[700];
    int head = snprintf(chunk, sizeof chunk, "%zx\r\n", len);
    memcpy(chunk + head, text, len);
    memcpy(chunk + head + len, "\r\n", 2);
    return send_all(fd, chunk, (size_t)head + len + 2);
}

/* The shape and size of a llama-server chunk; the text is the time at which the frame was made. */
static int send_frame(int fd)
{
    char frame[600];
    int n = snprintf(
        frame, sizeof frame,
        "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\" %020llu\"}}],"
        "\"created\":1795409267,\"id\":\"chatcmpl-vyZzuR8DOK18H0wvSPh5Ej1jfUA6Ciej\",\"model\":\"stamp\","
        "\"system_fingerprint\":\"b0-stamp\",\"object\":\"chat.completion.chunk\"}\n\n",
        (unsigned long long)now_ns());
    return send_chunk(fd, frame, (size_t)n);
}

static uint64_t spin_ns = 200000;

static void wait_until(uint64_t due)
{
    uint64_t now = now_ns();
    if (due > now + spin_ns) {
        struct timespec rest = {(time_t)((due - now - spin_ns) / 1000000000u),
                                (long)((due - now - spin_ns) % 1000000000u)};
        nanosleep(&rest, NULL);
    }
    while (now_ns() < due)
        ;
}

static void stream(int fd, unsigned long frames, double rate)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n";
    static const char tail[] =
        "data: {\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"delta\":{}}]}\n\n";
    char usage[200];
    if (send_all(fd, head, sizeof head - 1))
        return;
    uint64_t start = now_ns();
    for (unsigned long i = 0; i < frames; i++) {
        if (rate > 0)
            wait_until(start + (uint64_t)((double)(i + 1) * 1e9 / rate));
        if (send_frame(fd))
            return;
    }
    int n = snprintf(usage, sizeof usage,
                     "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":%lu}}\n\n",
                     frames);
    if (send_chunk(fd, tail, sizeof tail - 1) || send_chunk(fd, usage, (size_t)n))
        return;
    send_chunk(fd, "data: [DONE]\n\n", 14);
    send_all(fd, "0\r\n\r\n", 5);
}

/* Reads head and body; returns max_tokens, or 0 for anything that is no POST. */
static unsigned long read_request(int fd)
{
    static char request[REQUEST_MAX];
    size_t len = 0;
    for (;;) {
        ssize_t n = recv(fd, request + len, REQUEST_MAX - 1 - len, 0);
        if (n <= 0)
            return 0;
        len += (size_t)n;
        request[len] = '\0';
        char *body = strstr(request, "\r\n\r\n");
        if (!body)
            continue;
        char *length = strstr(request, "Content-Length: ");
        size_t want = length ? strtoul(length + 16, NULL, 10) : 0;
        if (len < (size_t)(body + 4 - request) + want && len < REQUEST_MAX - 1)
            continue;
        char *tokens = strstr(body, "\"max_tokens\":");
        return strncmp(request, "POST", 4) == 0 && tokens ? strtoul(tokens + 13, NULL, 10) : 0;
    }
}

static void answer(int fd, double rate)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    unsigned long frames = read_request(fd);
    if (frames)
        stream(fd, frames, rate);
    else
        send_all(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 66);
    shutdown(fd, SHUT_WR);
}

int main(int argc, char **argv)
{
    double rate = argc > 1 ? strtod(argv[1], NULL) : 0;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)(argc > 2 ? strtoul(argv[2], NULL, 10) : 0))};
    socklen_t size = sizeof at;
    signal(SIGPIPE, SIG_IGN);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&at, &size)) {
        perror("stamp_server");
        return 1;
    }
    printf("http://127.0.0.1:%d\n", ntohs(at.sin_port));
    fflush(stdout);
    int is_many = argc > 3 && strtoul(argv[3], NULL, 10) != 0;
    spin_ns = is_many ? 0 : spin_ns;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        int is_child = is_many && fork() == 0;
        if (is_child || !is_many)
            answer(fd, rate);
        if (is_child)
            _exit(0);
        close(fd);
    }
}
