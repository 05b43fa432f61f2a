/* SPDX-License-Identifier: MIT */
#include "record/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/alloc.h"

extern char **environ;

int shell_log_open(FILE **log, const char *what, struct error *e)
{
    *log = tmpfile();
    if (!*log)
        return error_errno(e, TT_IO, "cannot create a log for %s", what);
    fcntl(fileno(*log), F_SETFD, FD_CLOEXEC);
    return TT_OK;
}

int shell_log_open_file(FILE **log, const char *path, const char *what, struct error *e)
{
    /* Commands may write secrets; a link could lead them anywhere. */
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        *log = fdopen(fd, "a+");
    if (fd >= 0 && *log)
        return TT_OK;
    error_errno(e, TT_IO, "cannot open '%s', the log of %s", path, what);
    if (fd >= 0)
        close(fd);
    return TT_IO;
}

int shell_quote(struct buf *out, const char *word)
{
    buf_putc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            buf_puts(out, "'\\''");
        else
            buf_putc(out, *word);
    }
    return buf_putc(out, '\'');
}

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

static int set_streams(posix_spawn_file_actions_t *actions, int input, int log)
{
    int failed = input >= 0
                     ? posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO)
                     : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    failed |= posix_spawn_file_actions_adddup2(actions, log, STDOUT_FILENO);
    failed |= posix_spawn_file_actions_adddup2(actions, log, STDERR_FILENO);
    return failed;
}

/* posix_spawn, not fork: the recorder has threads, whose locks a forked child could find taken. */
static int spawn(char *command, int input, int log, pid_t *pid)
{
    char shell[] = "sh", option[] = "-c";
    char *const arguments[] = {shell, option, command, NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    int failed = set_signals(&attributes);
    failed |= set_streams(&actions, input, log);
    if (!failed)
        failed = posix_spawn(pid, "/bin/sh", &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

int shell_spawn(const char *command, int input, FILE *log, const char *what, pid_t *pid, struct error *e)
{
    char *copy = mem_strdup(command);
    if (!copy)
        return error_set(e, TT_NOMEM, "out of memory for %s", what);
    int failed = spawn(copy, input, fileno(log), pid);
    mem_free(copy);
    if (!failed)
        return TT_OK;
    errno = failed;
    return error_errno(e, TT_IO, "cannot start %s", what);
}

void shell_log_tail(FILE *log, char *tail, size_t size)
{
    struct stat st;
    int fd = fileno(log);
    tail[0] = '\0';
    if (fstat(fd, &st) != 0)
        return;
    off_t room = (off_t)size - 1, from = st.st_size > room ? st.st_size - room : 0;
    ssize_t len = pread(fd, tail, size - 1, from);
    tail[len > 0 ? len : 0] = '\0';
    for (ssize_t i = 0; i < len; i++)
        tail[i] = tail[i] ? tail[i] : ' '; /* a NUL would hide all behind it */
}

void shell_last_line(const char *text, char *line, size_t size)
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
