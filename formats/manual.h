/* SPDX-License-Identifier: MIT */
/* Manual pages, as mdoc. Names, options and examples come from the option tables; what people wrote beside
 * that (docs/man/PAGE.mdoc) is put in where it belongs. */
#ifndef TOKTAPE_MANUAL_H
#define TOKTAPE_MANUAL_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/options.h"

struct manual_entry {
    const char *name, *summary;
};

/* toktape(1), which lists all commands. */
void manual_overview(const struct manual_entry *entries, size_t count, struct buf *out);

/* toktape-NAME(1) of one command. */
void manual_command(const char *summary, const struct command_help *help, struct buf *out);

/* toktape-trace(5), the format of files. */
void manual_trace(struct buf *out);

#endif
