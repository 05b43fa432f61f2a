/* SPDX-License-Identifier: MIT */
/* First figures of a run while it goes on and as soon as it is over: for the person who waits, and for what
 * the recorder decides next (was the cold run cold?). The report computes the real ones from the trace.
 *
 * The receiving thread only copies bytes in (live_add); whoever wants figures parses them, in another thread
 * or later. Memory of what was parsed is used again. */
#ifndef TOKTAPE_LIVE_H
#define TOKTAPE_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/answer_text.h"
#include "formats/bytes.h"
#include "formats/schema.h"

struct live_run;

struct live_figures {
    double ttft_ms, decode_tok_s; /* NAN when unknown */
    uint64_t tokens, prompt_tokens,
        cached_tokens;    /* ABSENT when unknown; tokens are the visible ones until usage */
    uint64_t text_frames; /* that bear tokens */
    int has_counts;       /* one of them says how many tokens there are so far */
    uint64_t malformed;   /* events that are no valid JSON */
    int is_whole;         /* 200, no error object; a token and finish_reason, unless it is cut */
    int is_cut; /* too much to keep came, or memory is out: these are the figures of the beginning */
    char finish_reason[24];
    char error[200];                              /* what the engine said, "" when nothing */
    char server[80], fingerprint[80], model[120]; /* as the answer states them, "" when it does not */
};

/* `beside` others of its kind share the memory that is taken before the first run; NULL when memory is out.
 */
struct live_run *live_new(size_t beside);

/* Wires will be asked for: no memory is used again within a run. While none is under way. */
void live_keep_wire(struct live_run *l);

/* A run starts; `t` stands in for time zero until live_end knows better. */
void live_begin(struct live_run *l, uint64_t t);

/* Keeps a read: a copy, nothing else. What is too much to keep is left out, and the figures end there. */
void live_add(struct live_run *l, uint64_t t, const void *bytes, size_t len);

/* Figures of what came so far; may be called from another thread than live_add's. */
void live_look(struct live_run *l, struct live_figures *figures);

/* Parses what came so far, likewise, unless another thread is at it: what was parsed need not be kept. */
void live_catch_up(struct live_run *l);

/* The run is over. */
void live_end(struct live_run *l, uint64_t t_zero, uint64_t t_close, struct live_figures *figures);

/* What the answer says, as far as it was looked at; cut when memory is out. Borrowed until the next run, but
 * may be taken over: answer_text_init puts another one in its place. For the thread that adds. */
struct answer_text *live_answer(struct live_run *l);

/* All bytes of the run so far, borrowed; *is_whole is 0 when they are not all there, as without
 * live_keep_wire. For the thread that adds. */
struct bytes live_wire(const struct live_run *l, int *is_whole);
void live_free(struct live_run *l);

#endif
