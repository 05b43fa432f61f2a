/* SPDX-License-Identifier: MIT */
/* What a client heard of an answer, chunk by chunk: what other tools make their figures from. */
#ifndef TOKTAPE_HEARD_H
#define TOKTAPE_HEARD_H

#include "analyze/tape.h"
#include "analyze/tokens.h"

#define HEARD_CHUNKS_MAX ((size_t)16 << 20) /* of all answers under way at one time; more is TT_LIMIT */
#define HEARD_NEVER      INT64_MIN

/* What a chunk holds; bits. */
enum heard_bits {
    HEARD_CHOICES = 1 << 0, /* a list of choices that is not empty: role and finish chunks have one, too */
    HEARD_CONTENT = 1 << 1,
    HEARD_REASONING = 1 << 2,
    HEARD_TOOL = 1 << 3, /* a name or arguments of a call */
    HEARD_USAGE = 1 << 4,
    HEARD_DONE = 1 << 5, /* [DONE] */
    HEARD_ERROR = 1 << 6,
    HEARD_MALFORMED = 1 << 7,
    HEARD_TIMINGS = 1 << 8
};

#define HEARD_TEXT (HEARD_CONTENT | HEARD_REASONING | HEARD_TOOL)

/* One event that is no comment. */
struct heard_chunk {
    int64_t ns;                     /* after time zero */
    uint32_t read;                  /* number of the read that completed it */
    uint32_t tokens;                /* that we say it carried */
    uint32_t predicted, usage, ids; /* the engine's counts in it, as the attribution wants them */
    uint16_t holds;                 /* enum heard_bits */
    uint16_t kind;                  /* enum frame_kind */
};

/* One answer. Times are nanoseconds after time zero, the sending of the request on an open connection;
 * HEARD_NEVER where there is none. */
struct heard {
    const struct run_figures *figures; /* as an on_run tap gets them; NULL for a run that had no end */
    const char *phase;                 /* "" when unknown */
    int is_replaced;                   /* a later attempt is known to count instead of it */
    int64_t due_ns, start_ns;          /* when it was due; when it began, before connecting */
    int64_t last_read_ns;
    uint64_t zero_ns;            /* time zero on the recorder's clock */
    struct chat_usage usage;     /* as the last chunk with one stated it; ABSENT */
    uint64_t usage_alone_tokens; /* completion_tokens of the last one without choices; ABSENT */
    struct heard_chunk *chunks;
    size_t count, capacity;
    const struct token_time *times; /* token-bearing reads: native ticks, and our tokens of each */
    size_t time_count;              /* of them */
};

struct heard_run;

/* Hands out each answer when its run is over, by loading the tape with the taps of heard_tap. Memory is 32
 * bytes for each chunk of the answers under way, 64 while it grows, and some 30 for each run. */
struct heard_trace {
    const struct tape *tape;
    struct heard_run *runs; /* by run id */
    size_t count, capacity;
    size_t ended; /* runs of lower ids are not under way */
    size_t chunks;
    /* Set it before the loading. The answer is borrowed for the call; what is not TT_OK ends the loading. */
    int (*take)(void *context, const struct heard_trace *heard, const struct heard *answer);
    void *context;
};

/* `tape` is the one that is going to be loaded, and is borrowed like what is in it. */
void heard_init(struct heard_trace *heard, const struct tape *tape);
void heard_release(struct heard_trace *heard);

/* Makes the options' taps fill `heard`. */
void heard_tap(struct heard_trace *heard, struct tape_options *options);

/* When the earliest of the runs under way began, on the recorder's clock; UINT64_MAX when there is none. A
 * run whose answer is handed out is over. */
uint64_t heard_earliest_start(const struct heard_trace *heard);

/* After a loading: how many of the answers that were handed out are replaced by a later attempt. The same
 * trace, loaded into the same tape again, then tells so of each. */
size_t heard_learn_replaced(struct heard_trace *heard);

/* The first and the last chunk that holds any of the bits; NULL when there is none. */
const struct heard_chunk *heard_first(const struct heard *answer, unsigned bits);
const struct heard_chunk *heard_last(const struct heard *answer, unsigned bits);

#endif
