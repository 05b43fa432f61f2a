/* SPDX-License-Identifier: MIT */
/* Runs a shell command that the user gave (--restart-cmd …) in a process group of its own, with a time-out.
 *
 * A command may leave a daemon behind, as a restart does: what it started keeps running, and keeps a log to
 * write to (an unlinked file, so that neither a full pipe nor a closed one can stop or kill it). Only a
 * time-out or an interrupt kills the group. */
#ifndef TOKTAPE_COMMAND_RUNNER_H
#define TOKTAPE_COMMAND_RUNNER_H

#include <signal.h>

#include "formats/error.h"

#define COMMAND_TAIL_BYTES 2048
#define COMMAND_GRACE_S    2 /* between SIGTERM and SIGKILL */

struct command_job {
    const char *what;    /* for messages: "the restart command"; the command itself may hold secrets */
    const char *command; /* for /bin/sh -c */
    double timeout_s;    /* 0: none */
    const volatile sig_atomic_t *interrupted; /* may be NULL */
};

struct command_outcome {
    int exit_status; /* -1 when it was killed or never started */
    int signal;      /* that killed it, 0 when none */
    int timed_out;
    char tail[COMMAND_TAIL_BYTES + 1]; /* the end of what it wrote to both outputs; not scrubbed */
};

/* Waits for the command. TT_OK when it ended with status 0; TT_IO when it did not, could not be started or
 * took too long (the sentence ends with its last line of output); TT_INTERRUPTED. `outcome` (may be NULL) is
 * filled always. */
int command_run(const struct command_job *job, struct command_outcome *outcome, struct error *e);

#endif
