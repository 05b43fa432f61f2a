/* SPDX-License-Identifier: MIT */
#include "record/command_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "record/clock.h"

#define LOOK_EVERY_NS 20000000

extern char **environ;

/* A command under way. */
struct running {
    const struct command_job *job;
    struct command_outcome *outcome;
    FILE *log;
    pid_t pid;  /* also its process group */
    int status; /* of waitpid */
};

/* ---- starting ---- */

/* The recorder catches and ignores signals of its own: the command begins with none of that. */
static int set_signals(posix_spawnattr_t *attributes)
{
    static const int ours[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE};
    sigset_t none, reset;
    sigemptyset(&none);
    sigemptyset(&reset);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigaddset(&reset, ours[i]);
    int failed = posix_spawnattr_setsigmask(attributes, &none);
    failed |= posix_spawnattr_setsigdefault(attributes, &reset);
    failed |= posix_spawnattr_setpgroup(attributes, 0);
    failed |= posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETSIGDEF);
    return failed;
}

static int set_streams(posix_spawn_file_actions_t *actions, int log)
{
    int failed = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    failed |= posix_spawn_file_actions_adddup2(actions, log, STDOUT_FILENO);
    failed |= posix_spawn_file_actions_adddup2(actions, log, STDERR_FILENO);
    return failed;
}

/* posix_spawn, not fork: the recorder has threads, whose locks a forked child could find taken. */
static int spawn_shell(struct running *r, char *command)
{
    char shell[] = "sh", option[] = "-c";
    char *const arguments[] = {shell, option, command, NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    int failed = set_signals(&attributes);
    failed |= set_streams(&actions, fileno(r->log));
    if (!failed)
        failed = posix_spawn(&r->pid, "/bin/sh", &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static int start(struct running *r, struct error *e)
{
    r->log = tmpfile();
    if (!r->log)
        return error_errno(e, TT_IO, "cannot create a log for %s", r->job->what);
    fcntl(fileno(r->log), F_SETFD, FD_CLOEXEC);
    char *command = mem_strdup(r->job->command);
    if (!command)
        return error_set(e, TT_NOMEM, "out of memory for %s", r->job->what);
    int failed = spawn_shell(r, command);
    mem_free(command);
    if (!failed)
        return TT_OK;
    errno = failed;
    return error_errno(e, TT_IO, "cannot start %s", r->job->what);
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
    uint64_t end = clock_ticks() + clock_ns_to_ticks((uint64_t)(seconds * 1e9));
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

static void read_tail(const struct running *r)
{
    struct stat st;
    int fd = fileno(r->log);
    if (fstat(fd, &st) != 0)
        return;
    off_t from = st.st_size > COMMAND_TAIL_BYTES ? st.st_size - COMMAND_TAIL_BYTES : 0;
    ssize_t len = pread(fd, r->outcome->tail, COMMAND_TAIL_BYTES, from);
    r->outcome->tail[len > 0 ? len : 0] = '\0';
}

/* The last line that is not empty. */
static void last_line(const char *text, char *line, size_t size)
{
    size_t end = strlen(text);
    while (end > 0 && strchr(" \t\r\n", text[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    size_t len = end - begin < size - 1 ? end - begin : size - 1;
    memcpy(line, text + begin, len);
    line[len] = '\0';
}

static int judge(const struct running *r, int ended, struct error *e)
{
    struct command_outcome *o = r->outcome;
    const char *what = r->job->what;
    char line[200];
    last_line(o->tail, line, sizeof line);
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
    read_tail(r);
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
