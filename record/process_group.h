/* SPDX-License-Identifier: MIT */
/* A shell command that runs as a process group of its own, and never outlives us: the whole group is stopped
 * with it.
 *
 * A small shell process outside that group, the guardian, holds the reading end of a pipe whose other end
 * only we have: however we end, kill -9 included, the guardian sees the pipe close and stops the group. */
#ifndef TOKTAPE_PROCESS_GROUP_H
#define TOKTAPE_PROCESS_GROUP_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "formats/error.h"

#define GROUP_GRACE_S 10 /* between SIGTERM and SIGKILL: an engine may have much memory to give back */

/* All zero is one that does not run. */
struct process_group {
    pid_t pid;      /* the shell, and the group; 0: not running */
    pid_t guardian; /* 0: none */
    int lifeline;   /* the writing end of the guardian's pipe; 0: none */
};

/* Borrowed. */
struct group_start {
    const char *command; /* for /bin/sh -c */
    const char *what;    /* for messages: "the engine's command" */
    FILE *log;           /* both outputs */
    /* Called with the group's number before the command's first word is run; may be NULL. The command never
     * begins when we die in between, or when an error comes back, which is handed on: whatever this writes
     * down covers every moment at which something runs. */
    int (*announce)(void *context, uint64_t pid, struct error *e);
    void *context;
};

/* TT_OK, TT_NOMEM, TT_IO; nothing is left running after a failure. */
int group_start(struct process_group *g, const struct group_start *how, struct error *e);

/* 1 when the shell has ended, with its exit status or signal in *how, the latter as 128 + its number; its
 * children may run on. */
int group_has_ended(const struct process_group *g, int *how);

void group_signal(const struct process_group *g, int number);

/* SIGTERM, and SIGKILL for what is left after the grace. Harmless when nothing runs. */
void group_stop(struct process_group *g, double grace_s);

/* The same for a group that another process of ours started and did not get to stop. */
void group_stop_stray(uint64_t pid, double grace_s);

#endif
