/* SPDX-License-Identifier: MIT */
/* The command table, and nothing else. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "formats/command.h"
#include "formats/io.h"
#include "formats/version.h"

typedef int command_function(int argc, char **argv);

command_function cmd_check, cmd_completion, cmd_diff, cmd_docs, cmd_export, cmd_extract, cmd_import, cmd_info,
    cmd_manual, cmd_plot, cmd_repack, cmd_repair, cmd_report;
#ifdef TOKTAPE_WITH_RECORD
command_function cmd_campaign, cmd_doctor, cmd_record, cmd_replay, cmd_serve, cmd_synth;
#endif

const struct command toktape_commands[] = {
#ifdef TOKTAPE_WITH_RECORD
    {"record", cmd_record, "drive a workload against an engine and write a trace"},
    {"replay", cmd_replay, "send a trace's requests again, to compare engines and versions"},
    {"campaign", cmd_campaign, "record many cells unattended, one engine after another"},
    {"doctor", cmd_doctor, "what can be recorded here, and what would change that"},
    {"serve", cmd_serve, "play a trace, or a synthetic engine, to whoever asks"},
    {"synth", cmd_synth, "make a trace up from a profile, in virtual time"},
#endif
    {"report", cmd_report, "tables of figures, gates and tiers from traces"},
    {"diff", cmd_diff, "what got faster, slower, or stayed the same between two sides"},
    {"docs", cmd_docs, "tables and figures in Markdown pages, filled or checked"},
    {"plot", cmd_plot, "charts from traces, by gnuplot"},
    {"info", cmd_info, "what a trace is and how it ended"},
    {"check", cmd_check, "is a trace intact, and if not, where"},
    {"repair", cmd_repair, "saves what is good of a damaged or unfinished trace"},
    {"extract", cmd_extract, "the request or response bytes of one run"},
    {"repack", cmd_repack, "a trace made smaller, or rid of its content"},
    {"import", cmd_import, "other tools' results as traces"},
    {"export", cmd_export, "a trace in another format"},
    {"completion", cmd_completion, "what a shell needs to complete toktape's command lines"},
    {"manual", cmd_manual, "the manual pages, for man"},
    {NULL, NULL, NULL},
};

static int print_usage(FILE *to)
{
    fprintf(
        to,
        "usage: toktape COMMAND [options] ...\n\nRecords what an LLM engine really does during an agent's "
        "conversation, and turns the\nrecordings into tables, charts and comparisons.\n\ncommands:\n");
    for (const struct command *c = toktape_commands; c->name; c++)
        fprintf(to, "  %-10s %s\n", c->name, c->summary);
    fprintf(to, "\n'toktape COMMAND --help' shows a command's options, 'toktape --version' the version.\n");
    return to == stdout ? 0 : 2;
}

static int run_command(int argc, char **argv)
{
    for (const struct command *c = toktape_commands; c->name; c++) {
        if (strcmp(argv[0], c->name) == 0)
            return c->run(argc, argv);
    }
    fprintf(stderr, "toktape: unknown command '%s'; 'toktape --help' lists them\n", argv[0]);
    return 2;
}

static int show_help(char *command)
{
    char option[] = "--help";
    char *words[] = {command, option, NULL};
    return command ? run_command(2, words) : print_usage(stdout);
}

static int toktape(int argc, char **argv)
{
    if (argc < 2)
        return print_usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return show_help(argv[2]);
    if (strcmp(argv[1], "--version") != 0)
        return run_command(argc - 1, argv + 1);
    printf("toktape %s\n", toktape_version());
    return 0;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    io_guard_standard_streams();
    return command_finish(toktape(argc, argv));
}
