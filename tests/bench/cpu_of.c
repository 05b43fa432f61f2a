/* SPDX-License-Identifier: MIT */
/* cpu_of [-a] COMMAND [ARG ...]: runs it with its output thrown away and prints the CPU (user + system) that
 * the process and its children took, in microseconds; with -a also the time on the clock, in microseconds,
 * and the peak of resident memory, in KiB (macOS: bytes). Exits with its exit code, or as a shell
 * does where a signal ended it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status, all = argc > 1 && strcmp(argv[1], "-a") == 0;
    argc -= all;
    argv += all;
    if (argc < 2)
        return 2;
    long long began = now_us();
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || getrusage(RUSAGE_CHILDREN, &usage))
        return 1;
    printf("%lld", (long long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    if (all)
        printf(" %lld %ld", now_us() - began, usage.ru_maxrss);
    putchar('\n');
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
