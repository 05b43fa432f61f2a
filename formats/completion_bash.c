/* SPDX-License-Identifier: MIT */
/* Three tables as shell functions, and formats/completion/bash.sh, which asks them. */
#include "formats/completion_parts.h"

static void write_commands(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "_toktape_commands='");
    for (size_t i = 0; i < source->count; i++)
        buf_printf(out, "%s%s", i ? " " : "", source->commands[i].help.name);
    buf_puts(out, "'\n\n");
}

static void write_options(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "_toktape_options() { # COMMAND: prints its options\n    case $1 in\n");
    for (size_t i = 0; i < source->count; i++) {
        const struct command_help *help = &source->commands[i].help;
        buf_printf(out, "    %s) echo '", help->name);
        for (const struct option_def *o = help->options; o->name; o++)
            buf_printf(out, "--%s ", o->name);
        buf_puts(out, "--help' ;;\n");
    }
    buf_puts(out, "    esac\n}\n\n");
}

static void write_argument(const struct completion_argument *a, struct buf *out)
{
    static const char *const calls[] = {"",
                                        "_toktape_among '",
                                        "_toktape_list '",
                                        "_toktape_files '",
                                        "_toktape_folders",
                                        "_toktape_among \"$_toktape_commands\""};
    buf_puts(out, calls[a->kind]);
    if (a->kind == COMPLETES_WORDS || a->kind == COMPLETES_LIST || a->kind == COMPLETES_FILES) {
        completion_words(out, a->words ? a->words : "");
        buf_putc(out, '\'');
    }
    if (a->kind == COMPLETES_FILES)
        completion_suffixes(out, a);
    buf_puts(out, " ;;\n");
}

static void write_values(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "_toktape_value() { # COMMAND OPTION: completes its value; fails when it takes none\n"
                  "    case \"$1 $2\" in\n");
    for (size_t i = 0; i < source->count; i++) {
        const struct command_help *help = &source->commands[i].help;
        for (const struct option_def *o = help->options; o->name; o++) {
            struct completion_argument a = completion_of_option(o);
            if (!completion_takes_value(o))
                continue;
            buf_printf(out, "    '%s --%s'", help->name, o->name);
            if (o->letter)
                buf_printf(out, " | '%s -%c'", help->name, o->letter);
            buf_putc(out, ')');
            write_argument(&a, out);
        }
    }
    buf_puts(out, "    *) return 1 ;;\n    esac\n    return 0\n}\n\n");
}

static void write_operands(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "_toktape_operand() { # COMMAND: completes what is no option\n    case $1 in\n");
    for (size_t i = 0; i < source->count; i++) {
        struct completion_argument a = completion_of_operands(&source->commands[i].help);
        if (a.kind == COMPLETES_NOTHING)
            continue;
        buf_printf(out, "    %s)", source->commands[i].help.name);
        write_argument(&a, out);
    }
    buf_puts(out, "    esac\n}\n\n");
}

void completion_bash(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "# Completes toktape's command lines in bash. Made by 'toktape completion bash'.\n\n");
    write_commands(source, out);
    write_options(source, out);
    write_values(source, out);
    write_operands(source, out);
    completion_constant(out, "bash");
}
