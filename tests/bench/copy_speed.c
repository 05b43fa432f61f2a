/* SPDX-License-Identifier: MIT */
/* copy_speed: reads standard input whole and prints the CPU that copying it once takes, in microseconds: the
 * least of nine times. What no reader of the same bytes can beat. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMES 9

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static char *read_all(size_t *len)
{
    size_t capacity = (size_t)1 << 20, got;
    char *bytes = malloc(capacity);
    *len = 0;
    while (bytes && (got = fread(bytes + *len, 1, capacity - *len, stdin)) > 0) {
        *len += got;
        if (*len < capacity)
            continue;
        capacity *= 2;
        char *bigger = realloc(bytes, capacity);
        if (!bigger)
            free(bytes);
        bytes = bigger;
    }
    return bytes;
}

int main(void)
{
    size_t len;
    char *bytes = read_all(&len), *copy = malloc(len + 1);
    double least = 1e30;
    if (!bytes || !copy)
        return 2;
    copy[len] = '\0';
    copy[len / 2] = '\0';
    for (int i = 0; i < TIMES; i++) {
        double begin = cpu_us();
        memcpy(copy, bytes, len);
        double took = cpu_us() - begin;
        least = took < least ? took : least;
        bytes[len ? (size_t)i % len : 0] = copy[len / 2]; /* so that no copy can be left out */
    }
    printf("%.0f\n", least);
    free(bytes);
    free(copy);
    return 0;
}
