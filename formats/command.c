/* SPDX-License-Identifier: MIT */
#include "formats/command.h"

#include <errno.h>
#include <stdio.h>

#include "formats/io.h"

static int print_help(const struct command_help *help)
{
    struct buf text = BUF_INIT;
    options_describe(help, &text);
    int code = command_deliver(NULL, &text);
    buf_release(&text);
    return code;
}

/* Set while a command is to say what it is. */
static struct {
    command_teller *tell;
    void *context;
} asked;

int command_describe(const struct command *command, command_teller *tell, void *context)
{
    char name[] = "toktape";
    char *words[] = {name, NULL};
    asked.tell = tell;
    asked.context = context;
    int code = command->run(1, words);
    asked.tell = NULL;
    return code;
}

int command_begin(const struct command_help *help, int argc, char **argv, void *values,
                  struct option_list *operands)
{
    struct error e = {0};
    int wants_help;
    if (asked.tell)
        return asked.tell(help, asked.context);
    if (options_parse(help, argc, argv, values, operands, &wants_help, &e))
        return command_fail(&e);
    return wants_help ? print_help(help) : COMMAND_CONTINUE;
}

int command_fail(const struct error *e)
{
    fprintf(stderr, "toktape: %s\n", e->text[0] ? e->text : "out of memory");
    return error_exit_code(e->code ? (int)e->code : TT_NOMEM);
}

void command_warn(const char *format, ...)
{
    struct error sentence;
    char text[sizeof sentence.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(&sentence, TT_OK, "%s", text);
    fprintf(stderr, "toktape: %s\n", sentence.text);
}

int command_deliver(const char *path, const struct buf *result)
{
    struct error e = {0};
    if (result->failed)
        error_set(&e, (enum tt_err)result->failed, "the result does not fit in memory");
    else
        io_write_file(path ? path : "-", result->data, result->len, &e);
    return e.code == TT_OK || e.code == TT_CLOSED ? 0 : command_fail(&e);
}

int command_finish(int code)
{
    struct error e;
    if (fflush(stdout) == 0 || errno == EPIPE)
        return code;
    error_errno(&e, TT_IO, "cannot write 'standard output'");
    return command_fail(&e);
}
