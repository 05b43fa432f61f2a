/* SPDX-License-Identifier: MIT */
#include "replay/synthetic.h"

#include <pthread.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/jscan.h"
#include "formats/jsonout.h"
#include "replay/generation.h"
#include "replay/synthetic_info.h"

struct synthetic {
    struct engine base;
    struct profile profile;
    pthread_mutex_t lock; /* guards what follows */
    struct prefix_cache cache;
    uint64_t requests;
};

static int refuse(struct engine_answer *a, const struct error *reason)
{
    return engine_answer_error(a, 400, "invalid_request_error", "%s", reason->text);
}

/* llama.cpp's own words and extra members, which clients look for. */
static int refuse_context(struct engine_answer *a, uint64_t prompt_tokens, uint64_t context)
{
    struct jsonout j;
    struct buf message = BUF_INIT;
    int status = engine_answer_error(a, 400, "exceed_context_size_error", "-");
    buf_printf(&message,
               "request (%llu tokens) exceeds the available context size (%llu tokens), try increasing it",
               (unsigned long long)prompt_tokens, (unsigned long long)context);
    buf_clear(&a->document);
    jsonout_init(&j, &a->document, 0);
    jsonout_object(&j);
    jsonout_key(&j, "error");
    jsonout_object(&j);
    jsonout_field_u64(&j, "code", 400);
    jsonout_field_string(&j, "message", buf_text(&message));
    jsonout_field_string(&j, "type", "exceed_context_size_error");
    jsonout_field_u64(&j, "n_prompt_tokens", prompt_tokens);
    jsonout_field_u64(&j, "n_ctx", context);
    jsonout_end(&j, '}');
    jsonout_end(&j, '}');
    buf_release(&message);
    return status ? status : a->document.failed;
}

/* Looks the prompt up, plans the answer, and leaves both in the cache. */
static int plan_and_hold(struct synthetic *s, const struct chat_request *request, struct tokens *sequence,
                         struct generation *g)
{
    pthread_mutex_lock(&s->lock);
    uint64_t cached =
        request->cache_prompt ? prefix_cache_match(&s->cache, sequence->ids, sequence->count) : 0;
    int status = generation_plan(g, &s->profile, request, sequence, cached, s->requests++);
    if (!status)
        status = generation_append_ids(g, sequence);
    if (!status)
        status = prefix_cache_hold(&s->cache, sequence->ids, sequence->count);
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int generate(struct synthetic *s, const struct chat_request *request, struct tokens *sequence,
                    struct engine_answer *a)
{
    struct generation g;
    int status = plan_and_hold(s, request, sequence, &g);
    if (status) {
        generation_release(&g);
        return status;
    }
    a->feed = generation_feed(&g, &s->profile);
    a->form = request->stream ? ANSWER_EVENTS : ANSWER_DOCUMENT;
    if (request->stream) {
        engine_answer_set_type(a, ANSWER_SSE, strlen(ANSWER_SSE));
        if (s->profile.header_ms >= 0)
            a->header_ns = (uint64_t)(s->profile.header_ms * 1e6);
    }
    return a->feed ? TT_OK : TT_NOMEM;
}

static int chat(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    struct chat_request request;
    struct tokens sequence;
    struct error e = {0};
    uint64_t context = s->profile.context;
    tokens_init(&sequence, (size_t)context);
    int status = chat_request_parse(&request, r->body, &e);
    if (status == TT_SYNTAX)
        status = refuse(a, &e);
    else if (!status)
        status = tokens_append(&sequence, buf_text(&request.prompt), request.prompt.len);
    if (!status && a->status == 200)
        status = sequence.total >= context ? refuse_context(a, sequence.total, context)
                                           : generate(s, &request, &sequence, a);
    tokens_release(&sequence);
    chat_request_release(&request);
    return status;
}

/* What is to be cut into tokens. */
struct tokenize_request {
    struct buf text;
    int has_text, with_pieces;
};

static void take_text(struct jscan *s, struct tokenize_request *q)
{
    struct jscan_text value;
    jscan_string(s, &value);
    unsigned char *room = s->failed ? NULL : buf_reserve(&q->text, JSCAN_DECODED_MAX(value.len));
    if (room)
        q->text.len += jscan_decode(&value, room);
    q->has_text = 1;
}

/* 1 when it has a text in that member and is JSON; members of the wrong type are passed over. */
static int read_tokenize(struct bytes body, const char *name, struct tokenize_request *q)
{
    struct jscan s;
    struct jscan_text key;
    jscan_init(&s, body.data, body.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return 0;
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        enum jscan_type type = jscan_type(&s);
        if (jscan_text_is(&key, name) && type == JSCAN_STRING) {
            take_text(&s, q);
            continue;
        }
        if (jscan_text_is(&key, "with_pieces"))
            q->with_pieces = type == JSCAN_TRUE;
        jscan_skip(&s);
    }
    return q->has_text && jscan_finish(&s);
}

/* Of the text in that member. */
static int tokenize(const char *name, const struct request *r, struct engine_answer *a)
{
    struct tokenize_request q = {.text = BUF_INIT};
    struct tokens tokens;
    tokens_init(&tokens, (size_t)PROFILE_CONTEXT_MAX);
    int ok = read_tokenize(r->body, name, &q), status = q.text.failed;
    if (!ok)
        status = engine_answer_error(a, 400, "invalid_request_error", "'%s' is required and must be a string",
                                     name);
    else if (!status)
        status = tokens_append(&tokens, (const char *)q.text.data, q.text.len);
    if (ok && !status)
        status = info_tokens(&a->document, &tokens, q.with_pieces ? &q.text : NULL);
    tokens_release(&tokens);
    buf_release(&q.text);
    return status;
}

static int tokenize_content(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)s;
    return tokenize("content", r, a);
}

