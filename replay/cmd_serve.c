/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "formats/command.h"
#include "formats/io.h"
#include "replay/host_check.h"
#include "replay/player.h"
#include "replay/server.h"
#include "replay/synthetic.h"

#define SEED_OF_PROFILE UINT64_MAX

int cmd_serve(int argc, char **argv);

struct serve_options {
    const char *host;
    uint64_t port, seed;
    double speed;
    struct option_list faults, allowed_hosts;
    int once, verbose, quiet, allow_incomplete;
};

static const struct option_def options[] = {
    {"port", 'p', OPTION_COUNT, "N", NULL, "port to listen on; 0, the default, takes any that is free",
     offsetof(struct serve_options, port)},
    {"host", 0, OPTION_TEXT, "ADDRESS", NULL, "numeric address to listen on (default 127.0.0.1)",
     offsetof(struct serve_options, host)},
    {"allow-host", 0, OPTION_LIST, "NAME", NULL, "answer requests for this host name too; '*': for any",
     offsetof(struct serve_options, allowed_hosts)},
    {"speed", 0, OPTION_REAL, "X", NULL, "play X times as fast; 0: without any waiting (default 1)",
     offsetof(struct serve_options, speed)},
    {"fault", 0, OPTION_LIST, "KIND", NULL, "break answers in this way; KIND[:NUMBER][@REQUEST], see below",
     offsetof(struct serve_options, faults)},
    {"seed", 0, OPTION_COUNT, "N", NULL, "seed of a synthetic engine, instead of its profile's",
     offsetof(struct serve_options, seed)},
    {"once", 0, OPTION_FLAG, NULL, NULL, "end after the first completion",
     offsetof(struct serve_options, once)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept a trace whose end is missing",
     offsetof(struct serve_options, allow_incomplete)},
    {"verbose", 'v', OPTION_FLAG, NULL, NULL,
     "a line for each request, and at the end how punctual the answers were",
     offsetof(struct serve_options, verbose)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "no warnings", offsetof(struct serve_options, quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0}};

static const struct command_help help = {
    "serve", "TRACE|PROFILE.json",
    "Answers like an OpenAI-compatible engine: with a trace's recorded answers in their recorded timing, or "
    "as a synthetic engine made from a profile. Prints its URL as the first line.",
    options, NULL};

static struct server *volatile running; /* what a signal stops */

static void stop_running(int signal_number)
{
    (void)signal_number;
    if (running)
        server_request_stop(running);
}

static void print_served(void *context, const struct served *served)
{
    char status[16] = "recorded";
    (void)context;
    if (served->status)
        snprintf(status, sizeof status, "%d", served->status);
    command_warn("%s %s: %s, %s, %.1f ms, %llu sends, %llu bytes", served->method, served->path, status,
                 served->how, served->ms, (unsigned long long)served->slices,
                 (unsigned long long)served->bytes);
}

static void print_pacing(struct server *server)
{
    struct pacing pacing;
    server_pacing(server, &pacing);
    if (pacing.total)
        command_warn("%llu sends on schedule, late by %.1f us (p50), %.1f us (p99), %.1f us (worst)",
                     (unsigned long long)pacing.total, (double)pacing_quantile_ns(&pacing, 0.5) / 1e3,
                     (double)pacing_quantile_ns(&pacing, 0.99) / 1e3, (double)pacing.worst_ns / 1e3);
}

static int ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* A synthetic engine runs faster itself, so that the times it states are the times it keeps; without any
 * waiting it states the profile's. A trace's answers are bytes that cannot be changed: they are played
 * faster. */
static int open_synthetic(struct engine **engine, const char *path, struct serve_options *o, struct error *e)
{
    struct profile profile;
    int status = profile_load(&profile, path, e);
    if (status) {
        profile_release(&profile);
        return status;
    }
    if (o->seed != SEED_OF_PROFILE)
        profile.seed = o->seed;
    if (o->speed > 0) {
        profile_speed_up(&profile, o->speed);
        o->speed = 1;
    }
    return synthetic_new(engine, &profile, e);
}

static int open_trace(struct engine **engine, const char *path, const struct serve_options *o,
                      struct error *e)
{
    struct recording recording;
    struct recording_options reading = {.allow_incomplete = o->allow_incomplete};
    int status = recording_load(&recording, path, &reading, e);
    if (!status)
        return player_new(engine, &recording, e);
    recording_release(&recording);
    return status;
}

static int read_faults(struct fault_list *faults, const struct option_list *texts, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < texts->count && !status; i++)
        status = faults_parse(faults, texts->items[i], e);
    return status;
}

static int check(const struct serve_options *o, const struct option_list *operands, struct error *e)
{
    if (operands->count != 1)
        return error_set(e, TT_USAGE, "serve wants one trace or profile; 'toktape serve --help' shows how");
    if (o->port > 65535)
        return error_set(e, TT_USAGE, "--port wants a number up to 65535, not %llu",
                         (unsigned long long)o->port);
    return TT_OK;
}

static void watch_signals(struct server *server)
{
    struct sigaction action = {0};
    running = server;
    action.sa_handler = stop_running;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int run(struct engine *engine, const struct serve_options *o, const struct fault_list *faults,
               struct error *e)
{
    char url[80];
    struct server *server = NULL;
    struct server_options settings = {.host = o->host,
                                      .port = (uint16_t)o->port,
                                      .allowed_hosts = o->allowed_hosts.items,
                                      .allowed_host_count = o->allowed_hosts.count,
                                      .speed = o->speed,
                                      .faults = faults,
                                      .once = o->once,
                                      .on_served = o->verbose ? print_served : NULL};
    int status = server_start(&server, engine, &settings, e);
    if (status)
        return status;
    watch_signals(server);
    if (!o->quiet && !address_is_loopback(o->host) && strcmp(o->host, "localhost") != 0)
        command_warn("listening on '%s': other machines may reach this", o->host);
    server_url(server, url, sizeof url);
    printf("%s\n", url);
    fflush(stdout);
    server_wait(server);
    if (server_died(server) && !o->quiet)
        command_warn("the engine died, as it was told to");
    if (o->verbose)
        print_pacing(server);
    running = NULL;
    server_free(server);
    return TT_OK;
}

static int serve(struct serve_options *o, const struct option_list *operands, struct error *e)
{
    struct engine *engine = NULL;
    struct fault_list faults = {.count = 0};
    int status = check(o, operands, e);
    if (!status)
        status = read_faults(&faults, &o->faults, e);
    if (status)
        return status;
    const char *path = operands->items[0];
    if (ends_with(path, ".json"))
        status = open_synthetic(&engine, path, o, e);
    else
        status = open_trace(&engine, path, o, e);
    if (!status)
        status = run(engine, o, &faults, e);
    if (engine)
        engine->free(engine);
    return status;
}

int cmd_serve(int argc, char **argv)
{
    struct serve_options o = {.host = "127.0.0.1", .seed = SEED_OF_PROFILE, .speed = 1};
    struct option_list operands = {0};
    struct error e = {0};
    struct buf faults = BUF_INIT;
    struct command_help full = help;
    faults_describe(&faults);
    full.notes = buf_text(&faults);
    int code = command_begin(&full, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE)
        code = serve(&o, &operands, &e) ? command_fail(&e) : 0;
    options_release(&help, &o, &operands);
    buf_release(&faults);
    return code;
}
