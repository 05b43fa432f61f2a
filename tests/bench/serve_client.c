/* SPDX-License-Identifier: MIT */
/* serve_client PORT TOKENS [GAP_NS]: asks for a stream of TOKENS tokens, takes the clock after each recv(2),
 * and prints the number of reads and how far the gaps between them are from GAP_NS: p50 and p99 of the
 * absolute error, in microseconds. Without GAP_NS it prints the reads' times, one a line, in nanoseconds
 * since the connection. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READS_MAX 200000

static uint64_t times[READS_MAX];
static double errors[READS_MAX];

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int ask(unsigned long port, const char *tokens)
{
    char request[400], body[200];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int len = snprintf(
        body, sizeof body,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"}],\"max_tokens\":%s,\"stream\":true}", tokens);
    int n = snprintf(request, sizeof request,
                     "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s",
                     len, body);
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) {
        perror("serve_client");
        exit(1);
    }
    times[0] = now_ns();
    if (send(fd, request, (size_t)n, 0) != n) {
        perror("serve_client");
        exit(1);
    }
    return fd;
}

static size_t receive(int fd)
{
    static char bytes[1 << 16];
    size_t count = 1;
    while (count < READS_MAX && recv(fd, bytes, sizeof bytes, 0) > 0)
        times[count++] = now_ns();
    return count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: serve_client PORT TOKENS [GAP_NS]\n");
        return 2;
    }
    size_t count = receive(ask(strtoul(argv[1], NULL, 10), argv[2]));
    if (argc == 3) {
        for (size_t i = 1; i < count; i++)
            printf("%llu\n", (unsigned long long)(times[i] - times[0]));
        return 0;
    }
    double gap = strtod(argv[3], NULL);
    size_t n = 0;
    for (size_t i = 3; i < count && i < strtoul(argv[2], NULL, 10); i++) {
        double error = (double)(times[i] - times[i - 1]) - gap;
        errors[n++] = error < 0 ? -error : error;
    }
    qsort(errors, n, sizeof *errors, compare);
    if (n)
        printf("%zu reads, gap error p50 %.1f us, p99 %.1f us\n", count - 1, errors[n / 2] / 1e3,
               errors[(size_t)((double)(n - 1) * 0.99)] / 1e3);
    return 0;
}
