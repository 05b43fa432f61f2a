/* SPDX-License-Identifier: MIT */
#include "record/engine_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "record/clock.h"
#include "record/command_runner.h"
#include "record/shell.h"

#define WHAT          "the engine's command"
#define TAIL_BYTES    4096
#define LOOK_EVERY_NS UINT64_C(100000000)
#define NS_PER_S      1e9

struct engine_command {
    struct engine_command_options options;
    FILE *log;
    pid_t pid;      /* the shell, and its process group; 0: not running */
    pid_t guardian; /* 0: none */
    int lifeline;   /* the writing end of the guardian's pipe; 0: none */
};

/* ---- the guardian ---- */

/* Reads until the recorder is gone, then stops the group. It ignores what a terminal sends to everybody. */
static int spawn_guardian(struct engine_command *c, int input, struct error *e)
{
    char script[160];
    snprintf(script, sizeof script,
             "trap '' INT HUP TERM QUIT; read _; kill -TERM -%ld; sleep %d; kill -KILL -%ld", (long)c->pid,
             ENGINE_GRACE_S, (long)c->pid);
    return shell_spawn(script, input, c->log, "the guardian of the engine", &c->guardian, e);
}

static int start_guardian(struct engine_command *c, struct error *e)
{
    int ends[2];
    if (pipe(ends) != 0)
        return error_errno(e, TT_IO, "cannot make a pipe for the guardian of the engine");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    c->lifeline = ends[1];
    int status = spawn_guardian(c, ends[0], e);
    close(ends[0]);
    return status;
}

/* Killed before its pipe closes: the group's number may be another's by then. */
static void end_guardian(struct engine_command *c)
{
    if (c->guardian > 0) {
        kill(c->guardian, SIGKILL);
        waitpid(c->guardian, NULL, 0);
    }
    if (c->lifeline > 0)
        close(c->lifeline);
    c->guardian = c->lifeline = 0;
}

/* ---- start and stop ---- */

static void nap(void)
{
    clock_sleep_until(clock_ticks() + clock_ns_to_ticks(LOOK_EVERY_NS));
}

static uint64_t deadline_in(double seconds)
{
    return clock_ticks() + clock_ns_to_ticks((uint64_t)(seconds * NS_PER_S));
}

/* Also collects the shell, so that it does not count as left. */
static int group_is_left(const struct engine_command *c)
{
    waitpid(c->pid, NULL, WNOHANG);
    return kill(-c->pid, 0) == 0 || errno == EPERM;
}

static void stop(struct engine_command *c)
{
    uint64_t until = deadline_in(ENGINE_GRACE_S);
    int is_left = c->pid > 0;
    end_guardian(c);
    if (!is_left)
        return;
    kill(-c->pid, SIGTERM);
    while ((is_left = group_is_left(c)) && clock_ticks() < until)
        nap();
    if (is_left) {
        kill(-c->pid, SIGKILL);
        waitpid(c->pid, NULL, 0);
    }
    c->pid = 0;
}

static int launch(struct engine_command *c, struct error *e)
{
    int status = shell_spawn(c->options.command, -1, c->log, WHAT, &c->pid, e);
    return status ? status : start_guardian(c, e);
}

/* ---- waiting until it answers ---- */

static int has_ended(const struct engine_command *c, int *how)
{
    siginfo_t info;
    info.si_pid = 0;
    int ended = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == c->pid;
    *how = ended ? info.si_status : 0;
    return ended;
}

static int say(const struct engine_command *c, enum tt_err code, const char *what, struct error *e)
{
    char tail[TAIL_BYTES], line[200];
    shell_log_tail(c->log, tail, sizeof tail);
    shell_last_line(tail, line, sizeof line);
    return error_set(e, code, "%s%s%s", what, *line ? "; it wrote: " : "", line);
}

static int say_ended(const struct engine_command *c, int how, struct error *e)
{
    char what[120];
    snprintf(what, sizeof what, WHAT " ended (%d) before the engine answered", how);
    return say(c, TT_IO, what, e);
}

static int say_late(const struct engine_command *c, struct error *e)
{
    char what[160];
    snprintf(what, sizeof what, "the engine did not answer within %g s; --engine-timeout gives it more",
             c->options.timeout_s);
    return say(c, TT_NETWORK, what, e);
}

static int wait_until_healthy(const struct engine_command *c, const struct probe_job *job, struct error *e)
{
    uint64_t until = deadline_in(c->options.timeout_s);
    int how;
    while (!probe_is_healthy(job)) {
        if (job->interrupted && *job->interrupted)
            return error_set(e, TT_INTERRUPTED, "interrupted while the engine started; nothing was written");
        if (has_ended(c, &how))
            return say_ended(c, how, e);
        if (clock_ticks() >= until)
            return say_late(c, e);
        nap();
    }
    return TT_OK;
}

static int start(struct engine_command *c, const struct probe_job *job, struct error *e)
{
    struct command_job purge = {"the purge command", c->options.purge_cmd, ENGINE_TIMEOUT_S,
                                job->interrupted};
    int status = c->options.purge_cmd ? command_run(&purge, NULL, e) : TT_OK;
    if (!status)
        status = launch(c, e);
    if (!status)
        status = wait_until_healthy(c, job, e);
    if (status)
        stop(c);
    return status;
}

int engine_command_start(struct engine_command **engine, const struct engine_command_options *options,
                         const struct probe_job *job, struct error *e)
{
    *engine = NULL;
    if (probe_is_healthy(job))
        return error_set(
            e, TT_USAGE,
            "an engine answers there already: stop it, or leave out --engine-cmd to record that one");
    struct engine_command *c = mem_zalloc(1, sizeof *c);
    if (!c)
        return error_set(e, TT_NOMEM, "out of memory");
    c->options = *options;
    int status = shell_log_open(&c->log, WHAT, e);
    if (!status)
        status = start(c, job, e);
    if (status)
        engine_command_stop(c);
    else
        *engine = c;
    return status;
}

int engine_command_restart(struct engine_command *engine, const struct probe_job *job, struct error *e)
{
    stop(engine);
    return start(engine, job, e);
}

uint64_t engine_command_pid(const struct engine_command *engine)
{
    return engine ? (uint64_t)engine->pid : 0;
}

void engine_command_stop(struct engine_command *engine)
{
    if (!engine)
        return;
    stop(engine);
    if (engine->log)
        fclose(engine->log);
    mem_free(engine);
}
