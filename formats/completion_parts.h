/* SPDX-License-Identifier: MIT */
/* What the scripts for the shells have in common. */
#ifndef TOKTAPE_COMPLETION_PARTS_H
#define TOKTAPE_COMPLETION_PARTS_H

#include "formats/completion.h"

enum completes {
    COMPLETES_NOTHING,
    COMPLETES_WORDS,    /* one of `words` */
    COMPLETES_LIST,     /* some of `words`, with commas */
    COMPLETES_FILES,    /* `words`, too, when there are any */
    COMPLETES_FOLDERS,  /* names of directories */
    COMPLETES_COMMANDS, /* names of toktape's commands */
};

struct completion_argument {
    enum completes kind;
    const char *words; /* separated by '|', or NULL */
    const char
        *suffix[3]; /* what names of such files end with, without the dot; all files when first is NULL */
};

struct completion_argument completion_of_option(const struct option_def *option);
struct completion_argument completion_of_operands(const struct command_help *help);
int completion_takes_value(const struct option_def *option);

/* The words of an argument, or the suffixes of its files, with spaces between them. */
void completion_words(struct buf *out, const char *words);
void completion_suffixes(struct buf *out, const struct completion_argument *argument);

/* What an option does, up to the first semicolon: one line of a menu has no room for more. */
size_t completion_sentence(const char *help);

/* The part of a script that is the same whatever the commands are: formats/completion/NAME.sh. */
void completion_constant(struct buf *out, const char *name);

void completion_bash(const struct completion_source *source, struct buf *out);
void completion_zsh(const struct completion_source *source, struct buf *out);
void completion_fish(const struct completion_source *source, struct buf *out);

#endif
