/* SPDX-License-Identifier: MIT */
/* Processes of this machine: who listens on a port, what a process is, and which children it has. Sources:
 * /proc on Linux, libproc and sysctl on macOS. Whatever the system does not let this user see is simply not
 * there. */
#ifndef TOKTAPE_PROCESS_H
#define TOKTAPE_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/address.h"
#include "formats/buf.h"
#include "formats/error.h"

#define PROCESS_LIST_MAX        256 /* processes of one engine that are followed */
#define PROCESS_TABLE_MAX       (1u << 18)
#define PROCESS_ARGUMENTS_MAX   (64u << 10) /* bytes of arguments that are kept */
#define PROCESS_ENVIRONMENT_MAX (256u << 10)

/* pid and start_time together name one process for as long as the machine is up. */
struct process {
    uint64_t pid, parent_pid;
    uint64_t start_time; /* Linux: clock ticks since boot; macOS: microseconds since 1970 */
};

/* The process table at one moment, without the dead that nobody has buried. All zero is an empty one. */
struct process_table {
    struct process *entries;
    size_t count, capacity;
};

/* Replaces the table's content. TT_OK, TT_NOMEM or TT_IO. */
int process_table_read(struct process_table *table);
void process_table_release(struct process_table *table);
const struct process *process_table_find(const struct process_table *table, uint64_t pid);

/* A mark that changes when any process or thread is started; 0 where the system gives none cheaply. Where it
 * has stayed the same the table can only have lost entries. */
uint64_t process_births(void);

/* 1 when a process of that pid and start time lives. */
int process_is_alive(const struct process *p);

/* A set of pids, each once. */
struct process_list {
    uint64_t pids[PROCESS_LIST_MAX];
    size_t count;
};

int process_list_has(const struct process_list *list, uint64_t pid);
int process_list_add(struct process_list *list, uint64_t pid); /* 0 when it is full */

/* Who listens on TCP `port`, reached at `address` (NULL: at any)? A socket bound to exactly that address wins
 * over one bound to all; all processes that hold the winning sockets are listed. TT_NOTFOUND when nobody is
 * visible; then *hidden is 1 if somebody does listen, but the system does not say who (another user's
 * process). */
int process_listeners(uint16_t port, const struct address *address, struct process_list *list, int *hidden,
                      struct error *e);

/* Processes of this user that listen on any TCP port. TT_OK, TT_NOMEM or TT_IO. */
int process_all_listeners(struct process_list *list);

/* Adds parents, their parents and so on of all that are in the list. */
void process_list_add_ancestors(struct process_list *list, const struct process_table *table);

/* Adds children, their children and so on of all that are in the list. */
void process_list_add_children(struct process_list *list, const struct process_table *table);

struct process_facts {
    struct process id;
    char *executable;       /* path; NULL when unknown */
    struct buf arguments;   /* as the process was started: each ended by NUL, verbatim, cut at the limit */
    struct buf environment; /* chosen variables, "NAME=value", each ended by NUL, verbatim */
};

/* 1 when a variable of that name is to be kept. */
typedef int process_keeps_variable(const char *name, size_t len);

/* TT_OK, TT_NOTFOUND when the process is gone, TT_NOMEM. What may not be read stays empty. *facts need not be
 * initialised; release it in every case. `keep` NULL keeps no variable. */
int process_read_facts(uint64_t pid, process_keeps_variable *keep, struct process_facts *facts,
                       struct error *e);
int process_copy_facts(struct process_facts *to, const struct process_facts *from); /* `to` is overwritten */
void process_release_facts(struct process_facts *facts);

/* 1 when a program of this path only passes connections on (ssh, docker-proxy, socat …): the engine is
 * elsewhere. */
int process_is_forwarder(const char *executable);

/* One listening socket as the system shows it. */
struct listener {
    struct address address;
    uint64_t pid; /* UINT64_MAX when it is not visible who holds it */
};

struct listeners {
    struct listener *items;
    size_t count, capacity;
};

/* Chooses among the sockets of one port, as process_listeners says. A pure function. */
void process_choose_listeners(const struct listeners *all, const struct address *address,
                              struct process_list *list, int *hidden);

/* Copies the chosen variables from a block of NUL-separated "NAME=value". A pure function. */
int process_choose_variables(const char *block, size_t len, process_keeps_variable *keep, struct buf *out);

/* Per-OS pieces, in linux/ and darwin/. */
int process_os_table(struct process_table *table);
int process_os_find(uint64_t pid, struct process *p);           /* TT_NOTFOUND when dead */
int process_os_listeners(uint16_t port, struct listeners *all); /* port 0: all */
int process_os_facts(uint64_t pid, process_keeps_variable *keep, struct process_facts *facts);

/* Adds an entry. TT_OK, TT_NOMEM, or TT_LIMIT at PROCESS_TABLE_MAX. */
int process_table_add(struct process_table *table, const struct process *p);
int listeners_add(struct listeners *all, const struct address *address, uint64_t pid);

#endif
