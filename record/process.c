/* SPDX-License-Identifier: MIT */
#include "record/process.h"

#include <string.h>

#include "formats/alloc.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

int process_table_add(struct process_table *table, const struct process *p)
{
    if (table->count >= PROCESS_TABLE_MAX)
        return TT_LIMIT;
    if (mem_grow(&table->entries, &table->capacity, table->count + 1, sizeof *p))
        return TT_NOMEM;
    table->entries[table->count++] = *p;
    return TT_OK;
}

int process_table_read(struct process_table *table)
{
    table->count = 0;
    return process_os_table(table);
}

void process_table_release(struct process_table *table)
{
    mem_free(table->entries);
    memset(table, 0, sizeof *table);
}

const struct process *process_table_find(const struct process_table *table, uint64_t pid)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->entries[i].pid == pid)
            return &table->entries[i];
    }
    return NULL;
}

int process_is_alive(const struct process *p)
{
    struct process now;
    return process_os_find(p->pid, &now) == TT_OK && now.start_time == p->start_time;
}

int process_list_has(const struct process_list *list, uint64_t pid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->pids[i] == pid)
            return 1;
    }
    return 0;
}

int process_list_add(struct process_list *list, uint64_t pid)
{
    if (process_list_has(list, pid))
        return 1;
    if (list->count == PROCESS_LIST_MAX)
        return 0;
    list->pids[list->count++] = pid;
    return 1;
}

/* Each pass may find children of those that the pass before found; a tree is rarely deeper than a few. */
void process_list_add_children(struct process_list *list, const struct process_table *table)
{
    size_t before;
    do {
        before = list->count;
        for (size_t i = 0; i < table->count; i++) {
            if (process_list_has(list, table->entries[i].parent_pid))
                process_list_add(list, table->entries[i].pid);
        }
    } while (list->count > before);
}

void process_list_add_ancestors(struct process_list *list, const struct process_table *table)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct process *p = process_table_find(table, list->pids[i]);
        if (p && p->parent_pid)
            process_list_add(list, p->parent_pid);
    }
}

int listeners_add(struct listeners *all, const struct address *address, uint64_t pid)
{
    if (mem_grow(&all->items, &all->capacity, all->count + 1, sizeof *all->items))
        return TT_NOMEM;
    all->items[all->count++] = (struct listener){*address, pid};
    return TT_OK;
}

/* How well a socket fits a connection to `address`: 0 not at all, 1 listens everywhere, 2 exactly there. A
 * socket for all of IPv6 usually takes IPv4 as well. */
static int fitness(const struct address *bound, const struct address *address)
{
    if (!address || address_is_unspecified(address))
        return 1;
    if (address_is_unspecified(bound))
        return bound->version == address->version || bound->version == 6;
    return address_equal(bound, address) ? 2 : 0;
}

void process_choose_listeners(const struct listeners *all, const struct address *address,
                              struct process_list *list, int *hidden)
{
    int best = 0;
    *hidden = 0;
    for (size_t i = 0; i < all->count; i++) {
        int fits = fitness(&all->items[i].address, address);
        best = fits > best ? fits : best;
    }
    for (size_t i = 0; best && i < all->count; i++) {
        if (fitness(&all->items[i].address, address) != best)
            continue;
        if (all->items[i].pid == UINT64_MAX)
            *hidden = 1;
        else
            process_list_add(list, all->items[i].pid);
    }
}

int process_listeners(uint16_t port, const struct address *address, struct process_list *list, int *hidden,
                      struct error *e)
{
    struct listeners all = {NULL, 0, 0};
    list->count = 0;
    *hidden = 0;
    int status = process_os_listeners(port, &all);
    process_choose_listeners(&all, address, list, hidden);
    mem_free(all.items);
    if (status)
        return error_set(e, (enum tt_err)status, "cannot find out who listens on port %u", (unsigned)port);
    if (list->count)
        return TT_OK;
    return error_set(e, TT_NOTFOUND,
                     *hidden ? "the process that listens on port %u belongs to another user"
                             : "no process that this user may see listens on port %u",
                     (unsigned)port);
}

int process_all_listeners(struct process_list *list)
{
    struct listeners all = {NULL, 0, 0};
    int hidden;
    list->count = 0;
    int status = process_os_listeners(0, &all);
    process_choose_listeners(&all, NULL, list, &hidden);
    mem_free(all.items);
    return status;
}

int process_choose_variables(const char *block, size_t len, process_keeps_variable *keep, struct buf *out)
{
    size_t at = 0;
    while (at < len && keep) {
        const char *variable = block + at, *end = memchr(variable, '\0', len - at);
        size_t n = end ? (size_t)(end - variable) : len - at;
        const char *sign = memchr(variable, '=', n);
        if (sign && keep(variable, (size_t)(sign - variable))) {
            buf_append(out, variable, n);
            buf_putc(out, '\0');
        }
        at += n + 1;
    }
    return out->failed;
}

int process_read_facts(uint64_t pid, process_keeps_variable *keep, struct process_facts *facts,
                       struct error *e)
{
    memset(facts, 0, sizeof *facts);
    int status = process_os_facts(pid, keep, facts);
    if (status == TT_NOTFOUND)
        return error_set(e, TT_NOTFOUND, "no process %llu", (unsigned long long)pid);
    return status
               ? error_set(e, (enum tt_err)status, "cannot read about process %llu", (unsigned long long)pid)
               : TT_OK;
}

int process_copy_facts(struct process_facts *to, const struct process_facts *from)
{
    memset(to, 0, sizeof *to);
    to->id = from->id;
    if (from->executable && !(to->executable = mem_strdup(from->executable)))
        return TT_NOMEM;
    if (buf_append(&to->arguments, from->arguments.data, from->arguments.len))
        return TT_NOMEM;
    return buf_append(&to->environment, from->environment.data, from->environment.len);
}

void process_release_facts(struct process_facts *facts)
{
    mem_free(facts->executable);
    buf_release(&facts->arguments);
    buf_release(&facts->environment);
    memset(facts, 0, sizeof *facts);
}

int process_is_forwarder(const char *executable)
{
    static const char *const names[] = {"ssh",
                                        "sshd",
                                        "sshd-session",
                                        "autossh",
                                        "dropbear",
                                        "docker-proxy",
                                        "rootlesskit",
                                        "rootlessport",
                                        "slirp4netns",
                                        "pasta",
                                        "passt",
                                        "pasta.avx2",
                                        "passt.avx2",
                                        "vpnkit",
                                        "com.docker.vpnkit",
                                        "com.docker.backend",
                                        "gvproxy",
                                        "OrbStack Helper",
                                        "limactl",
                                        "wslrelay",
                                        "podman",
                                        "conmon",
                                        "kubectl",
                                        "socat",
                                        "ncat",
                                        "haproxy",
                                        "nginx",
                                        "caddy",
                                        "traefik",
                                        "envoy",
                                        "cloudflared",
                                        "tailscaled",
                                        "ngrok",
                                        "frpc",
                                        "frps",
                                        "chisel",
                                        "stunnel",
                                        "stunnel4",
                                        "httpd",
                                        "apache2"};
    static const char deleted[] = " (deleted)"; /* Linux adds it when the file was replaced since */
    if (!executable)
        return 0;
    const char *slash = strrchr(executable, '/'), *name = slash ? slash + 1 : executable;
    size_t len = strlen(name), tail = sizeof deleted - 1;
    if (len > tail && strcmp(name + len - tail, deleted) == 0)
        len -= tail;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strlen(names[i]) == len && strncmp(name, names[i], len) == 0)
            return 1;
    }
    return 0;
}
