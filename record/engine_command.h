/* SPDX-License-Identifier: MIT */
/* An engine that the recorder itself starts and stops (--engine-cmd).
 * It is a process group that is stopped however the recorder ends (record/process_group.h). */
#ifndef TOKTAPE_ENGINE_COMMAND_H
#define TOKTAPE_ENGINE_COMMAND_H

#include "formats/error.h"
#include "record/probe.h"

#define ENGINE_TIMEOUT_S 600 /* for loading a model, unless told otherwise */
#define ENGINE_GRACE_S   10  /* between SIGTERM and SIGKILL: it may have much memory to give back */

struct engine_command;

/* How to start it; borrowed for as long as the engine is. */
struct engine_command_options {
    const char *command;   /* for /bin/sh -c */
    double timeout_s;      /* until it answers */
    const char *purge_cmd; /* run while it is down, before each start; NULL: none */
};

/* Starts it and waits until it is healthy (probe_is_healthy). Refuses with TT_USAGE when something answers
 * there already; TT_IO when it cannot be started or ends by itself, with the last line that it wrote;
 * TT_NETWORK when it does not answer in time; TT_INTERRUPTED. Whatever was started is stopped again after a
 * failure. */
int engine_command_start(struct engine_command **engine, const struct engine_command_options *options,
                         const struct probe_job *job, struct error *e);

/* Stops it and starts it again: likewise. The engine is stopped after a failure, and may be started again so.
 */
int engine_command_restart(struct engine_command *engine, const struct probe_job *job, struct error *e);

/* Stops it and frees it; NULL is fine. */
void engine_command_stop(struct engine_command *engine);

#endif
