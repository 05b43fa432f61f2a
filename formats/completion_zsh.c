/* SPDX-License-Identifier: MIT */
/* A function for each command, which calls _arguments with its option table. */
#include "formats/completion_parts.h"

#include <string.h>

/* Inside single quotes, in an _arguments specification, where brackets and colons end things. */
static void write_escaped(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'') {
            buf_puts(out, "'\\''");
            continue;
        }
        if (text[i] == '[' || text[i] == ']' || text[i] == ':' || text[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, text[i]);
    }
}

static void write_text(struct buf *out, const char *text)
{
    write_escaped(out, text, strlen(text));
}

static void write_word_list(struct buf *out, const char *words)
{
    for (; *words; words++) {
        if (*words == '|')
            buf_putc(out, ' ');
        else
            write_escaped(out, words, 1);
    }
}

static void write_files(const struct completion_argument *a, struct buf *out)
{
    if (a->words) {
        buf_puts(out, "_alternative \"words\\:value\\:(");
        write_word_list(out, a->words);
        buf_puts(out, ")\" \"files\\:file\\:_files\"");
        return;
    }
    buf_puts(out, "_files");
    if (a->suffix[0])
        buf_puts(out, " -g \"*.(");
    for (size_t i = 0; i < 3 && a->suffix[i]; i++)
        buf_printf(out, "%s%s", i ? "|" : "", a->suffix[i]);
    if (a->suffix[0])
        buf_puts(out, ")(-.)\"");
}

static void write_action(const struct completion_argument *a, struct buf *out)
{
    switch (a->kind) {
    case COMPLETES_NOTHING:
        buf_putc(out, ' '); /* says what is wanted, and completes nothing */
        break;
    case COMPLETES_WORDS:
        buf_putc(out, '(');
        write_word_list(out, a->words);
        buf_putc(out, ')');
        break;
    case COMPLETES_LIST:
        buf_puts(out, "_sequence compadd - ");
        write_word_list(out, a->words);
        break;
    case COMPLETES_FILES:
        write_files(a, out);
        break;
    case COMPLETES_FOLDERS:
        buf_puts(out, "_files -/");
        break;
    case COMPLETES_COMMANDS:
        buf_puts(out, "_toktape_commands");
        break;
    }
}

static void write_option(const struct option_def *o, struct buf *out)
{
    const char *value = completion_takes_value(o) ? "=" : "";
    const char *again = o->type == OPTION_LIST ? "*" : "";
    struct completion_argument a = completion_of_option(o);
    if (o->letter)
        buf_printf(out, "        '(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
                   *value ? "+" : "", o->name, value);
    else
        buf_printf(out, "        '%s--%s%s[", again, o->name, value);
    write_escaped(out, o->help, completion_sentence(o->help));
    buf_putc(out, ']');
    if (*value) {
        buf_putc(out, ':');
        write_text(out, o->argument ? o->argument : o->name);
        buf_putc(out, ':');
        write_action(&a, out);
    }
    buf_puts(out, "' \\\n");
}

static void write_command(const struct command_help *help, struct buf *out)
{
    struct completion_argument operands = completion_of_operands(help);
    buf_printf(out, "_toktape_%s() {\n    _arguments -s -S \\\n", help->name);
    for (const struct option_def *o = help->options; o->name; o++)
        write_option(o, out);
    buf_puts(out, "        '(- *)'{-h,--help}'[show this]'");
    if (operands.kind != COMPLETES_NOTHING) {
        buf_puts(out, " \\\n        '*:");
        write_text(out, help->operands);
        buf_putc(out, ':');
        write_action(&operands, out);
        buf_putc(out, '\'');
    }
    buf_puts(out, "\n}\n\n");
}

static void write_names(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "_toktape_commands() {\n    local -a commands=(\n");
    for (size_t i = 0; i < source->count; i++) {
        buf_printf(out, "        '%s:", source->commands[i].help.name);
        write_text(out, source->commands[i].summary);
        buf_puts(out, "'\n");
    }
    buf_puts(out, "    )\n    _describe -t commands 'toktape command' commands\n}\n\n");
}

void completion_zsh(const struct completion_source *source, struct buf *out)
{
    buf_puts(out, "#compdef toktape\n# Completes toktape's command lines in zsh. Made by 'toktape completion "
                  "zsh'.\n\n");
    write_names(source, out);
    for (size_t i = 0; i < source->count; i++)
        write_command(&source->commands[i].help, out);
    completion_constant(out, "zsh");
}
