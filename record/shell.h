/* SPDX-License-Identifier: MIT */
/* Starting a shell command that the user gave, in a process group of its own, with a log that it can always
 * write to: an unlinked file, so that neither a full pipe nor a closed one can stop or kill it. */
#ifndef TOKTAPE_SHELL_H
#define TOKTAPE_SHELL_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "formats/buf.h"
#include "formats/error.h"

/* `what` is for messages ("the restart command"); the command itself may hold secrets. */
int shell_log_open(FILE **log, const char *what, struct error *e); /* TT_OK or TT_IO; fclose */

/* Opens a log that stays, and goes on at its end; likewise. */
int shell_log_open_file(FILE **log, const char *path, const char *what, struct error *e);

/* Appends a word as the shell takes it for itself and nothing else. Returns out->failed. */
int shell_quote(struct buf *out, const char *word);

/* Starts /bin/sh -c COMMAND. Its standard input is `input`, or nothing when that is negative; both outputs go
 * to `log`. It begins with the default signals, not the recorder's. *pid is also its process group. TT_OK,
 * TT_NOMEM, TT_IO. */
int shell_spawn(const char *command, int input, FILE *log, const char *what, pid_t *pid, struct error *e);

/* The end of what it wrote so far, as a NUL-ended text of at most size - 1 bytes; not scrubbed. */
void shell_log_tail(FILE *log, char *tail, size_t size);

/* The last line that is not empty, cut to fit. */
void shell_last_line(const char *text, char *line, size_t size);

#endif
