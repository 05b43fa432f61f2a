/* SPDX-License-Identifier: MIT */
/* One 'complete' for each option of each command. */
#include "formats/completion_parts.h"

#include <string.h>

static void write_quoted(struct buf *out, const char *text, size_t len)
{
    buf_putc(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'' || text[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, text[i]);
    }
    buf_putc(out, '\'');
}

static void write_words(const struct completion_argument *a, struct buf *out)
{
    buf_puts(out, " -a '");
    completion_words(out, a->words);
    buf_putc(out, '\'');
}

static void write_argument(const struct completion_argument *a, struct buf *out)
{
    if (a->words && a->kind != COMPLETES_LIST)
        write_words(a, out);
    if (a->kind == COMPLETES_FILES && a->suffix[0]) {
        buf_puts(out, " -k -a '(__toktape_files");
        completion_suffixes(out, a);
        buf_puts(out, ")'");
    } else if (a->kind == COMPLETES_FILES) {
        buf_puts(out, " -F");
    } else if (a->kind == COMPLETES_FOLDERS) {
        buf_puts(out, " -a '(__fish_complete_directories)'");
    } else if (a->kind == COMPLETES_COMMANDS) {
        buf_puts(out, " -a '$__toktape_commands'");
    } else if (a->kind == COMPLETES_LIST) {
        buf_puts(out, " -a '(__toktape_list ");
        completion_words(out, a->words);
        buf_puts(out, ")'");
    }
}

static void write_option(const struct command_help *help, const struct option_def *o, struct buf *out)
{
    struct completion_argument a = completion_of_option(o);
    buf_printf(out, "complete -c toktape -n '__toktape_is %s' -l %s", help->name, o->name);
    if (o->letter)
        buf_printf(out, " -s %c", o->letter);
    buf_puts(out, " -d ");
    write_quoted(out, o->help, completion_sentence(o->help));
    if (completion_takes_value(o)) {
        buf_puts(out, a.kind == COMPLETES_FILES && !a.suffix[0] ? " -r" : " -x");
        write_argument(&a, out);
    }
    buf_putc(out, '\n');
}

static void write_command(const struct completion_command *command, struct buf *out)
{
    struct completion_argument operands = completion_of_operands(&command->help);
    const char *name = command->help.name;
    buf_printf(out, "\ncomplete -c toktape -n __toktape_is -a %s -d ", name);
    write_quoted(out, command->summary, strlen(command->summary));
    buf_putc(out, '\n');
    for (const struct option_def *o = command->help.options; o->name; o++)
        write_option(&command->help, o, out);
    buf_printf(out, "complete -c toktape -n '__toktape_is %s' -s h -l help -d 'show this'\n", name);
    if (operands.kind == COMPLETES_NOTHING)
        return;
    buf_printf(out, "complete -c toktape -n '__toktape_is %s'", name);
    write_argument(&operands, out);
    buf_putc(out, '\n');
}

void completion_fish(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "# Completes toktape's command lines in fish. Made by 'toktape completion fish'.\n\n"
                  "set -g __toktape_commands");
    for (size_t i = 0; i < source->count; i++)
        buf_printf(out, " %s", source->commands[i].help.name);
    buf_puts(out, "\n\n");
    completion_constant(out, "fish");
    for (size_t i = 0; i < source->count; i++)
        write_command(&source->commands[i], out);
}
