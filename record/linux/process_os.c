/* SPDX-License-Identifier: MIT */
/* Linux: the process table, listening sockets and facts of a process, from /proc. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "record/linux/procfs.h"
#include "record/linux/roots.h"

#define SOCKETS_MAX 1024 /* on one port: SO_REUSEPORT gives each worker its own */

/* The next directory entry that is a number; 0 at the end. */
static int next_number(DIR *dir, uint64_t *number)
{
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len && procfs_number(entry->d_name, len, number) == len)
            return 1;
    }
    return 0;
}

int procfs_find(const char *root, uint64_t pid, struct process *p)
{
    struct buf text = BUF_INIT;
    int status = procfs_read(root, pid, "stat", PROCFS_SMALL_MAX, &text);
    if (!status && (!procfs_parse_stat(buf_text(&text), text.len, p) || p->pid != pid))
        status = TT_NOTFOUND;
    buf_release(&text);
    return status;
}

int procfs_table(const char *root, struct process_table *table)
{
    struct buf text = BUF_INIT;
    struct process p;
    uint64_t pid;
    int status = TT_OK;
    DIR *dir = opendir(root);
    if (!dir)
        return TT_IO;
    while (!status && next_number(dir, &pid)) {
        buf_clear(&text);
        int dead = procfs_read(root, pid, "stat", PROCFS_SMALL_MAX, &text);
        if (dead == TT_NOMEM)
            status = TT_NOMEM;
        else if (!dead && procfs_parse_stat(buf_text(&text), text.len, &p))
            status = process_table_add(table, &p);
    }
    closedir(dir);
    buf_release(&text);
    return status == TT_LIMIT ? TT_OK : status;
}

/* loadavg ends with the pid that was given out last, to a process or to a thread. */
uint64_t procfs_births(const char *root)
{
    struct buf text = BUF_INIT;
    uint64_t last = 0;
    const char *at =
        procfs_read(root, 0, "loadavg", PROCFS_SMALL_MAX, &text) ? NULL : strrchr(buf_text(&text), ' ');
    if (at && !procfs_number(at + 1, strlen(at + 1), &last))
        last = 0;
    buf_release(&text);
    return last;
}

/* The listening sockets of one port. */
struct sockets {
    struct procfs_socket items[SOCKETS_MAX];
    int held[SOCKETS_MAX]; /* some visible process has it open */
    size_t count;
};

static int add_sockets(const char *root, const char *name, int version, uint16_t port, struct sockets *found)
{
    char path[PATH_MAX];
    struct procfs_lines lines;
    struct procfs_socket row;
    const char *line;
    size_t len;
    int written = snprintf(path, sizeof path, "%s/%s", root, name);
    if (written < 0 || (size_t)written >= sizeof path)
        return TT_IO;
    int status = procfs_lines_open(&lines, path);
    if (status)
        return status;
    while (found->count < SOCKETS_MAX && (line = procfs_lines_next(&lines, &len)) != NULL) {
        if (procfs_parse_socket(line, len, version, &row) && row.listens && (!port || row.port == port))
            found->items[found->count++] = row;
    }
    procfs_lines_close(&lines);
    return TT_OK;
}

/* "socket:[12345]" */
static int parse_socket_link(const char *link, size_t len, uint64_t *inode)
{
    static const char prefix[] = "socket:[";
    size_t n = sizeof prefix - 1;
    if (len < n + 2 || strncmp(link, prefix, n) != 0)
        return 0;
    return procfs_number(link + n, len - n, inode) == len - n - 1 && link[len - 1] == ']';
}

static int match_link(const char *link, size_t len, uint64_t pid, struct sockets *sockets,
                      struct listeners *all)
{
    uint64_t inode;
    int status = TT_OK;
    if (!parse_socket_link(link, len, &inode))
        return TT_OK;
    for (size_t i = 0; !status && i < sockets->count; i++) {
        if (sockets->items[i].inode != inode)
            continue;
        sockets->held[i] = 1;
        status = listeners_add(all, &sockets->items[i].address, pid);
    }
    return status;
}

