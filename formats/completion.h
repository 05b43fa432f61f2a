/* SPDX-License-Identifier: MIT */
/* Scripts that complete toktape's command lines in a shell, made from the option tables. What an argument
 * is completed by follows from its name in --help (FILE, DIR, TRACE ...) and from its choices. */
#ifndef TOKTAPE_COMPLETION_H
#define TOKTAPE_COMPLETION_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/options.h"

#define COMPLETION_SHELLS "bash|zsh|fish"

struct completion_command {
    const char *summary; /* of the command table */
    struct command_help help;
};

struct completion_source {
    const struct completion_command *commands;
    size_t count;
};

/* Appends the script for `shell`, one of COMPLETION_SHELLS; others are TT_USAGE. */
int completion_write(const char *shell, const struct completion_source *source, struct buf *out,
                     struct error *e);

#endif
