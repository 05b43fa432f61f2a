/* SPDX-License-Identifier: MIT */
#include "record/campaign/engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "record/campaign/engine_model.h"
#include "record/clock.h"
#include "record/engine_command.h"
#include "record/locality.h"
#include "record/probe.h"
#include "record/process.h"
#include "record/shell.h"
#include "record/strays.h"

#define WHAT          "the engine's command"
#define TAIL_BYTES    4096
#define LOOK_EVERY_NS UINT64_C(100000000)
#define HEALTH_BODY   ((size_t)64 << 10)

static struct probe_job job_of(const struct cell_engine *engine)
{
    return (struct probe_job){.client = engine->client,
                              .endpoint = &engine->endpoint,
                              .interrupted = engine->interrupted,
                              .scrubber = engine->scrubber};
}

/* ---- is the port free ---- */

static int say_taken(const struct cell_engine *engine, const struct process_list *who, struct error *e)
{
    struct process_facts facts;
    int port = engine->endpoint.port;
    if (!who->count)
        return error_set(e, TT_USAGE, "port %d is taken by a process of another user", port);
    int known = process_read_facts(who->pids[0], NULL, &facts, NULL) == TT_OK && facts.executable;
    const char *slash = known ? strrchr(facts.executable, '/') : NULL;
    error_set(e, TT_USAGE, "port %d is taken by process %llu%s%.60s%s", port,
              (unsigned long long)who->pids[0], known ? " (" : "", slash ? slash + 1 : "", known ? ")" : "");
    process_release_facts(&facts);
    return TT_USAGE;
}

static int check_port(const struct cell_engine *engine, struct error *e)
{
    struct process_list who = {.count = 0};
    struct probe_job job = job_of(engine);
    int hidden = 0;
    int is_local = locality_of_host(engine->endpoint.host, NULL);
    int status = is_local ? process_listeners((uint16_t)engine->endpoint.port, NULL, &who, &hidden, NULL)
                          : TT_NOTFOUND;
    if (status == TT_OK || hidden)
        return say_taken(engine, &who, e);
    if (probe_is_healthy(&job))
        return error_set(e, TT_USAGE, "an engine answers there already");
    return TT_OK;
}

/* ---- waiting until it answers ---- */

static int is_healthy(const struct cell_engine *engine)
{
    struct probe_job job = job_of(engine);
    struct http_request request = {
        .url = engine->cell->health_url, .method = "GET", .timeout_s = PROBE_TIMEOUT_S};
    struct http_answer answer;
    if (!request.url)
        return probe_is_healthy(&job);
    int status = http_fetch(engine->client, &request, HEALTH_BODY, engine->interrupted, &answer, NULL);
    int healthy = !status && answer.result.status / 100 == 2 && answer.result.ended == RUN_ENDED_COMPLETE;
    http_answer_release(&answer);
    return healthy;
}

int cell_engine_has_ended(const struct cell_engine *engine, struct error *e)
{
    int how;
    if (!group_has_ended(&engine->group, &how))
        return 0;
    if (how > 128)
        error_set(e, TT_IO, "the engine was ended by signal %d", how - 128);
    else
        error_set(e, TT_IO, "the engine ended with exit status %d", how);
    return 1;
}

static int wait_until_healthy(const struct cell_engine *engine, struct error *e)
{
    double patience = engine->cell->engine_timeout_s;
    uint64_t until = clock_after_s(patience);
    while (!is_healthy(engine)) {
        if (*engine->interrupted)
            return error_set(e, TT_INTERRUPTED, "interrupted while the engine started");
        if (cell_engine_has_ended(engine, e))
            return error_prefix(e, "it never answered");
        if (clock_ticks() >= until)
            return error_set(e, TT_NETWORK, "the engine was not healthy within %g s", patience);
        clock_sleep_ns(LOOK_EVERY_NS);
    }
    return TT_OK;
}

/* ---- start and stop ---- */

/* What answers may be another engine than ours, which could not have the port. */
static int check_ours(const struct cell_engine *engine, struct error *e)
{
    return cell_engine_has_ended(engine, e) ? error_prefix(e, "another engine answers there") : TT_OK;
}

static int launch(struct cell_engine *engine, struct error *e)
{
    struct buf command = BUF_INIT;
    strays_put_mark(&command, engine->mark);
    buf_puts(&command, engine->cell->command);
    struct group_start how = {buf_text(&command), WHAT, engine->log, engine->announce, engine->context};
    int status = command.failed ? error_set(e, TT_NOMEM, "out of memory for " WHAT)
                                : group_start(&engine->group, &how, e);
    buf_release(&command);
    return status;
}

int cell_engine_start(struct cell_engine *engine, struct error *e)
{
    struct probe_job job;
    memset(&engine->group, 0, sizeof engine->group);
    memset(&engine->endpoint, 0, sizeof engine->endpoint);
    engine->client = NULL;
    int status = endpoint_parse(&engine->endpoint, engine->cell->url, e);
    if (!status)
        status = http_client_new(&engine->client, e);
    if (!status)
        status = check_port(engine, e);
    if (!status)
        status = launch(engine, e);
    if (!status)
        status = wait_until_healthy(engine, e);
    if (!status)
        status = check_ours(engine, e);
    job = job_of(engine);
    if (!status && engine->cell->model_file)
        status = engine_model_check(&job, engine->cell->model_file, e);
    return status;
}

void cell_engine_stop(struct cell_engine *engine)
{
    group_stop(&engine->group, ENGINE_GRACE_S);
    http_client_free(engine->client);
    endpoint_release(&engine->endpoint);
    engine->client = NULL;
}

/* ---- its last words ---- */

/* Where the last few lines begin. */
static const char *last_lines(const char *text, int lines)
{
    const char *p = text + strlen(text);
    while (p > text && p[-1] == '\n')
        p--;
    for (; p > text; p--) {
        if (p[-1] == '\n' && --lines == 0)
            break;
    }
    return p;
}

int cell_engine_put_tail(const struct cell_engine *engine, struct buf *out)
{
    char tail[TAIL_BYTES];
    fflush(engine->log);
    shell_log_tail(engine->log, tail, sizeof tail);
    const char *mine = strstr(tail, CELL_LOG_MARK), *next;
    while (mine && (next = strstr(mine + 1, CELL_LOG_MARK)) != NULL)
        mine = next;
    mine = mine ? strchr(mine, '\n') : NULL; /* nothing of an attempt before this one */
    const char *lines = last_lines(mine ? mine + 1 : tail, ENGINE_TAIL_LINES);
    return scrub_text(engine->scrubber, out, lines, strlen(lines));
}
