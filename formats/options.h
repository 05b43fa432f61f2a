/* SPDX-License-Identifier: MIT */
/* Command-line options: one table per command drives parsing and --help (and completion and manual pages). */
#ifndef TOKTAPE_OPTIONS_H
#define TOKTAPE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"

enum option_type {
    OPTION_FLAG,   /* int, set to 1 */
    OPTION_TEXT,   /* const char * */
    OPTION_COUNT,  /* uint64_t */
    OPTION_REAL,   /* double; durations are in seconds */
    OPTION_CHOICE, /* const char *, one of `choices` separated by '|' */
    OPTION_LIST    /* struct option_list, may be given several times */
};

/* Borrowed pointers into argv, in the order given. */
struct option_list {
    const char **items;
    size_t count, capacity;
};

/* One option. `offset` is where its value stands in the command's own options struct. */
struct option_def {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    enum option_type type;
    const char *argument; /* shown in --help; NULL for flags */
    const char *choices;  /* separated by '|'; beside OPTION_CHOICE: well-known values, for completion */
    const char *help;
    size_t offset;
};

struct command_help {
    const char *name;                 /* "record" */
    const char *operands;             /* "TRACE..." or "" */
    const char *summary;              /* one line */
    const struct option_def *options; /* ends with a NULL name */
    const char *notes;                /* NULL, or paragraphs under the options, each one line */
};

/* Parses argv[1..]. Values land in *values (the command's struct, defaults already in it). Everything else
 * becomes an operand; "--" ends options, "-" alone is an operand. `--help` and `-h` are always understood:
 * returns TT_OK with *wants_help set. Errors are TT_USAGE and name the option. The lists are freed with
 * options_release. */
int options_parse(const struct command_help *help, int argc, char **argv, void *values,
                  struct option_list *operands, int *wants_help, struct error *e);
void options_release(const struct command_help *help, void *values, struct option_list *operands);

/* The text of `toktape NAME --help`, at most 100 columns wide. */
void options_describe(const struct command_help *help, struct buf *out);

#endif
