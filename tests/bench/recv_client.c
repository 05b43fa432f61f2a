/* SPDX-License-Identifier: MIT */
/* recv_client PORT FRAMES [cost|able]: the floor of what a client can do. Asks the stamp server for FRAMES
 * frames, takes the clock after each recv(2), and prints one line a frame: arrival minus the sender's stamp
 * in nanoseconds. Begins 0.3 s after it was started, as arrival.sh wants it. With `cost` it begins at once,
 * keeps and prints nothing, so that its CPU is that of the reads alone. With `able` likewise, but it does
 * what a recorder may not go without: it gives up waiting for an engine that fell silent, and reads when a
 * token comes, not when the turn of another thread is over. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "record/http.h"
#include "record/thread.h"

struct read_mark {
    uint64_t t;
    size_t end; /* bytes received up to here */
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int ask(unsigned long port, unsigned long frames)
{
    char request[400], body[100];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int len = snprintf(body, sizeof body, "{\"max_tokens\":%lu,\"stream\":true}", frames);
    int n = snprintf(request, sizeof request,
                     "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s",
                     len, body);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) || send(fd, request, (size_t)n, 0) != n) {
        perror("recv_client");
        exit(1);
    }
    return fd;
}

/* A frame's arrival is that of the read that brought its last byte. */
static void print_errors(const char *bytes, size_t len, const struct read_mark *marks, size_t count)
{
    size_t m = 0;
    const char *p = bytes;
    while ((p = memmem(p, len - (size_t)(p - bytes), "\"content\":\" ", 12)) != NULL) {
        const char *end = memmem(p, len - (size_t)(p - bytes), "\n\n", 2);
        if (!end)
            return;
        while (m < count && marks[m].end < (size_t)(end + 2 - bytes))
            m++;
        printf("%lld\n", (long long)(marks[m].t - strtoull(p + 12, NULL, 10)));
        p = end;
    }
}

static void be_able(int fd)
{
    struct timeval patience = {.tv_usec = HTTP_WAIT_MAX_MS * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    thread_go_first();
}

static int read_only(int fd)
{
    static char bytes[16384];
    uint64_t last = 0;
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        last = now_ns();
    close(fd);
    return last == 0;
}

int main(int argc, char **argv)
{
    unsigned long frames = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (!frames)
        return 2;
    if (argc > 3) {
        int fd = ask(strtoul(argv[1], NULL, 10), frames);
        if (strcmp(argv[3], "able") == 0)
            be_able(fd);
        return read_only(fd);
    }
    size_t room = frames * 600 + 65536, len = 0, count = 0;
    char *bytes = malloc(room);
    struct read_mark *marks = malloc((frames * 2 + 100) * sizeof *marks);
    if (!bytes || !marks)
        return 1;
    memset(bytes, 0, room);
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    int fd = ask(strtoul(argv[1], NULL, 10), frames);
    for (;;) {
        ssize_t n = recv(fd, bytes + len, room - len < 16384 ? room - len : 16384, 0);
        uint64_t t = now_ns();
        if (n <= 0)
            break;
        len += (size_t)n;
        if (count < frames * 2 + 100)
            marks[count++] = (struct read_mark){t, len};
    }
    close(fd);
    print_errors(bytes, len, marks, count);
    free(bytes);
    free(marks);
    return 0;
}