static int match_open_files(const char *root, uint64_t pid, struct sockets *sockets, struct listeners *all)
{
    char path[PATH_MAX], link[64];
    const struct dirent *entry;
    int written = snprintf(path, sizeof path, "%s/%llu/fd", root, (unsigned long long)pid);
    DIR *dir = written > 0 && (size_t)written < sizeof path ? opendir(path) : NULL;
    int status = TT_OK;
    if (!dir)
        return TT_OK; /* gone, or another user's */
    while (!status && (entry = readdir(dir)) != NULL) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof link);
        if (n > 0)
            status = match_link(link, (size_t)n, pid, sockets, all);
    }
    closedir(dir);
    return status;
}

static int add_hidden(const struct sockets *sockets, struct listeners *all)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < sockets->count; i++) {
        if (!sockets->held[i])
            status = listeners_add(all, &sockets->items[i].address, UINT64_MAX);
    }
    return status;
}

int procfs_listeners(const char *root, uint16_t port, struct listeners *all)
{
    struct sockets sockets = {.count = 0};
    uint64_t pid;
    int v4 = add_sockets(root, "net/tcp", 4, port, &sockets);
    int v6 = add_sockets(root, "net/tcp6", 6, port, &sockets); /* absent where IPv6 is off */
    if (v4 && v6)
        return TT_IO;
    if (!sockets.count)
        return TT_OK;
    DIR *dir = opendir(root);
    if (!dir)
        return TT_IO;
    int status = TT_OK;
    while (!status && next_number(dir, &pid))
        status = match_open_files(root, pid, &sockets, all);
    closedir(dir);
    return status ? status : add_hidden(&sockets, all);
}

static int read_executable(const char *root, uint64_t pid, struct process_facts *facts)
{
    char path[PATH_MAX], target[PATH_MAX];
    int written = snprintf(path, sizeof path, "%s/%llu/exe", root, (unsigned long long)pid);
    ssize_t n = written > 0 && (size_t)written < sizeof path ? readlink(path, target, sizeof target) : -1;
    if (n <= 0)
        return TT_OK;
    facts->executable = mem_strndup(target, (size_t)n);
    return facts->executable ? TT_OK : TT_NOMEM;
}

/* A process that rewrote its arguments may have left them without the last NUL. */
static int end_with_nul(struct buf *text)
{
    if (text->len && text->data[text->len - 1] != '\0')
        return buf_putc(text, '\0');
    return text->failed;
}

static int read_environment(const char *root, uint64_t pid, process_keeps_variable *keep, struct buf *out)
{
    struct buf block = BUF_INIT;
    int status = procfs_read(root, pid, "environ", PROCESS_ENVIRONMENT_MAX, &block);
    if (status != TT_NOMEM)
        status = process_choose_variables(buf_text(&block), block.len, keep, out);
    buf_release(&block);
    return status;
}

int procfs_facts(const char *root, uint64_t pid, process_keeps_variable *keep, struct process_facts *facts)
{
    int status = procfs_find(root, pid, &facts->id);
    if (!status)
        status = read_executable(root, pid, facts);
    if (!status && procfs_read(root, pid, "cmdline", PROCESS_ARGUMENTS_MAX, &facts->arguments) == TT_NOMEM)
        status = TT_NOMEM;
    if (!status)
        status = end_with_nul(&facts->arguments);
    if (!status && keep)
        status = read_environment(root, pid, keep, &facts->environment);
    return status;
}

int process_os_table(struct process_table *table)
{
    return procfs_table(root_of_proc(), table);
}

uint64_t process_births(void)
{
    return procfs_births(root_of_proc());
}

int process_os_find(uint64_t pid, struct process *p)
{
    return procfs_find(root_of_proc(), pid, p);
}

int process_os_listeners(uint16_t port, struct listeners *all)
{
    return procfs_listeners(root_of_proc(), port, all);
}

int process_os_facts(uint64_t pid, process_keeps_variable *keep, struct process_facts *facts)
{
    return procfs_facts(root_of_proc(), pid, keep, facts);
}
