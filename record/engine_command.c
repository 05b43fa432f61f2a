/* SPDX-License-Identifier: MIT */
#include "record/engine_command.h"

#include <stdio.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "record/clock.h"
#include "record/command_runner.h"
#include "record/process_group.h"
#include "record/shell.h"
#include "record/strays.h"

#define WHAT          "the engine's command"
#define TAIL_BYTES    4096
#define LOOK_EVERY_NS UINT64_C(100000000)

struct engine_command {
    struct engine_command_options options;
    FILE *log;
    struct process_group group;
    char mark[80]; /* of the recorder's process and this moment: no other engine has it */
};

/* With what it started, in whatever process group that is by now. */
static void stop(struct engine_command *c)
{
    struct process_list strays;
    int ran = c->group.pid != 0;
    group_stop(&c->group, ENGINE_GRACE_S);
    if (ran)
        strays_stop(c->mark, ENGINE_GRACE_S, &strays);
}

static int launch(struct engine_command *c, struct error *e)
{
    struct buf command = BUF_INIT;
    strays_put_mark(&command, c->mark);
    buf_puts(&command, c->options.command);
    struct group_start how = {buf_text(&command), WHAT, c->log, NULL, NULL};
    int status =
        command.failed ? error_set(e, TT_NOMEM, "out of memory for " WHAT) : group_start(&c->group, &how, e);
    buf_release(&command);
    return status;
}

/* ---- waiting until it answers ---- */

static int say(const struct engine_command *c, enum tt_err code, const char *what, struct error *e)
{
    char tail[TAIL_BYTES], line[200];
    shell_log_tail(c->log, tail, sizeof tail);
    shell_last_line(tail, line, sizeof line);
    return error_set(e, code, "%s%s%s", what, *line ? "; it wrote: " : "", line);
}

static int say_ended(const struct engine_command *c, int how, struct error *e)
{
    char what[120];
    snprintf(what, sizeof what, WHAT " ended (%d) before the engine answered", how);
    return say(c, TT_IO, what, e);
}

static int say_late(const struct engine_command *c, struct error *e)
{
    char what[160];
    snprintf(what, sizeof what, "the engine did not answer within %g s; --engine-timeout gives it more",
             c->options.timeout_s);
    return say(c, TT_NETWORK, what, e);
}

static int wait_until_healthy(const struct engine_command *c, const struct probe_job *job, struct error *e)
{
    uint64_t until = clock_after_s(c->options.timeout_s);
    int how;
    while (!probe_is_healthy(job)) {
        if (job->interrupted && *job->interrupted)
            return error_set(e, TT_INTERRUPTED, "interrupted while the engine started; nothing was written");
        if (group_has_ended(&c->group, &how))
            return say_ended(c, how, e);
        if (clock_ticks() >= until)
            return say_late(c, e);
        clock_sleep_ns(LOOK_EVERY_NS);
    }
    return TT_OK;
}

static int start(struct engine_command *c, const struct probe_job *job, struct error *e)
{
    struct command_job purge = {"the purge command", c->options.purge_cmd, ENGINE_TIMEOUT_S,
                                job->interrupted};
    int status = c->options.purge_cmd ? command_run(&purge, NULL, e) : TT_OK;
    if (!status)
        status = launch(c, e);
    if (!status)
        status = wait_until_healthy(c, job, e);
    if (status)
        stop(c);
    return status;
}

int engine_command_start(struct engine_command **engine, const struct engine_command_options *options,
                         const struct probe_job *job, struct error *e)
{
    *engine = NULL;
    if (probe_is_healthy(job))
        return error_set(
            e, TT_USAGE,
            "an engine answers there already: stop it, or leave out --engine-cmd to record that one");
    struct engine_command *c = mem_zalloc(1, sizeof *c);
    if (!c)
        return error_set(e, TT_NOMEM, "out of memory");
    c->options = *options;
    snprintf(c->mark, sizeof c->mark, STRAYS_ENGINE "=%ld.%llu", (long)getpid(),
             (unsigned long long)clock_ticks());
    int status = shell_log_open(&c->log, WHAT, e);
    if (!status)
        status = start(c, job, e);
    if (status)
        engine_command_stop(c);
    else
        *engine = c;
    return status;
}

int engine_command_restart(struct engine_command *engine, const struct probe_job *job, struct error *e)
{
    stop(engine);
    return start(engine, job, e);
}

void engine_command_stop(struct engine_command *engine)
{
    if (!engine)
        return;
    stop(engine);
    if (engine->log)
        fclose(engine->log);
    mem_free(engine);
}
