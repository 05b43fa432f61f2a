/* SPDX-License-Identifier: MIT */
/* What every command does the same way: read its options, print help, report failures, deliver its result.
 * Part of the top layer: libraries never include this. */
#ifndef TOKTAPE_COMMAND_H
#define TOKTAPE_COMMAND_H

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/options.h"

#define COMMAND_CONTINUE (-1)

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

extern const struct command toktape_commands[]; /* of toktape.c; ends with a NULL name */

/* Has a command say what it is instead of doing anything: `tell` is given its help, whose notes are valid
 * during that call only, and returns the exit code. */
typedef int command_teller(const struct command_help *help, void *context);
int command_describe(const struct command *command, command_teller *tell, void *context);

/* Parses the command line. Returns COMMAND_CONTINUE, or the exit code to leave with (after --help or wrong
 * usage, which it has printed). Call options_release in every case. */
int command_begin(const struct command_help *help, int argc, char **argv, void *values,
                  struct option_list *operands);

/* Prints "toktape: <sentence>" on standard error and returns the exit code for it. */
int command_fail(const struct error *e);
void command_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes a finished result to `path`, or to standard output when it is NULL or "-". Returns an exit code: 0,
 * too, when whoever reads it has seen enough and left. */
int command_deliver(const char *path, const struct buf *result);

/* The last thing a program does: writes what printf has kept. Returns `code`, or the exit code for output
 * that could not be written. */
int command_finish(int code);

#endif
