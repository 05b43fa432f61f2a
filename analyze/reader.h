/* SPDX-License-Identifier: MIT */
/* Reads traces for other programs: their runs, and when each token of them arrived. Installed as
 * <toktape/reader.h>, and the only header that is; there is no promise yet that it stays as it is. */
#ifndef TOKTAPE_READER_H
#define TOKTAPE_READER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TOKTAPE_UNKNOWN UINT64_MAX

/* Tokens that one read from the connection brought. */
struct toktape_arrival {
    int64_t t_ns;  /* since the request was sent on the open connection */
    double tokens; /* a share, where the engine does not count them in each frame */
};

/* One request and its answer. Everything is borrowed for the call. */
struct toktape_run {
    uint64_t run;             /* which one of the trace, in the order in which they began */
    uint64_t repeat, attempt; /* pass over the workload, and try at it, from 0 */
    const char *phase;        /* name of the workload's phase, "" when it has none */
    const char *error;        /* why it failed in transport, "" when it did not */
    int is_valid;             /* complete, not empty, not looping, tool calls as declared */
    uint64_t prompt_tokens, completion_tokens, cached_tokens; /* TOKTAPE_UNKNOWN when nobody says */
    double ttft_ms, decode_tok_s;                             /* NaN when not measured */
    const struct toktape_arrival *arrivals;
    size_t arrival_count;
};

/* A value other than 0 ends the reading. */
typedef int toktape_on_run(const struct toktape_run *run, void *context);

struct toktape_message {
    char text[400]; /* one sentence, without the program's name */
};

enum toktape_flags {
    TOKTAPE_ALLOW_INCOMPLETE = 1 /* a trace whose end is missing is read as far as it goes */
};

/* Reads the trace at `path`, "-" being standard input, and calls `on_run` when each run is over. `message`
 * may be NULL. Returns 0; 2 when there is no such file; 3 when the trace is read and was incomplete or
 * repaired; 4 when it is damaged or not supported, or incomplete without the flag; 5 when it cannot be read,
 * or memory is out; or what `on_run` ended it with. */
int toktape_read(const char *path, unsigned flags, toktape_on_run *on_run, void *context,
                 struct toktape_message *message);

const char *toktape_version(void); /* "0.1.0" */

#ifdef __cplusplus
}
#endif

#endif
