/* SPDX-License-Identifier: MIT */
/* What a campaign left running that was killed: usually the guardians of its processes have stopped them by
 * now, unless they were killed, too. */
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "record/campaign/campaign.h"
#include "record/clock.h"
#include "record/engine_command.h"
#include "record/process_group.h"

#define MARK "TOKTAPE_CAMPAIGN"

static int keeps_mark(const char *name, size_t len)
{
    return len == strlen(MARK) && memcmp(name, MARK, len) == 0;
}

/* Every process of an engine has inherited the mark that its command was given. */
static int is_marked(const struct campaign *c, uint64_t pid)
{
    struct process_facts facts;
    struct buf mark = BUF_INIT;
    buf_printf(&mark, MARK "=%s", c->plan->name);
    int status = process_read_facts(pid, keeps_mark, &facts, NULL);
    int marked = !status && !mark.failed && facts.environment.len == mark.len + 1 &&
                 memcmp(facts.environment.data, mark.data, mark.len) == 0;
    process_release_facts(&facts);
    buf_release(&mark);
    return marked;
}

/* The first process may have gone while its children run on. */
static int has_members(const struct campaign *c, const struct process *first)
{
    struct process_table table = {0};
    int found = 0;
    if (process_table_read(&table) == TT_OK) {
        for (size_t i = 0; i < table.count && !found; i++) {
            const struct process *p = &table.entries[i];
            found = (uint64_t)getpgid((pid_t)p->pid) == first->pid && p->start_time >= first->start_time &&
                    is_marked(c, p->pid);
        }
    }
    process_table_release(&table);
    return found;
}

static void stop(const struct campaign *c, struct process *p, const char *what)
{
    if (p->pid && (process_is_alive(p) || has_members(c, p))) {
        campaign_say(c, "%s of a campaign that was killed still runs (process %llu): it is stopped", what,
                     (unsigned long long)p->pid);
        group_stop_stray(p->pid, ENGINE_GRACE_S);
    }
    *p = (struct process){0, 0, 0};
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
    m->recorder = m->engine = (struct process){0, 0, 0};
    memcpy(m->boot, boot, sizeof m->boot);
    return campaign_save(c, e);
}
