/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "replay/completion.h"

#define EVENTS_MAX ((size_t)64 << 20) /* of one slice */

enum stage { STAGE_PREFILL, STAGE_TOKENS, STAGE_FINISH, STAGE_DONE, STAGE_END };

struct generator {
    struct feed base;
    struct generation generation;
    struct completion_state state;
    struct stepper stepper;
    struct buf out;
    enum stage stage;
    uint64_t comments; /* keep-alive comments sent */
};

static uint64_t now_ns(const struct generator *r)
{
    return (uint64_t)r->stepper.t_ns;
}

static void note_step(struct generator *r)
{
    r->state.tokens = r->stepper.done;
    r->state.accepted = r->stepper.accepted;
    r->state.decode_ns = r->stepper.t_ns - (double)r->generation.first_ns;
}

/* A comment during prefill, when the next is due before the first token. llama.cpp sends an empty one, others
 * tell how far they are. */
static int give_comment(struct generator *r, struct slice *out)
{
    const struct generation *g = &r->generation;
    const struct profile *p = r->state.profile;
    double due = (double)(r->comments + 1) * p->keepalive_ms * 1e6;
    if (p->keepalive_ms <= 0 || due >= (double)g->first_ns)
        return 0;
    r->comments++;
    if (p->style == STYLE_LLAMA_CPP)
        buf_puts(&r->out, ":\n\n");
    else
        buf_printf(&r->out, ": keepalive %llu/%llu\n\n",
                   (unsigned long long)((double)g->prompt_tokens * due / (double)g->first_ns),
                   (unsigned long long)g->prompt_tokens);
    *out = (struct slice){(uint64_t)due, buf_bytes(&r->out), FEED_MORE};
    return 1;
}

static const char *field_of(const struct generator *r, enum token_part part)
{
    return part == TOKEN_REASONING ? r->state.profile->reasoning_field : "content";
}

/* One event for tokens `from` to `to`, which are of one part and stand behind one another in the text. */
static void write_tokens(struct generator *r, size_t from, size_t to)
{
    const struct generation *g = &r->generation;
    const struct answer_token *first = &g->tokens[from], *last = &g->tokens[to - 1];
    struct bytes text = {g->text.data + first->offset, last->offset + last->len - first->offset};
    r->state.with_timings = g->timings_per_token;
    switch (first->part) {
    case TOKEN_SILENT:
        break;
    case TOKEN_TOOL_NAME:
        completion_tool_event(&r->out, &r->state, 1, (struct bytes){NULL, 0});
        break;
    case TOKEN_TOOL_ARGUMENTS:
        completion_tool_event(&r->out, &r->state, 0, text);
        break;
    default:
        completion_text_event(&r->out, &r->state, field_of(r, first->part), text);
    }
}

/* Every token of a step is an event, or neighbours of one part are one event together. */
static void write_step(struct generator *r, size_t burst)
{
    const struct generation *g = &r->generation;
    size_t end = r->stepper.done, from = end - burst;
    while (from < end) {
        size_t to = from + 1;
        while (r->state.profile->merge_bursts && to < end && g->tokens[to].part == g->tokens[from].part)
            to++;
        r->state.tokens = to;
        write_tokens(r, from, to);
        from = to;
    }
}

/* The next step that has something to show; 0 when the tokens are over. */
static int give_step(struct generator *r, struct slice *out)
{
    size_t burst;
    while ((burst = stepper_next(&r->stepper, r->state.profile, &r->generation)) > 0) {
        note_step(r);
        r->state.with_timings = 0;
        if (r->stepper.done == burst && r->state.profile->role_chunk)
            completion_role_event(&r->out, &r->state);
        write_step(r, burst);
        if (r->out.len || r->out.failed) {
            *out = (struct slice){now_ns(r), buf_bytes(&r->out), FEED_MORE};
            return 1;
        }
    }
    return 0;
}

/* Timings ride on the usage event, or on the finish event when nobody asked for usage. */
static void give_finish(struct generator *r, struct slice *out)
{
    int timings = r->state.profile->timings, usage = r->generation.include_usage;
    note_step(r);
    r->state.with_timings = timings && !usage;
    completion_finish_event(&r->out, &r->state);
    r->state.with_timings = timings;
    if (usage)
        completion_usage_event(&r->out, &r->state);
    *out = (struct slice){now_ns(r), buf_bytes(&r->out), FEED_MORE};
}

static void give_done(struct generator *r, struct slice *out)
{
    completion_done_event(&r->out);
    *out = (struct slice){now_ns(r), buf_bytes(&r->out), FEED_MORE};
}

static int stream_next(struct feed *base, struct slice *out)
{
    struct generator *r = (struct generator *)base;
    buf_clear(&r->out);
    if (r->stage == STAGE_PREFILL && give_comment(r, out))
        return r->out.failed;
    if (r->stage <= STAGE_TOKENS) {
        r->stage = STAGE_TOKENS;
        if (give_step(r, out))
            return r->out.failed;
        r->stage = STAGE_FINISH;
    }
    if (r->stage == STAGE_FINISH) {
        give_finish(r, out);
        r->stage = r->state.profile->done ? STAGE_DONE : STAGE_END;
    } else if (r->stage == STAGE_DONE) {
        give_done(r, out);
        r->stage = STAGE_END;
    } else {
        *out = (struct slice){now_ns(r), {NULL, 0}, FEED_WHOLE};
    }
    return r->out.failed;
}

static int document_next(struct feed *base, struct slice *out)
{
    struct generator *r = (struct generator *)base;
    if (r->stage == STAGE_END) {
        *out = (struct slice){now_ns(r), {NULL, 0}, FEED_WHOLE};
        return TT_OK;
    }
    while (stepper_next(&r->stepper, r->state.profile, &r->generation) > 0)
        ;
    note_step(r);
    r->state.with_timings = r->state.profile->timings;
    completion_document(&r->out, &r->state);
    *out = (struct slice){now_ns(r), buf_bytes(&r->out), FEED_MORE};
    r->stage = STAGE_END;
    return r->out.failed;
}

static void generator_free(struct feed *base)
{
    struct generator *r = (struct generator *)base;
    generation_release(&r->generation);
    buf_release(&r->out);
    mem_free(r);
}

struct feed *generation_feed(struct generation *g, const struct profile *p)
{
    struct generator *r = mem_zalloc(1, sizeof *r);
    if (!r) {
        generation_release(g);
        return NULL;
    }
    r->generation = *g;
    memset(g, 0, sizeof *g);
    r->base = (struct feed){r->generation.stream ? stream_next : document_next, generator_free};
    r->state = (struct completion_state){p, &r->generation, 0, 0, 0, 0};
    buf_init(&r->out, EVENTS_MAX);
    stepper_init(&r->stepper, &r->generation);
    return &r->base;
}
