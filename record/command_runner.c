/* SPDX-License-Identifier: MIT */
#include "record/command_runner.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/clock.h"
#include "record/shell.h"

#define LOOK_EVERY_NS 20000000

/* A command under way. */
struct running {
    const struct command_job *job;
    struct command_outcome *outcome;
    FILE *log;
    pid_t pid;  /* also its process group */
    int status; /* of waitpid */
};

/* ---- starting ---- */

static int start(struct running *r, struct error *e)
{
    int status = shell_log_open(&r->log, r->job->what, e);
    return status ? status : shell_spawn(r->job->command, -1, r->log, r->job->what, &r->pid, e);
}

/* ---- waiting ---- */

static int has_ended(struct running *r)
{
    return waitpid(r->pid, &r->status, WNOHANG) == r->pid;
}

static void nap(void)
{
    struct timespec t = {0, LOOK_EVERY_NS};
    nanosleep(&t, NULL);
}

static int ends_within(struct running *r, double seconds)
{
    uint64_t end = clock_after_s(seconds);
    while (!has_ended(r)) {
        if (clock_ticks() >= end)
            return 0;
        nap();
    }
    return 1;
}

static void kill_group(struct running *r)
{
    kill(-r->pid, SIGTERM);
    if (ends_within(r, COMMAND_GRACE_S))
        return;
    kill(-r->pid, SIGKILL);
    waitpid(r->pid, &r->status, 0);
}

/* TT_OK when it ended by itself. */
static int wait_for_end(struct running *r)
{
    uint64_t begin = clock_ticks();
    uint64_t patience =
        r->job->timeout_s > 0 ? clock_ns_to_ticks((uint64_t)(r->job->timeout_s * 1e9)) : UINT64_MAX;
    while (!has_ended(r)) {
        int is_interrupted = r->job->interrupted && *r->job->interrupted;
        r->outcome->timed_out = clock_ticks() - begin >= patience;
        if (is_interrupted || r->outcome->timed_out) {
            kill_group(r);
            return is_interrupted ? TT_INTERRUPTED : TT_IO;
        }
        nap();
    }
    return TT_OK;
}

/* ---- what came of it ---- */

static int judge(const struct running *r, int ended, struct error *e)
{
    struct command_outcome *o = r->outcome;
    const char *what = r->job->what;
    char line[200];
    shell_last_line(o->tail, line, sizeof line);
    const char *colon = *line ? ": " : "";
    if (ended == TT_INTERRUPTED)
        return error_set(e, TT_INTERRUPTED, "%s was interrupted", what);
    if (o->timed_out)
        return error_set(e, TT_IO, "%s did not end within %g s%s%s", what, r->job->timeout_s, colon, line);
    if (o->signal)
        return error_set(e, TT_IO, "%s was killed by signal %d%s%s", what, o->signal, colon, line);
    if (o->exit_status)
        return error_set(e, TT_IO, "%s ended with exit status %d%s%s", what, o->exit_status, colon, line);
    return TT_OK;
}

static int finish(struct running *r, struct error *e)
{
    int ended = wait_for_end(r);
    r->outcome->exit_status = WIFEXITED(r->status) ? WEXITSTATUS(r->status) : -1;
    r->outcome->signal = WIFSIGNALED(r->status) ? WTERMSIG(r->status) : 0;
    shell_log_tail(r->log, r->outcome->tail, sizeof r->outcome->tail);
    return judge(r, ended, e);
}

int command_run(const struct command_job *job, struct command_outcome *outcome, struct error *e)
{
    struct command_outcome unwanted;
    struct running r = {.job = job, .outcome = outcome ? outcome : &unwanted};
    memset(r.outcome, 0, sizeof *r.outcome);
    r.outcome->exit_status = -1;
    int status = start(&r, e);
    if (!status)
        status = finish(&r, e);
    if (r.log)
        fclose(r.log);
    return status;
}
