/* SPDX-License-Identifier: MIT */
#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/completion.h"

int cmd_completion(int argc, char **argv);

struct completion_options {
    const char *output;
};

#define AT(member) offsetof(struct completion_options, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "completion", COMPLETION_SHELLS, "Prints the script that completes toktape's command lines in a shell.",
    options,
    "Installed packages have it already. It knows commands, options, their choices, and which arguments are "
    "traces, other files or folders.\n\n"
    "examples:\n"
    "  source <(toktape completion bash)       # in ~/.bashrc\n"
    "  source <(toktape completion zsh)        # in ~/.zshrc, below compinit\n"
    "  toktape completion fish | source        # in ~/.config/fish/config.fish"};

static int keep_help(const struct command_help *told, void *context)
{
    struct command_help *kept = context;
    *kept = *told;
    kept->notes = NULL;
    return 0;
}

static size_t count_commands(void)
{
    size_t count = 0;
    while (toktape_commands[count].name)
        count++;
    return count;
}

static int write_script(const char *shell, struct buf *out, struct error *e)
{
    struct completion_source source = {NULL, count_commands()};
    struct completion_command *all = mem_zalloc(source.count, sizeof *all);
    if (!all)
        return error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; i < source.count; i++) {
        all[i].summary = toktape_commands[i].summary;
        command_describe(&toktape_commands[i], keep_help, &all[i].help);
    }
    source.commands = all;
    int status = completion_write(shell, &source, out, e);
    mem_free(all);
    return status;
}

int cmd_completion(int argc, char **argv)
{
    struct completion_options o = {NULL};
    struct option_list operands = {0};
    struct error e = {0};
    struct buf script = BUF_INIT;
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE) {
        if (operands.count != 1)
            error_set(&e, TT_USAGE, "completion wants one shell: %s", COMPLETION_SHELLS);
        else
            write_script(operands.items[0], &script, &e);
        code = e.code ? command_fail(&e) : command_deliver(o.output, &script);
    }
    buf_release(&script);
    options_release(&help, &o, &operands);
    return code;
}
