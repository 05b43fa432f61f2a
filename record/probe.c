/* SPDX-License-Identifier: MIT */
#include "record/probe.h"

#include <string.h>

#include "formats/alloc.h"

enum { ONCE = 1, AT_BOTH_ENDS = 2, AROUND_RUNS = 4 };

/* FastAPI servers name themselves at the beginning of a document of hundreds of KB. */
#define OPENAPI_MAX ((size_t)4 << 10)

static const struct probe {
    const char *path;
    int when;
    size_t cap;
} probes[] = {
    {"/health", AT_BOTH_ENDS, PROBE_BODY_MAX},
    {"/v1/models", ONCE, PROBE_BODY_MAX},
    {"/props", ONCE, PROBE_BODY_MAX},                       /* llama.cpp */
    {"/slots", AT_BOTH_ENDS | AROUND_RUNS, PROBE_BODY_MAX}, /* llama.cpp */
    {"/metrics", AT_BOTH_ENDS | AROUND_RUNS, PROBE_BODY_MAX},
    {"/version", ONCE, PROBE_BODY_MAX},                              /* vLLM */
    {"/get_server_info", ONCE, PROBE_BODY_MAX},                      /* SGLang */
    {"/api/version", ONCE, PROBE_BODY_MAX},                          /* Ollama */
    {"/api/ps", AT_BOTH_ENDS, PROBE_BODY_MAX},                       /* Ollama */
    {"/api/v0/models", ONCE, PROBE_BODY_MAX},                        /* LM Studio */
    {"/v1/status", AT_BOTH_ENDS | AROUND_RUNS, PROBE_BODY_MAX},      /* vllm-mlx, Rapid-MLX */
    {"/v1/cache/stats", AT_BOTH_ENDS | AROUND_RUNS, PROBE_BODY_MAX}, /* mlx-vlm, vllm-mlx */
    {"/admin/info", ONCE, PROBE_BODY_MAX},                           /* omlx */
    {"/openapi.json", ONCE, OPENAPI_MAX},
};

_Static_assert(sizeof probes / sizeof *probes <= PROBES_MAX, "a set holds all probes");

void probe_set_init(struct probe_set *set)
{
    memset(set, 0, sizeof *set);
    set->count = sizeof probes / sizeof *probes;
    for (size_t i = 0; i < set->count; i++) {
        set->answers[i].path = probes[i].path;
        set->answers[i].status = ABSENT;
    }
}

void probe_set_release(struct probe_set *set)
{
    for (size_t i = 0; i < PROBES_MAX; i++) {
        buf_release(&set->answers[i].head);
        buf_release(&set->answers[i].body);
    }
    probe_set_init(set);
}

static int is_success(uint64_t status)
{
    return status >= 200 && status < 300;
}

const struct probe_answer *probe_find(const struct probe_set *set, const char *path)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->answers[i].path, path) == 0)
            return is_success(set->answers[i].status) ? &set->answers[i] : NULL;
    }
    return NULL;
}

static int belongs(const struct probe *p, const struct probe_answer *known, enum probe_moment moment)
{
    if (moment == PROBE_AT_START)
        return 1;
    int wanted = moment == PROBE_AT_END ? AT_BOTH_ENDS : AROUND_RUNS;
    return (p->when & wanted) && is_success(known->status);
}

static int emit_row(const struct probe_job *job, struct probe_row *row, const struct http_answer *a)
{
    struct buf head = BUF_INIT, body = BUF_INIT;
    int status = scrub_headers(job->scrubber, &head, buf_text(&a->head), a->head.len);
    if (!status)
        status = scrub_text(job->scrubber, &body, buf_text(&a->body), a->body.len);
    row->headers = buf_bytes(&head);
    row->body = buf_bytes(&body);
    if (!status)
        status = job->emit(job->context, row);
    buf_release(&head);
    buf_release(&body);
    return status;
}

static int hand_on(const struct probe_job *job, const char *path, enum probe_moment moment, uint64_t run,
                   const struct http_answer *a)
{
    const struct http_result *r = &a->result;
    if (!job->emit || r->status == ABSENT || r->status == 404 || r->status == 405)
        return TT_OK;
    struct probe_row row = {.t = r->t_start,
                            .duration = r->t_close - r->t_start,
                            .moment = moment,
                            .run = run,
                            .status = r->status,
                            .method = {(const unsigned char *)"GET", 3},
                            .path = {(const unsigned char *)path, strlen(path)}};
    return emit_row(job, &row, a);
}

static int fetch(const struct probe_job *job, const char *path, size_t cap, struct http_answer *answer,
                 struct error *e)
{
    char *url = endpoint_url(job->endpoint, path);
    if (!url) {
        memset(answer, 0, sizeof *answer);
        return error_set(e, TT_NOMEM, "out of memory for a probe");
    }
    struct http_request q = {.url = url, .method = "GET", .headers = job->headers};
    q.timeout_s = job->timeout_s > 0 ? job->timeout_s : PROBE_TIMEOUT_S;
    int status = http_fetch(job->client, &q, cap, job->interrupted, answer, e);
    mem_free(url);
    return status;
}

/* Moves the answer's memory into the set. */
static void keep(struct probe_answer *known, struct http_answer *a)
{
    buf_release(&known->head);
    buf_release(&known->body);
    known->status = a->result.status;
    known->head = a->head;
    known->body = a->body;
    buf_init(&a->head, 0);
    buf_init(&a->body, 0);
}

/* *patience is used up by time-outs, and at once when nobody listens there. */
static int ask_one(struct probe_set *set, size_t i, const struct probe_job *job, enum probe_moment moment,
                   uint64_t run, int *patience, struct error *e)
{
    struct http_answer answer;
    int status = fetch(job, probes[i].path, probes[i].cap, &answer, e);
    if (!status) {
        uint64_t ended = answer.result.ended;
        set->reached |= answer.result.status != ABSENT;
        *patience -= ended == RUN_ENDED_TIMEOUT;
        if (ended == RUN_ENDED_INTERRUPTED || ended == RUN_ENDED_NO_CONNECTION)
            *patience = 0;
        status = hand_on(job, probes[i].path, moment, run, &answer);
        keep(&set->answers[i], &answer);
    }
    http_answer_release(&answer);
    return status;
}

int probe_ask(struct probe_set *set, const struct probe_job *job, enum probe_moment moment, uint64_t run,
              struct error *e)
{
    int patience = PROBE_PATIENCE;
    int status = TT_OK;
    set->reached = 0;
    for (size_t i = 0; !status && patience > 0 && i < set->count; i++) {
        if (belongs(&probes[i], &set->answers[i], moment))
            status = ask_one(set, i, job, moment, run, &patience, e);
    }
    return status;
}

int probe_is_healthy(const struct probe_job *job)
{
    static const char *const paths[] = {"/health", "/v1/models"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct http_answer answer;
        int status = fetch(job, paths[i], PROBE_BODY_MAX, &answer, NULL);
        int healthy =
            !status && is_success(answer.result.status) && answer.result.ended == RUN_ENDED_COMPLETE;
        int is_missing = !status && answer.result.status == 404;
        http_answer_release(&answer);
        if (healthy || !is_missing)
            return healthy;
    }
    return 0;
}
