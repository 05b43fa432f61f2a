/* SPDX-License-Identifier: MIT */
#include "formats/workload_import.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/block_text.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/workload.h"
#include "formats/workload_script.h"

#define IDS_MAX     ((size_t)1 << 18) /* blocks of one prompt */
#define TOKENS_MAX  ((uint64_t)4 << 20)
#define MEMBERS_MAX 64
#define NAME_MAX    60

static const struct workload_kind *const kinds[] = {&workload_from_mooncake, &workload_from_weka,
                                                    &workload_from_messages};
#define KINDS (sizeof kinds / sizeof kinds[0])

static int no_memory(struct workload_script *s)
{
    return error_set(s->im.error, TT_NOMEM, "out of memory");
}

/* ---- phases ---- */

int script_is_full(const struct workload_script *s)
{
    return s->options->first && s->phases == s->options->first;
}

static int no_room(struct workload_script *s)
{
    return error_set(
        s->im.error, TT_LIMIT,
        "'%s': a workload has at most %d phases and %zu MiB; --first N takes the first N requests",
        s->im.path, WORKLOAD_PHASES_MAX, JSON_FILE_MAX >> 20);
}

int script_phase(struct workload_script *s, const char *name, struct bytes messages, struct bytes tools,
                 uint64_t max_tokens, uint64_t think_ms)
{
    struct jsonout *j = &s->json;
    if (s->phases == WORKLOAD_PHASES_MAX)
        return no_room(s);
    s->phases++;
    jsonout_object(j);
    jsonout_field_string(j, "name", name);
    jsonout_field_u64(j, "max_tokens",
                      max_tokens == 0 || max_tokens == ABSENT ? 1
                      : max_tokens > WORKLOAD_TOKENS_MAX      ? WORKLOAD_TOKENS_MAX
                                                              : max_tokens);
    if (think_ms && think_ms != ABSENT)
        jsonout_field_u64(j, "think_ms", think_ms < WORKLOAD_THINK_MAX ? think_ms : WORKLOAD_THINK_MAX);
    jsonout_key(j, "messages");
    jsonout_raw(j, (const char *)messages.data, messages.len);
    if (tools.len) {
        jsonout_key(j, "tools");
        jsonout_raw(j, (const char *)tools.data, tools.len);
    }
    jsonout_end(j, '}');
    if (s->out->failed)
        return s->out->failed == TT_LIMIT ? no_room(s) : no_memory(s);
    return TT_OK;
}

/* ---- prompts of blocks ---- */

void script_read_ids(struct json_pull *p, uint64_t **ids, size_t *count, size_t *capacity)
{
    *count = 0;
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return;
    while (json_pull_element(p)) {
        if (*count == IDS_MAX)
            json_pull_fail(p, TT_LIMIT, "a prompt has too many blocks");
        else if (mem_grow(ids, capacity, *count + 1, sizeof **ids))
            json_pull_fail(p, TT_NOMEM, "out of memory");
        else
            (*ids)[(*count)++] = json_pull_count(p);
    }
}

/* The text of scopes that no block is in: what only this request has. */
#define OWN_SCOPE UINT64_MAX

static int put_prompt(struct workload_script *s, const struct block_request *r)
{
    uint64_t left = r->tokens;
    for (size_t i = 0; i < r->count && left; i++) {
        uint64_t tokens = left < r->block_tokens ? left : r->block_tokens;
        block_text(&s->prompt, r->scope, r->ids[i], (size_t)tokens * BLOCK_TEXT_TOKEN_BYTES);
        left -= tokens;
    }
    if (left || !r->tokens) /* a question has some text */
        block_text(&s->prompt, OWN_SCOPE, s->phases, (size_t)(left ? left : 1) * BLOCK_TEXT_TOKEN_BYTES);
    return s->prompt.failed;
}

int script_blocks(struct workload_script *s, const char *name, const struct block_request *r)
{
    if (r->tokens > TOKENS_MAX)
        return error_set(s->im.error, TT_LIMIT, "'%s': a prompt of %llu tokens is over the limit of %llu",
                         s->im.path, (unsigned long long)r->tokens, (unsigned long long)TOKENS_MAX);
    buf_clear(&s->prompt);
    buf_puts(&s->prompt, "[{\"role\":\"user\",\"content\":\"");
    put_prompt(s, r);
    if (buf_puts(&s->prompt, "\"}]"))
        return s->prompt.failed == TT_LIMIT ? no_room(s) : no_memory(s);
    return script_phase(s, name, buf_bytes(&s->prompt), (struct bytes){NULL, 0}, r->max_tokens, r->think_ms);
}

/* ---- which kind ---- */

static void survey(struct json_pull *p, unsigned *found)
{
    unsigned members = 0;
    if (!json_pull_next(p))
        json_pull_fail(p, TT_SYNTAX, "the file is empty");
    json_pull_enter(p);
    while (json_pull_member(p) && members++ < MEMBERS_MAX) {
        for (size_t k = 0; k < KINDS; k++) {
            for (size_t m = 0; kinds[k]->marks[m]; m++)
                found[k] |= (unsigned)json_pull_is(p, kinds[k]->marks[m]) << m;
        }
        json_pull_skip(p);
    }
}