static int tokenize_prompt(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)s;
    return tokenize("prompt", r, a);
}

/* The prompt as the chat template makes it, or only the number of its tokens. */
static int describe_prompt(const struct request *r, struct engine_answer *a, int only_count)
{
    struct chat_request request;
    struct tokens tokens;
    struct error e = {0};
    tokens_init(&tokens, 0);
    int status = chat_request_parse(&request, r->body, &e);
    if (status == TT_SYNTAX)
        status = refuse(a, &e);
    else if (!status)
        status = tokens_append(&tokens, buf_text(&request.prompt), request.prompt.len);
    if (!status && a->status == 200)
        status = info_prompt(&a->document, only_count ? NULL : &request.prompt, tokens.total);
    tokens_release(&tokens);
    chat_request_release(&request);
    return status;
}

static int apply_template(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)s;
    return describe_prompt(r, a, 0);
}

static int count_tokens(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)s;
    return describe_prompt(r, a, 1);
}

static int reset_cache(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)r;
    pthread_mutex_lock(&s->lock);
    prefix_cache_clear(&s->cache);
    pthread_mutex_unlock(&s->lock);
    return buf_puts(&a->document, "{\"status\":\"ok\"}");
}

static int health(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)s;
    (void)r;
    return buf_puts(&a->document, "{\"status\":\"ok\"}");
}

static int models(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)r;
    return info_models(&a->document, &s->profile);
}

static int props(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)r;
    return info_props(&a->document, &s->profile);
}

static int slots(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)r;
    return info_slots(&a->document, &s->profile);
}

static int version(struct synthetic *s, const struct request *r, struct engine_answer *a)
{
    (void)r;
    return info_version(&a->document, &s->profile);
}

enum availability { ALWAYS, ONLY_LLAMA_CPP, ONLY_OPENAI, ONLY_WITH_RESET };

static const struct route {
    const char *method, *path;
    enum availability availability;
    int (*answer)(struct synthetic *s, const struct request *r, struct engine_answer *a);
} routes[] = {
    {"POST", "/v1/chat/completions", ALWAYS, chat},
    {"GET", "/v1/models", ALWAYS, models},
    {"GET", "/health", ALWAYS, health},
    {"GET", "/props", ONLY_LLAMA_CPP, props},
    {"GET", "/slots", ONLY_LLAMA_CPP, slots},
    {"POST", "/tokenize", ONLY_LLAMA_CPP, tokenize_content},
    {"POST", "/tokenize", ONLY_OPENAI, tokenize_prompt},
    {"POST", "/apply-template", ONLY_LLAMA_CPP, apply_template},
    {"POST", "/v1/chat/completions/input_tokens", ONLY_LLAMA_CPP, count_tokens},
    {"GET", "/version", ONLY_OPENAI, version},
    {"POST", "/v1/cache/reset", ONLY_WITH_RESET, reset_cache},
    {"POST", "/v1/cache/clear", ONLY_WITH_RESET, reset_cache},
    {"DELETE", "/v1/cache", ONLY_WITH_RESET, reset_cache},
};

static int is_available(const struct profile *p, enum availability availability)
{
    switch (availability) {
    case ONLY_LLAMA_CPP:
        return p->style == STYLE_LLAMA_CPP;
    case ONLY_OPENAI:
        return p->style == STYLE_OPENAI;
    case ONLY_WITH_RESET:
        return p->cache_reset;
    default:
        return 1;
    }
}

static int synthetic_answer(struct engine *engine, const struct request *r, struct engine_answer *a,
                            struct error *e)
{
    struct synthetic *s = (struct synthetic *)engine;
    info_server(a, &s->profile);
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(routes[i].method, r->method) == 0 && strcmp(routes[i].path, r->path) == 0 &&
            is_available(&s->profile, routes[i].availability)) {
            int status = routes[i].answer(s, r, a);
            return status ? error_set(e, (enum tt_err)status, "the answer does not fit in memory") : TT_OK;
        }
    }
    return engine_answer_error(a, 404, "not_found_error", "there is no %s %.200s here", r->method, r->path);
}

static void synthetic_free(struct engine *engine)
{
    struct synthetic *s = (struct synthetic *)engine;
    pthread_mutex_destroy(&s->lock);
    prefix_cache_release(&s->cache);
    profile_release(&s->profile);
    mem_free(s);
}

int synthetic_new(struct engine **engine, struct profile *p, struct error *e)
{
    struct synthetic *s = mem_zalloc(1, sizeof *s);
    if (!s) {
        profile_release(p);
        return error_set(e, TT_NOMEM, "out of memory");
    }
    s->base = (struct engine){"synthetic", synthetic_answer, synthetic_free};
    s->profile = *p;
    memset(p, 0, sizeof *p);
    pthread_mutex_init(&s->lock, NULL);
    prefix_cache_init(&s->cache, s->profile.cache_policy, (size_t)s->profile.cache_slots,
                      (size_t)s->profile.cache_block);
    *engine = &s->base;
    return TT_OK;
}

struct profile *synthetic_profile(struct engine *engine)
{
    return &((struct synthetic *)engine)->profile;
}

void synthetic_forget(struct engine *engine)
{
    prefix_cache_clear(&((struct synthetic *)engine)->cache);
}

uint64_t synthetic_tokens_held(const struct engine *engine)
{
    return ((const struct synthetic *)engine)->cache.tokens;
}
