/* SPDX-License-Identifier: MIT */
/* reading_cpu TRACE: prints the CPU, in microseconds, that the threads which talked to the engine took for
 * all runs of a trace. */
#include <stdio.h>

#include "formats/trace_reader.h"

static uint64_t sum_of(const struct rows *ends)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < rows_count(ends); i++) {
        struct run_end_row row;
        rows_get(ends, i, &row);
        sum += row.recorder_cpu_ns == ABSENT ? 0 : row.recorder_cpu_ns;
    }
    return sum;
}

int main(int argc, char **argv)
{
    struct error e = {0};
    struct trace_reader *reader = NULL;
    struct trace_item item = {0};
    uint64_t sum = 0;
    int status = argc == 2 ? trace_reader_open(&reader, argv[1], NULL, &e)
                           : error_set(&e, TT_USAGE, "usage: reading_cpu TRACE");
    while (!status && item.kind != TRACE_STOP) {
        status = trace_reader_next(reader, &item, &e);
        if (!status && item.kind == TRACE_DATA)
            sum += sum_of(item.rows[TABLE_RUN_END]);
    }
    trace_reader_free(reader);
    if (status)
        fprintf(stderr, "reading_cpu: %s\n", e.text);
    else
        printf("%llu\n", (unsigned long long)(sum / 1000));
    return status != TT_OK;
}
