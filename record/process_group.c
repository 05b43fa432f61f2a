/* SPDX-License-Identifier: MIT */
#include "record/process_group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/io.h"
#include "record/clock.h"
#include "record/shell.h"

#define LOOK_EVERY_NS UINT64_C(100000000)
#define KILLED_S      5 /* what is not gone by then hangs in a driver, and waiting would be for ever */

static int make_pipe(int ends[2], const char *what, struct error *e)
{
    if (pipe(ends) != 0)
        return error_errno(e, TT_IO, "cannot make a pipe for %s", what);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return TT_OK;
}

/* ---- the guardian ---- */

/* Reads until we are gone, then stops the group. It ignores what a terminal sends to everybody. */
static int spawn_guardian(struct process_group *g, int input, const struct group_start *how, struct error *e)
{
    char script[160];
    snprintf(script, sizeof script,
             "trap '' INT HUP TERM QUIT; read _; kill -TERM -%ld; sleep %d; kill -KILL -%ld", (long)g->pid,
             GROUP_GRACE_S, (long)g->pid);
    return shell_spawn(script, input, how->log, "the guardian of a command", &g->guardian, e);
}

static int start_guardian(struct process_group *g, const struct group_start *how, struct error *e)
{
    int ends[2], status = make_pipe(ends, how->what, e);
    if (status)
        return status;
    g->lifeline = ends[1];
    status = spawn_guardian(g, ends[0], how, e);
    close(ends[0]);
    return status;
}

/* Killed before its pipe closes: the group's number may be another's by then. */
static void end_guardian(struct process_group *g)
{
    if (g->guardian > 0) {
        kill(g->guardian, SIGKILL);
        waitpid(g->guardian, NULL, 0);
    }
    if (g->lifeline > 0)
        close(g->lifeline);
    g->guardian = g->lifeline = 0;
}

/* ---- start ---- */

/* The shell reads a line first: without it, because we died meanwhile, it ends there. */
static int spawn_behind_gate(struct process_group *g, const struct group_start *how, int *gate,
                             struct error *e)
{
    struct buf command = BUF_INIT;
    int ends[2], status = make_pipe(ends, how->what, e);
    if (status)
        return status;
    buf_printf(&command, "read -r _ || exit 1\nexec </dev/null\n%s", how->command);
    status = command.failed ? error_set(e, TT_NOMEM, "out of memory for %s", how->what)
                            : shell_spawn(buf_text(&command), ends[0], how->log, how->what, &g->pid, e);
    buf_release(&command);
    close(ends[0]);
    *gate = ends[1];
    return status;
}

static int start_announced(struct process_group *g, const struct group_start *how, struct error *e)
{
    int gate = -1, status = spawn_behind_gate(g, how, &gate, e);
    if (!status)
        status = start_guardian(g, how, e);
    if (!status)
        status = how->announce(how->context, (uint64_t)g->pid, e);
    if (!status)
        status = io_write_all(gate, "\n", 1, how->what, e);
    if (gate >= 0)
        close(gate);
    return status;
}

int group_start(struct process_group *g, const struct group_start *how, struct error *e)
{
    int status;
    *g = (struct process_group){0, 0, 0};
    if (how->announce) {
        status = start_announced(g, how, e);
    } else {
        status = shell_spawn(how->command, -1, how->log, how->what, &g->pid, e);
        if (!status)
            status = start_guardian(g, how, e);
    }
    if (status)
        group_stop(g, 0);
    return status;
}

/* ---- while it runs, and the end ---- */

int group_has_ended(const struct process_group *g, int *how)
{
    siginfo_t info;
    info.si_pid = 0;
    int ended = waitid(P_PID, (id_t)g->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == g->pid;
    *how = ended ? info.si_status + (info.si_code == CLD_EXITED ? 0 : 128) : 0;
    return ended;
}

void group_signal(const struct process_group *g, int number)
{
    if (g->pid > 0)
        kill(-g->pid, number);
}

static int is_left(pid_t pid)
{
    waitpid(pid, NULL, WNOHANG); /* also collects the shell, so that it does not count */
    return kill(-pid, 0) == 0 || errno == EPERM;
}

static void stop(pid_t pid, double grace_s)
{
    uint64_t until = clock_after_s(grace_s);
    int left = 1;
    kill(-pid, SIGTERM);
    while ((left = is_left(pid)) && clock_ticks() < until)
        clock_sleep_ns(LOOK_EVERY_NS);
    if (!left)
        return;
    kill(-pid, SIGKILL);
    until = clock_after_s(KILLED_S);
    while (is_left(pid) && clock_ticks() < until)
        clock_sleep_ns(LOOK_EVERY_NS);
}

void group_stop(struct process_group *g, double grace_s)
{
    end_guardian(g);
    if (g->pid > 0)
        stop(g->pid, grace_s);
    g->pid = 0;
}

void group_stop_stray(uint64_t pid, double grace_s)
{
    if (pid > 1 && pid < (uint64_t)INT32_MAX)
        stop((pid_t)pid, grace_s);
}
