/* SPDX-License-Identifier: MIT */
/* What is left running: of a campaign that was killed, usually nothing, for the guardians of its processes
 * stop them, unless they were killed, too; of an engine, what has left its process group. That is known by a
 * mark in the environment, which every process of an engine inherits: the folder of the campaign that started
 * it. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "record/campaign/campaign.h"
#include "record/clock.h"
#include "record/engine_command.h"
#include "record/process_group.h"

#define MARK          "TOKTAPE_CAMPAIGN"
#define LOOK_EVERY_NS UINT64_C(100000000)
#define KILLED_S      5 /* a process that was killed is gone by then, if ever */

int campaign_make_mark(struct campaign *c, struct error *e)
{
    char folder[PATH_MAX];
    struct buf mark = BUF_INIT;
    if (!realpath(c->folder, folder))
        return error_errno(e, TT_IO, "cannot find out where '%s' is", c->folder);
    buf_printf(&mark, MARK "=%s", folder);
    c->mark = buf_detach(&mark);
    return c->mark ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

static int keeps_mark(const char *name, size_t len)
{
    return len == strlen(MARK) && memcmp(name, MARK, len) == 0;
}

static int is_marked(const struct campaign *c, uint64_t pid)
{
    struct process_facts facts;
    int status = process_read_facts(pid, keeps_mark, &facts, NULL);
    size_t len = strlen(c->mark) + 1;
    int marked = !status && facts.environment.len == len && memcmp(facts.environment.data, c->mark, len) == 0;
    process_release_facts(&facts);
    return marked;
}

/* ---- what an engine's process group does not hold ---- */

static size_t find_strays(const struct campaign *c, struct process_list *strays)
{
    struct process_table table = {0};
    strays->count = 0;
    if (process_table_read(&table) == TT_OK) {
        for (size_t i = 0; i < table.count; i++) {
            uint64_t pid = table.entries[i].pid;
            if (pid != (uint64_t)getpid() && is_marked(c, pid))
                process_list_add(strays, pid);
        }
    }
    process_table_release(&table);
    return strays->count;
}

static void signal_strays(const struct process_list *strays, int number)
{
    for (size_t i = 0; i < strays->count; i++)
        kill((pid_t)strays->pids[i], number);
}

void campaign_stop_strays(const struct campaign *c)
{
    struct process_list strays;
    uint64_t grace = clock_after_s(ENGINE_GRACE_S), end = clock_after_s(ENGINE_GRACE_S + KILLED_S);
    if (!find_strays(c, &strays))
        return;
    for (size_t i = 0; i < strays.count; i++)
        campaign_say(c, "an engine left process %llu behind: it is stopped",
                     (unsigned long long)strays.pids[i]);
    signal_strays(&strays, SIGTERM);
    while (find_strays(c, &strays) && clock_ticks() < end) {
        if (clock_ticks() >= grace)
            signal_strays(&strays, SIGKILL);
        clock_sleep_ns(LOOK_EVERY_NS);
    }
}

/* ---- what a campaign left that was killed ---- */

static void stop(const struct campaign *c, const struct process *p, const char *what)
{
    if (!p->pid || !process_is_alive(p))
        return;
    campaign_say(c, "%s of a campaign that was killed still runs (process %llu): it is stopped", what,
                 (unsigned long long)p->pid);
    group_stop_stray(p->pid, ENGINE_GRACE_S);
}

/* Before the machine started anew, the same numbers meant other processes. */
int campaign_stop_leftovers(struct campaign *c, struct error *e)
{
    struct manifest *m = &c->manifest;
    char boot[SHA256_HEX_BYTES];
    clock_boot_id(boot);
    if (strcmp(boot, m->boot) == 0) {
        stop(c, &m->recorder, "the recorder");
        stop(c, &m->engine, "the engine");
    }
    campaign_stop_strays(c);
    m->recorder = m->engine = (struct process){0, 0, 0};
    memcpy(m->boot, boot, sizeof m->boot);
    return campaign_save(c, e);
}
