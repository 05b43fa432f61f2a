/* SPDX-License-Identifier: MIT */
/* Prints when each token of a trace arrived: run, phase, milliseconds since the request was sent, tokens.
 *
 *     cc token_times.c $(pkg-config --cflags --libs toktape) -o token_times
 *     ./token_times run.toktape
 *
 * The library is installed by a build with -DTOKTAPE_INSTALL_DEV=ON. */
#include <inttypes.h>
#include <stdio.h>
#include <toktape/reader.h>

struct totals {
    uint64_t runs, invalid;
    double tokens;
};

static int print_run(const struct toktape_run *run, void *context)
{
    struct totals *totals = context;
    totals->runs++;
    totals->invalid += !run->is_valid;
    for (size_t i = 0; i < run->arrival_count; i++) {
        const struct toktape_arrival *arrival = &run->arrivals[i];
        printf("%" PRIu64 "\t%s\t%.3f\t%g\n", run->run, run->phase, (double)arrival->t_ns / 1e6,
               arrival->tokens);
        totals->tokens += arrival->tokens;
    }
    return ferror(stdout); /* nobody reads any more: leave */
}

static int print_trace(const char *path)
{
    struct totals totals = {0, 0, 0};
    struct toktape_message message;
    int code = toktape_read(path, TOKTAPE_ALLOW_INCOMPLETE, print_run, &totals, &message);
    if (*message.text)
        fprintf(stderr, "token_times: %s\n", message.text);
    fprintf(stderr, "%s: %" PRIu64 " runs (%" PRIu64 " invalid), %.0f tokens\n", path, totals.runs,
            totals.invalid, totals.tokens);
    return code;
}

int main(int argc, char **argv)
{
    int worst = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: token_times TRACE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        int code = print_trace(argv[i]);
        if (code > worst)
            worst = code;
    }
    return worst;
}
