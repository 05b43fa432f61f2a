/* SPDX-License-Identifier: MIT */
/* Agentic coding conversations as kv-cache-tester keeps them: one document a conversation with `requests` of
 * type "n" or "s" (in, out, hash_ids, think_time) and "subagent", which has requests of its own. Block
 * numbers are the conversation's. */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/workload_script.h"

#define BLOCK_TOKENS 64 /* where the document does not say */

static const char *const marks[] = {"requests", "block_size", NULL};

struct conversation {
    struct workload_script *script;
    uint64_t scope, block_tokens;
    uint64_t *ids;
    size_t capacity;
    unsigned agents; /* sub-agents so far */
};

static int take_requests(struct conversation *c, struct json_pull *p, unsigned agent);

/* What a sub-agent asked stands where it was called, one request after another. */
static int take_request(struct conversation *c, struct json_pull *p, unsigned agent)
{
    char name[60];
    int status = TT_OK, has_text = 0;
    struct block_request r = {.scope = c->scope, .tokens = ABSENT, .max_tokens = ABSENT};
    unsigned own = 0;
    json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        if (json_pull_is(p, "in"))
            r.tokens = json_pull_count(p), has_text = 1;
        else if (json_pull_is(p, "out"))
            r.max_tokens = json_pull_count(p);
        else if (json_pull_is(p, "think_time") && json_pull_type(p) == JSCAN_NUMBER)
            r.think_ms = json_pull_scaled(p, 1e3);
        else if (json_pull_is(p, "hash_ids"))
            script_read_ids(p, &c->ids, &r.count, &c->capacity);
        else if (json_pull_is(p, "requests") && json_pull_type(p) == JSCAN_ARRAY) {
            own = own ? own : ++c->agents;
            status = take_requests(c, p, own);
        } else
            json_pull_skip(p);
    }
    if (status || p->status || own || !has_text)
        return status ? status : p->status;
    r.ids = c->ids;
    r.block_tokens = c->block_tokens;
    if (agent)
        snprintf(name, sizeof name, "c%llu-a%u-r%05llu", (unsigned long long)c->script->file + 1, agent,
                 (unsigned long long)c->script->phases + 1);
    else
        snprintf(name, sizeof name, "c%llu-r%05llu", (unsigned long long)c->script->file + 1,
                 (unsigned long long)c->script->phases + 1);
    return script_blocks(c->script, name, &r);
}

static int take_requests(struct conversation *c, struct json_pull *p, unsigned agent)
{
    int status = TT_OK;
    json_pull_enter(p);
    while (!status && json_pull_element(p)) {
        if (script_is_full(c->script))
            json_pull_skip(p);
        else
            status = take_request(c, p, agent);
    }
    return status ? status : p->status;
}

/* The size of blocks may stand behind the requests, so that a first reading looks for it. */
static int find_block_size(struct conversation *c)
{
    struct import_reader r;
    int status = import_open(&c->script->im, &r, 0, 1);
    if (!status && json_pull_next(&r.pull) && json_pull_find(&r.pull, "block_size"))
        c->block_tokens = json_pull_count(&r.pull);
    if (!status && (c->block_tokens == ABSENT || c->block_tokens == 0))
        json_pull_fail(&r.pull, TT_SYNTAX, "a block has no tokens");
    return import_close(&r, status);
}

static int read_file(struct workload_script *s)
{
    struct import_reader r;
    struct conversation c = {.script = s, .scope = s->file + 1, .block_tokens = BLOCK_TOKENS};
    int status = find_block_size(&c);
    if (status)
        return status;
    status = import_open(&s->im, &r, 0, 1);
    if (!status && json_pull_next(&r.pull) && json_pull_find(&r.pull, "requests") &&
        json_pull_type(&r.pull) == JSCAN_ARRAY)
        status = take_requests(&c, &r.pull, 0);
    while (!status && r.pull.depth && json_pull_member(&r.pull))
        json_pull_skip(&r.pull);
    if (!status && json_pull_next(&r.pull))
        json_pull_fail(&r.pull, TT_SYNTAX, "something follows the conversation");
    mem_free(c.ids);
    return import_close(&r, status);
}

const struct workload_kind workload_from_weka = {"weka", marks, read_file};
