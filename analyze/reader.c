/* SPDX-License-Identifier: MIT */
#include "analyze/reader.h"

#include <stdio.h>

#include "analyze/tape.h"
#include "formats/alloc.h"

_Static_assert(TOKTAPE_UNKNOWN == ABSENT, "what is unknown is handed on as it is");

struct reading {
    const struct tape *tape;
    toktape_on_run *on_run;
    void *context;
    int ended_with; /* what on_run returned */
    struct toktape_arrival *arrivals;
    size_t capacity;
};

static int64_t since_zero(const struct tape *tape, const struct run_figures *f, uint64_t t)
{
    return (int64_t)(tape_clock_ns(tape, t) - tape_clock_ns(tape, f->t_zero));
}

static int tell_run(void *context, const struct run_figures *f, const struct token_time *tokens, size_t count)
{
    struct reading *r = context;
    count = f->t_zero == ABSENT ? 0 : count;
    if (mem_grow(&r->arrivals, &r->capacity, count, sizeof *r->arrivals))
        return TT_NOMEM;
    for (size_t i = 0; i < count; i++)
        r->arrivals[i] = (struct toktape_arrival){since_zero(r->tape, f, tokens[i].t), tokens[i].tokens};
    struct toktape_run run = {.run = f->run,
                              .repeat = f->repeat,
                              .attempt = f->attempt,
                              .phase = tape_phase_name(r->tape, f->phase),
                              .error = run_error(f),
                              .is_valid = f->invalid == 0,
                              .prompt_tokens = f->prompt_tokens,
                              .completion_tokens = f->completion_tokens,
                              .cached_tokens = f->cached_tokens,
                              .ttft_ms = f->ttft_ms,
                              .decode_tok_s = f->decode_tok_s,
                              .arrivals = r->arrivals,
                              .arrival_count = count};
    r->ended_with = r->on_run(&run, r->context);
    return r->ended_with ? TT_CLOSED : TT_OK;
}

int toktape_read(const char *path, unsigned flags, toktape_on_run *on_run, void *context,
                 struct toktape_message *message)
{
    struct tape tape;
    struct error e = {0};
    struct reading reading = {.tape = &tape, .on_run = on_run, .context = context};
    struct tape_options options = {.allow_incomplete = (flags & TOKTAPE_ALLOW_INCOMPLETE) != 0,
                                   .without_prompts = 1,
                                   .without_samples = 1,
                                   .on_run = tell_run,
                                   .context = &reading};
    int status = tape_load(&tape, path, &options, &e);
    int code = status ? error_exit_code(status) : tape_is_incomplete(&tape) ? 3 : 0;
    if (reading.ended_with)
        code = reading.ended_with;
    if (message)
        snprintf(message->text, sizeof message->text, "%s", status && !reading.ended_with ? e.text : "");
    tape_release(&tape);
    mem_free(reading.arrivals);
    return code;
}
