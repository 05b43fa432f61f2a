/* SPDX-License-Identifier: MIT */
/* mask_speed TRACE-WIRE: megabytes that masking takes in in a second of CPU, over one recorded response again
 * and again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "formats/buf.h"
#include "formats/io.h"
#include "formats/mask_wire.h"

#define TOTAL_BYTES ((size_t)256 << 20)
#define READ_BYTES  300

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int mask_once(const struct buf *wire, unsigned char *copy)
{
    static const struct mask_key key = {{1}};
    struct mask_wire *w = mask_wire_new(&key);
    int status = w ? 0 : -1;
    memcpy(copy, wire->data, wire->len);
    for (size_t at = 0; at < wire->len && !status; at += READ_BYTES)
        status = mask_wire_run(w, copy + at, wire->len - at < READ_BYTES ? wire->len - at : READ_BYTES);
    mask_wire_free(w);
    return status;
}

int main(int argc, char **argv)
{
    struct buf wire = BUF_INIT;
    if (argc != 2 || io_read_file(argv[1], (size_t)64 << 20, &wire, NULL) || !wire.len)
        return 2;
    unsigned char *copy = malloc(wire.len);
    size_t times = TOTAL_BYTES / wire.len + 1;
    double begin = cpu_seconds();
    for (size_t i = 0; copy && i < times; i++) {
        if (mask_once(&wire, copy))
            return 1;
    }
    printf("masking: %.0f MB/s of CPU time\n", (double)(times * wire.len) / (cpu_seconds() - begin) / 1e6);
    free(copy);
    buf_release(&wire);
    return 0;
}
