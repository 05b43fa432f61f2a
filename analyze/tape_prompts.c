/* SPDX-License-Identifier: MIT */
#include "analyze/tape_prompts.h"

#include <string.h>

#include "analyze/request.h"
#include "formats/alloc.h"

/* The different bodies that runs were sent with, and their prompts one after another. */
struct prompts {
    const struct bodies *bodies;
    uint64_t *of_body; /* index of each body's prompt, ABSENT without */
    uint64_t *body_of; /* and back */
    size_t count;
    struct buf text, body;
    size_t *ends; /* of each prompt in `text` */
    uint64_t *keys;
};

static void release(struct prompts *p)
{
    mem_free(p->of_body);
    mem_free(p->body_of);
    mem_free(p->ends);
    mem_free(p->keys);
    buf_release(&p->text);
    buf_release(&p->body);
}

static int init(struct prompts *p, const struct bodies *bodies)
{
    memset(p, 0, sizeof *p);
    p->bodies = bodies;
    buf_init(&p->text, TAPE_PROMPTS_MAX);
    buf_init(&p->body, BODY_MAX);
    p->of_body = mem_alloc((bodies->count + 1) * sizeof *p->of_body);
    p->body_of = mem_alloc(OVERLAP_PROMPTS_MAX * sizeof *p->body_of);
    p->ends = mem_alloc(OVERLAP_PROMPTS_MAX * sizeof *p->ends);
    p->keys = mem_alloc(OVERLAP_PROMPTS_MAX * sizeof *p->keys);
    for (size_t i = 0; p->of_body && i < bodies->count; i++)
        p->of_body[i] = ABSENT;
    return p->of_body && p->body_of && p->ends && p->keys ? TT_OK : TT_NOMEM;
}

/* Tools come before the messages in every template's prompt. */
static int add_prompt(struct prompts *p, uint64_t body)
{
    struct request_facts request;
    if (body >= p->bodies->count || p->of_body[body] != ABSENT)
        return TT_OK;
    if (p->count >= OVERLAP_PROMPTS_MAX)
        return TT_LIMIT;
    int status = bodies_assemble(p->bodies, body, 0, &p->body, NULL);
    if (status)
        return status == TT_NOMEM ? status : TT_OK;
    request_read(&request, p->body.data, p->body.len);
    if (!request.conversation.len)
        return TT_OK;
    size_t start = p->text.len;
    status = buf_append(&p->text, request.tools.data, request.tools.len);
    if (!status)
        status = buf_append(&p->text, request.conversation.data, request.conversation.len);
    if (status)
        return status;
    p->keys[p->count] = xxh64_of(p->text.data + start, p->text.len - start);
    p->ends[p->count] = p->text.len;
    p->body_of[p->count] = body;
    p->of_body[body] = p->count++;
    return TT_OK;
}

static int has_all_ids(const struct prompts *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!bodies_ids(p->bodies, p->body_of[i]).len)
            return 0;
    }
    return p->count > 0;
}

static int compare(const struct prompts *p, struct overlap *overlap)
{
    int by_ids = has_all_ids(p);
    struct bytes *texts = mem_alloc((p->count + 1) * sizeof *texts);
    if (!texts)
        return TT_NOMEM;
    for (size_t i = 0; i < p->count; i++) {
        size_t start = i ? p->ends[i - 1] : 0;
        texts[i] = by_ids ? bodies_ids(p->bodies, p->body_of[i])
                          : (struct bytes){p->text.data + start, p->ends[i] - start};
    }
    int status = overlap_init(overlap, by_ids ? OVERLAP_TOKENS : OVERLAP_BYTES, texts, p->count);
    mem_free(texts);
    return status;
}

static void tell_runs(const struct prompts *p, struct tape *tape)
{
    for (size_t i = 0; i < tape->run_count; i++) {
        struct run_figures *run = tape_run_at(tape, i);
        if (run->body >= p->bodies->count || p->of_body[run->body] == ABSENT)
            continue;
        run->prompt = p->of_body[run->body];
        run->prompt_key = p->keys[run->prompt];
    }
}

int tape_prompts_compare(struct tape *tape, const struct bodies *bodies, struct error *e)
{
    struct prompts p;
    int status = init(&p, bodies);
    for (size_t i = 0; !status && i < tape->run_count; i++)
        status = add_prompt(&p, tape_run_at(tape, i)->body);
    if (!status)
        status = compare(&p, &tape->overlap);
    if (!status)
        tell_runs(&p, tape);
    release(&p);
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory");
    return TT_OK; /* over a cap: nothing is known of what the prompts share */
}
