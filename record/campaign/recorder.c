/* SPDX-License-Identifier: MIT */
/* `toktape record` as a child of its own. */
#include "record/campaign/campaign.h"
#include "record/clock.h"
#include "record/process_group.h"
#include "record/shell.h"

#define WHAT          "the recorder"
#define LOOK_EVERY_NS UINT64_C(50000000)
#define CLOSING_S     60 /* for closing a trace properly after Ctrl-C */

static void put_option(struct buf *command, const char *option, const char *value)
{
    struct buf word = BUF_INIT;
    buf_printf(&word, "%s=%s", option, value);
    buf_putc(command, ' ');
    shell_quote(command, buf_text(&word));
    if (word.failed)
        command->failed = word.failed;
    buf_release(&word);
}

static void put_label(struct buf *command, const char *name, const char *value)
{
    struct buf label = BUF_INIT;
    buf_printf(&label, "%s=%s", name, value);
    put_option(command, "--label", buf_text(&label));
    buf_release(&label);
}

/* Labels of the plan come last: they win. */
static int put_command(const struct recorder_job *job, struct buf *command)
{
    const struct campaign *c = job->campaign;
    const struct campaign_cell *cell = job->recording->cell;
    buf_puts(command, "exec ");
    shell_quote(command, c->program);
    buf_puts(command, " record --strict");
    put_option(command, "--url", cell->url);
    put_option(command, "--output", c->staging);
    buf_printf(command, " --runs=%llu", (unsigned long long)job->recording->runs);
    put_label(command, "campaign", c->plan->name);
    put_label(command, "cell", cell->name);
    for (size_t i = 0; i < cell->arguments.count; i++) {
        buf_putc(command, ' ');
        shell_quote(command, cell->arguments.items[i]);
    }
    return command->failed;
}

static int announce(void *context, uint64_t pid, struct error *e)
{
    struct campaign *c = context;
    c->manifest.recorder.pid = pid;
    process_os_find(pid, &c->manifest.recorder);
    return campaign_save(c, e);
}

/* On Ctrl-C the recorder is told, and given time to close its trace. */
static int wait_for_end(const struct campaign *c, const struct process_group *group)
{
    uint64_t patience = UINT64_MAX;
    int how = 0;
    while (!group_has_ended(group, &how)) {
        if (*c->options.interrupted && patience == UINT64_MAX) {
            group_signal(group, SIGINT);
            patience = clock_after_s(CLOSING_S);
        }
        if (clock_ticks() >= patience)
            return 128 + SIGKILL;
        clock_sleep_ns(LOOK_EVERY_NS);
    }
    return how;
}

int recorder_run(const struct recorder_job *job, int *code, struct error *e)
{
    struct campaign *c = job->campaign;
    struct buf command = BUF_INIT;
    struct process_group group;
    int status = put_command(job, &command);
    struct group_start how = {buf_text(&command), WHAT, job->log, announce, c};
    status = status ? error_set(e, TT_NOMEM, "out of memory for a command") : group_start(&group, &how, e);
    if (!status) {
        *code = wait_for_end(c, &group);
        group_stop(&group, 0);
        c->manifest.recorder = (struct process){0, 0, 0};
    }
    buf_release(&command);
    return status;
}
