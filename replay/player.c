/* SPDX-License-Identifier: MIT */
#include "replay/player.h"

#include <pthread.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/jsonout.h"
#include "record/http.h"

struct player {
    struct engine base;
    struct recording recording;
    pthread_mutex_t lock; /* guards the counts of plays */
};

static int is_for(const struct recorded_run *run, const struct request *request)
{
    return run->is_playable && strcmp(run->method, request->method) == 0;
}

/* Among the repeats of one body the one played least, the earliest of those. */
static struct recorded_run *find_by_body(struct recording *r, const struct request *request)
{
    unsigned char sha256[SHA256_BYTES];
    struct recorded_run *best = NULL;
    if (!request->body.len)
        return NULL;
    sha256_of(request->body.data, request->body.len, sha256);
    for (size_t i = 0; i < r->run_count; i++) {
        struct recorded_run *run = &r->runs[i];
        if (is_for(run, request) && run->has_body && memcmp(run->body_sha256, sha256, SHA256_BYTES) == 0 &&
            (!best || run->plays < best->plays))
            best = run;
    }
    return best;
}

static struct recorded_run *find_unplayed(struct recording *r, const struct request *request)
{
    for (size_t i = 0; i < r->run_count; i++) {
        struct recorded_run *run = &r->runs[i];
        if (is_for(run, request) && !run->plays && strcmp(run->path, request->path) == 0)
            return run;
    }
    return NULL;
}

/* Probes go in the recorded order, and the last one stays. */
static struct recorded_probe *find_probe(struct recording *r, const struct request *request)
{
    struct recorded_probe *found = NULL;
    for (size_t i = 0; i < r->probe_count; i++) {
        struct recorded_probe *probe = &r->probes[i];
        if (strcmp(probe->method, request->method) != 0 || strcmp(probe->path, request->path) != 0)
            continue;
        found = probe;
        if (!probe->plays)
            break;
    }
    return found;
}

static int answer_probe(const struct recorded_probe *probe, struct engine_answer *a)
{
    struct bytes type = http_header_value(&probe->head, "Content-Type");
    struct bytes server = http_header_value(&probe->head, "Server");
    if (type.len)
        engine_answer_set_type(a, type.data, type.len);
    engine_answer_set_server(a, server.data, server.len);
    a->status = probe->status >= 100 && probe->status < 600 ? (int)probe->status : 502;
    return buf_append(&a->document, probe->body.data, probe->body.len);
}

/* What every engine is asked, for traces whose recorder did not ask it. */
static int answer_unrecorded(const struct recording *r, const struct request *request,
                             struct engine_answer *a)
{
    struct jsonout j;
    int is_get = strcmp(request->method, "GET") == 0;
    if (is_get && strcmp(request->path, "/health") == 0)
        return buf_puts(&a->document, "{\"status\":\"ok\"}");
    if (!is_get || strcmp(request->path, "/v1/models") != 0)
        return engine_answer_error(a, 404, "not_found_error",
                                   "the trace has no answer left for %s %.200s with this body",
                                   request->method, request->path);
    jsonout_init(&j, &a->document, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "object", "list");
    jsonout_key(&j, "data");
    jsonout_array(&j);
    jsonout_object(&j);
    jsonout_field_string(&j, "id", r->model ? r->model : "recorded");
    jsonout_field_string(&j, "object", "model");
    jsonout_end(&j, '}');
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return a->document.failed;
}

static int answer_run(const struct recording *r, const struct recorded_run *run, struct engine_answer *a)
{
    struct schedule fetched;
    struct error why = {0};
    a->form = ANSWER_WIRE;
    if (!run->is_left) {
        a->feed = schedule_feed(&run->schedule);
        return a->feed ? TT_OK : TT_NOMEM;
    }
    int status = recording_fetch(r, run, &fetched, &why);
    if (status && status != TT_NOMEM) {
        schedule_release(&fetched);
        return engine_answer_error(a, 500, "server_error", "the answer can no longer be read: %s", why.text);
    }
    a->feed = status ? NULL : schedule_feed_own(&fetched);
    schedule_release(&fetched);
    return a->feed ? TT_OK : TT_NOMEM;
}

static int player_answer(struct engine *engine, const struct request *request, struct engine_answer *a,
                         struct error *e)
{
    struct player *p = (struct player *)engine;
    struct recording *r = &p->recording;
    pthread_mutex_lock(&p->lock);
    struct recorded_run *run = find_by_body(r, request);
    if (!run)
        run = find_unplayed(r, request);
    struct recorded_probe *probe = run ? NULL : find_probe(r, request);
    if (run)
        run->plays++;
    if (probe)
        probe->plays++;
    pthread_mutex_unlock(&p->lock);
    int status = run     ? answer_run(r, run, a)
                 : probe ? answer_probe(probe, a)
                         : answer_unrecorded(r, request, a);
    return status ? error_set(e, (enum tt_err)status, "the answer does not fit in memory") : TT_OK;
}

static void player_free(struct engine *engine)
{
    struct player *p = (struct player *)engine;
    pthread_mutex_destroy(&p->lock);
    recording_release(&p->recording);
    mem_free(p);
}

int player_new(struct engine **engine, struct recording *r, struct error *e)
{
    struct player *p = mem_zalloc(1, sizeof *p);
    if (!p) {
        recording_release(r);
        return error_set(e, TT_NOMEM, "out of memory");
    }
    p->base = (struct engine){"trace", player_answer, player_free};
    p->recording = *r;
    memset(r, 0, sizeof *r);
    pthread_mutex_init(&p->lock, NULL);
    *engine = &p->base;
    return TT_OK;
}
