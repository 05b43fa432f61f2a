/* SPDX-License-Identifier: MIT */
#include "plots/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NO_GNUPLOT 127
#define EXIT_NO_DIR     126
#define WORDS_MAX       240

/* In the child, between fork and exec: only calls that are safe there. */
static void become_gnuplot(const char *dir, const char *script, int words)
{
    static const char program[] = "gnuplot", settings[] = "--default-settings";
    char *argv[4];
    memcpy(&argv[0], &(const char *){program}, sizeof argv[0]);
    memcpy(&argv[1], &(const char *){settings}, sizeof argv[1]);
    memcpy(&argv[2], &script, sizeof argv[2]);
    argv[3] = NULL;
    int null = open("/dev/null", O_RDWR);
    if (chdir(dir) != 0 || null < 0)
        _exit(EXIT_NO_DIR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(words, STDERR_FILENO);
    execvp(program, argv);
    _exit(EXIT_NO_GNUPLOT);
}

/* Keeps the beginning of what gnuplot says, and reads on so that it never blocks. */
static void collect(int fd, char words[WORDS_MAX])
{
    char piece[512];
    size_t len = 0;
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        size_t take = (size_t)n < WORDS_MAX - 1 - len ? (size_t)n : WORDS_MAX - 1 - len;
        memcpy(words + len, piece, take);
        len += take;
    }
    words[len] = '\0';
}

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int gnuplot_run(const char *dir, const char *script, struct error *e)
{
    char words[WORDS_MAX];
    int ends[2];
    if (pipe(ends) != 0)
        return error_errno(e, TT_IO, "cannot make a pipe");
    pid_t child = fork();
    if (child == 0)
        become_gnuplot(dir, script, ends[1]);
    close(ends[1]);
    if (child > 0)
        collect(ends[0], words);
    close(ends[0]);
    if (child < 0)
        return error_errno(e, TT_IO, "cannot start gnuplot");
    int code = wait_for(child);
    if (code == EXIT_NO_GNUPLOT)
        return error_set(
            e, TT_NOTFOUND,
            "no gnuplot here, so no pictures; 'apt install gnuplot-nox' or 'brew install gnuplot', then "
            "run it on the scripts, which were written");
    return code == 0 ? TT_OK : error_set(e, TT_IO, "gnuplot failed on '%s': %s", script, words);
}
