/* SPDX-License-Identifier: MIT */
/* What is left running: of a campaign that was killed, usually nothing, for the guardians of its processes
 * stop them, unless they were killed, too; of an engine, what has left its process group. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "record/campaign/campaign.h"
#include "record/clock.h"
#include "record/engine_command.h"
#include "record/process_group.h"
#include "record/strays.h"

/* Its folder: only one campaign at a time has that. */
int campaign_make_mark(struct campaign *c, struct error *e)
{
    char folder[PATH_MAX];
    struct buf mark = BUF_INIT;
    if (!realpath(c->folder, folder))
        return error_errno(e, TT_IO, "cannot find out where '%s' is", c->folder);
    buf_printf(&mark, STRAYS_CAMPAIGN "=%s", folder);
    c->mark = buf_detach(&mark);
    return c->mark ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
}

void campaign_stop_strays(const struct campaign *c)
{
    struct process_list found;
    strays_stop(c->mark, ENGINE_GRACE_S, &found);
    for (size_t i = 0; i < found.count; i++)
        campaign_say(c, "an engine left process %llu behind: it was stopped",
                     (unsigned long long)found.pids[i]);
}

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
