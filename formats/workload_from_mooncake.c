/* SPDX-License-Identifier: MIT */
/* Mooncake's request traces: a line for each request with input_length, output_length (tokens) and hash_ids,
 * the numbers of its prompt's blocks of 512 tokens. Blocks are the same in all lines. */
#include <stdio.h>

#include "formats/alloc.h"
#include "formats/workload_script.h"

#define BLOCK_TOKENS 512

static const char *const marks[] = {"hash_ids", "input_length", NULL};

static int take_request(struct workload_script *s, struct json_pull *p, uint64_t **ids, size_t *capacity)
{
    char name[32];
    struct block_request r = {.block_tokens = BLOCK_TOKENS, .tokens = ABSENT, .max_tokens = ABSENT};
    json_pull_enter(p);
    while (json_pull_member(p)) {
        if (json_pull_is(p, "input_length"))
            r.tokens = json_pull_count(p);
        else if (json_pull_is(p, "output_length"))
            r.max_tokens = json_pull_count(p);
        else if (json_pull_is(p, "hash_ids"))
            script_read_ids(p, ids, &r.count, capacity);
        else
            json_pull_skip(p);
    }
    if (r.tokens == ABSENT)
        json_pull_fail(p, TT_SYNTAX, "a request has no input_length");
    if (p->status)
        return p->status;
    r.ids = *ids;
    snprintf(name, sizeof name, "r%05llu", (unsigned long long)s->phases + 1);
    return script_blocks(s, name, &r);
}

static int read_file(struct workload_script *s)
{
    struct import_reader reader;
    uint64_t *ids = NULL;
    size_t capacity = 0;
    int status = import_open(&s->im, &reader, 0, 1);
    while (!status && !script_is_full(s) && json_pull_next(&reader.pull))
        status = take_request(s, &reader.pull, &ids, &capacity);
    mem_free(ids);
    return import_close(&reader, status);
}

const struct workload_kind workload_from_mooncake = {"mooncake", marks, read_file};