static const struct workload_kind *kind_of(const unsigned *found)
{
    for (size_t k = 0; k < KINDS; k++) {
        size_t count = 0;
        while (kinds[k]->marks[count])
            count++;
        if (found[k] == (1u << count) - 1)
            return kinds[k];
    }
    return NULL;
}

static int choose(struct workload_script *s, const struct workload_kind **kind)
{
    unsigned found[KINDS] = {0};
    struct import_reader r;
    const char *name = s->options->kind;
    for (size_t k = 0; name && k < KINDS; k++) {
        if (strcmp(kinds[k]->name, name) == 0) {
            *kind = kinds[k];
            return TT_OK;
        }
    }
    int status = import_open(&s->im, &r, 0, 1);
    if (!status)
        survey(&r.pull, found);
    status = import_close(&r, status);
    *kind = kind_of(found);
    return status || *kind ? status
                           : error_set(s->im.error, TT_USAGE,
                                       "'%s' is no trace of requests and no transcript that import knows; "
                                       "--workload names its kind",
                                       s->im.path);
}

/* ---- the document ---- */

/* The first file's name without its ending, as a workload may be called. */
static void name_workload(const char *path, char name[NAME_MAX])
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t len = 0;
    for (; *base && len + 1 < NAME_MAX; base++) {
        int is_fine = (*base >= 'a' && *base <= 'z') || (*base >= 'A' && *base <= 'Z') ||
                      (*base >= '0' && *base <= '9') || *base == '_' || *base == '-';
        if (*base == '.' && len)
            break;
        name[len++] = is_fine ? *base : '-';
    }
    name[len] = '\0';
    if (!len || name[0] == '-')
        snprintf(name, NAME_MAX, "imported");
}

/* What was made is read as any workload is: what that refuses is refused here. */
static int prove(struct workload_script *s)
{
    struct workload w;
    int status = workload_parse(&w, s->out->data, s->out->len, s->im.error);
    if (status)
        error_prefix(s->im.error, "'%s' makes no workload", s->im.path);
    workload_release(&w);
    return status;
}

static int read_files(struct workload_script *s, const struct workload_kind *kind, const char *const *paths,
                      size_t count)
{
    int status = TT_OK;
    for (size_t i = 0; i < count && !status && !script_is_full(s); i++) {
        s->im.path = paths[i];
        s->file = i;
        status = kind->read(s);
    }
    if (!status && !s->phases)
        status = error_set(s->im.error, TT_USAGE, "'%s': there are no requests in it", s->im.path);
    return status;
}

static int write_document(struct workload_script *s, const struct workload_kind *kind,
                          const char *const *paths, size_t count)
{
    char name[NAME_MAX];
    name_workload(paths[0], name);
    jsonout_init(&s->json, s->out, 0);
    jsonout_object(&s->json);
    jsonout_field_string(&s->json, "name", name);
    jsonout_key(&s->json, "phases");
    jsonout_array(&s->json);
    int status = read_files(s, kind, paths, count);
    jsonout_end(&s->json, ']');
    jsonout_end(&s->json, '}');
    buf_putc(s->out, '\n');
    if (!status && s->out->failed)
        status = s->out->failed == TT_LIMIT ? no_room(s) : no_memory(s);
    return status ? status : prove(s);
}

static int run(struct workload_script *s, const char *const *paths, size_t count,
               struct workload_import_result *result)
{
    const struct workload_kind *kind = NULL;
    memset(result, 0, sizeof *result);
    buf_init(&s->prompt, JSON_FILE_MAX);
    buf_release(s->out);
    buf_init(s->out, JSON_FILE_MAX);
    s->im.path = paths[0];
    int status = choose(s, &kind);
    if (!status)
        status = write_document(s, kind, paths, count);
    result->kind = kind ? kind->name : NULL;
    result->phases = s->phases;
    buf_release(&s->prompt);
    buf_release(&s->im.text);
    if (status)
        buf_release(s->out);
    return status;
}

int workload_import_files(const char *const *paths, size_t count,
                          const struct workload_import_options *options, struct buf *json,
                          struct workload_import_result *result, struct error *e)
{
    struct error own = {0};
    struct workload_script s = {.im = {.error = e ? e : &own}, .options = options, .out = json};
    int status = TT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = import_check_file(paths[i], s.im.error);
    return status ? status : run(&s, paths, count, result);
}

int workload_import_memory(const void *bytes, size_t len, const struct workload_import_options *options,
                           struct buf *json, struct workload_import_result *result, struct error *e)
{
    static const char *const paths[] = {"memory"};
    struct error own = {0};
    struct workload_script s = {
        .im = {.error = e ? e : &own, .memory = {bytes ? bytes : (const void *)"", len}},
        .options = options,
        .out = json};
    return run(&s, paths, 1, result);
}
