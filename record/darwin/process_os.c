/* SPDX-License-Identifier: MIT */
/* macOS: the process table by sysctl, sockets of processes by libproc. Both show the processes of this user
 * only, as far as open files and arguments are concerned. */
#include <libproc.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/proc.h>
#include <sys/sysctl.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "record/darwin/procargs.h"
#include "record/process.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define FILES_MAX       (1u << 20) /* open files of one process that are looked at */

static void fill_process(struct process *p, const struct kinfo_proc *info)
{
    p->pid = (uint64_t)info->kp_proc.p_pid;
    p->parent_pid = (uint64_t)info->kp_eproc.e_ppid;
    p->start_time =
        (uint64_t)info->kp_proc.p_starttime.tv_sec * 1000000u + (uint64_t)info->kp_proc.p_starttime.tv_usec;
}

int process_os_find(uint64_t pid, struct process *p)
{
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, (int)pid};
    struct kinfo_proc info;
    size_t size = sizeof info;
    if (sysctl(name, COUNT_OF(name), &info, &size, NULL, 0) != 0 || size < sizeof info)
        return TT_NOTFOUND;
    if (info.kp_proc.p_stat == SZOMB)
        return TT_NOTFOUND;
    fill_process(p, &info);
    return TT_OK;
}

/* The whole table, with room for those that start between the two calls. */
static struct kinfo_proc *copy_table(size_t *count)
{
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_ALL};
    size_t size = 0;
    if (sysctl(name, COUNT_OF(name), NULL, &size, NULL, 0) != 0)
        return NULL;
    size += size / 8 + sizeof(struct kinfo_proc);
    struct kinfo_proc *infos = mem_alloc(size);
    if (!infos || sysctl(name, COUNT_OF(name), infos, &size, NULL, 0) != 0) {
        mem_free(infos);
        return NULL;
    }
    *count = size / sizeof(struct kinfo_proc);
    return infos;
}

int process_os_table(struct process_table *table)
{
    size_t count = 0;
    struct kinfo_proc *infos = copy_table(&count);
    int status = infos ? TT_OK : TT_IO;
    for (size_t i = 0; !status && i < count; i++) {
        struct process p;
        fill_process(&p, &infos[i]);
        if (infos[i].kp_proc.p_stat != SZOMB)
            status = process_table_add(table, &p);
    }
    mem_free(infos);
    return status == TT_LIMIT ? TT_OK : status;
}

/* Nothing tells it cheaper than the table itself, which is one call. */
uint64_t process_births(void)
{
    return 0;
}

static void local_address(const struct in_sockinfo *socket, struct address *a)
{
    if (socket->insi_vflag & INI_IPV6)
        address_from_bytes(a, 6, &socket->insi_laddr.ina_6);
    else
        address_from_bytes(a, 4, &socket->insi_laddr.ina_46.i46a_addr4);
}

static int add_if_listening(int pid, int fd, uint16_t port, struct listeners *all)
{
    struct socket_fdinfo info;
    struct address bound;
    if (proc_pidfdinfo(pid, fd, PROC_PIDFDSOCKETINFO, &info, sizeof info) < (int)sizeof info)
        return TT_OK;
    if (info.psi.soi_kind != SOCKINFO_TCP || info.psi.soi_proto.pri_tcp.tcpsi_state != TSI_S_LISTEN)
        return TT_OK;
    const struct in_sockinfo *socket = &info.psi.soi_proto.pri_tcp.tcpsi_ini;
    if (port && ntohs((uint16_t)socket->insi_lport) != port)
        return TT_OK;
    local_address(socket, &bound);
    return listeners_add(all, &bound, (uint64_t)pid);
}

static int add_sockets_of(int pid, uint16_t port, struct listeners *all)
{
    int size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, NULL, 0);
    if (size <= 0 || (size_t)size > FILES_MAX * sizeof(struct proc_fdinfo))
        return TT_OK; /* gone, or another user's */
    struct proc_fdinfo *files = mem_alloc((size_t)size);
    if (!files)
        return TT_NOMEM;
    size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, files, size);
    size_t count = size > 0 ? (size_t)size / sizeof files[0] : 0;
    int status = TT_OK;
    for (size_t i = 0; !status && i < count; i++) {
        if (files[i].proc_fdtype == PROX_FDTYPE_SOCKET)
            status = add_if_listening(pid, files[i].proc_fd, port, all);
    }
    mem_free(files);
    return status;
}

int process_os_listeners(uint16_t port, struct listeners *all)
{
    struct process_table table = {NULL, 0, 0};
    int status = process_os_table(&table);
    for (size_t i = 0; !status && i < table.count; i++)
        status = add_sockets_of((int)table.entries[i].pid, port, all);
    process_table_release(&table);
    return status;
}

static int fill_arguments(const void *block, size_t len, process_keeps_variable *keep,
                          struct process_facts *facts)
{
    struct procargs parts;
    procargs_parse(block, len, &parts);
    size_t kept = parts.arguments.len < PROCESS_ARGUMENTS_MAX ? parts.arguments.len : PROCESS_ARGUMENTS_MAX;
    if (kept)
        buf_append(&facts->arguments, parts.arguments.data, kept);
    if (kept && parts.arguments.data[kept - 1] != '\0')
        buf_putc(&facts->arguments, '\0');
    if (facts->arguments.failed || !parts.environment.len)
        return facts->arguments.failed;
    return process_choose_variables((const char *)parts.environment.data, parts.environment.len, keep,
                                    &facts->environment);
}

static int read_arguments(int pid, process_keeps_variable *keep, struct process_facts *facts)
{
    int limit_name[] = {CTL_KERN, KERN_ARGMAX}, limit = 0, name[] = {CTL_KERN, KERN_PROCARGS2, pid};
    size_t size = sizeof limit;
    if (sysctl(limit_name, COUNT_OF(limit_name), &limit, &size, NULL, 0) != 0 || limit <= 0)
        return TT_OK;
    size = (size_t)limit;
    char *block = mem_alloc(size);
    if (!block)
        return TT_NOMEM;
    int readable = sysctl(name, COUNT_OF(name), block, &size, NULL, 0) == 0;
    int status = readable ? fill_arguments(block, size, keep, facts) : TT_OK;
    mem_free(block);
    return status;
}

int process_os_facts(uint64_t pid, process_keeps_variable *keep, struct process_facts *facts)
{
    char path[PROC_PIDPATHINFO_MAXSIZE];
    int status = process_os_find(pid, &facts->id);
    if (status)
        return status;
    int len = proc_pidpath((int)pid, path, sizeof path);
    if (len > 0 && !(facts->executable = mem_strndup(path, (size_t)len)))
        return TT_NOMEM;
    return read_arguments((int)pid, keep, facts);
}
