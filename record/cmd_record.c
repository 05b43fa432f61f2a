/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analyze/tape.h"
#include "formats/command.h"
#include "record/drive.h"

#define WORKLOAD "agentic-8" /* unless another one is named */

int cmd_record(int argc, char **argv);

static const struct command_help help = {
    "record", "--url URL",
    "Drives a workload against an engine and writes everything that arrives, and when, into a trace.",
    drive_options_all,
    "The trace holds request and response bodies verbatim, unless --no-content masks them. Ctrl-C closes it "
    "properly with what was recorded so far. The exit code is 0 even with failed runs (they are data), 5 "
    "when none succeeded or the trace could not be written, 6 when interrupted.\n\n"
    "examples:\n"
    "  toktape record --url http://127.0.0.1:8080 --runs 5\n"
    "  toktape record --url http://127.0.0.1:8080 --skip-long --label power=ac -o before.toktape"};

/* A recording that no reader takes would be found out too late. */
static int open_workload(const struct drive_options *o, struct workload *workload, struct error *e)
{
    int status = workload_open(workload, o->workload, e);
    if (!status && o->runs * o->concurrency > TAPE_RUNS_MAX / workload->phase_count)
        status =
            error_set(e, TT_USAGE, "%llu repeats of %zu phases are over the %zu runs that a trace may have",
                      (unsigned long long)(o->runs * o->concurrency), workload->phase_count, TAPE_RUNS_MAX);
    return status;
}

static int check(struct drive_options *o, const struct option_list *operands, struct error *e)
{
    if (!o->url)
        return error_set(e, TT_USAGE, "record wants --url URL; 'toktape record --help' shows how");
    if (operands->count)
        return error_set(e, TT_USAGE, "record takes no '%s'", operands->items[0]);
    if (o->calibrate && strcmp(o->workload, WORKLOAD) != 0)
        return error_set(e, TT_USAGE,
                         "--calibrate fits the texts of " WORKLOAD " and of no other workload: "
                         "leave out --calibrate or --workload");
    return drive_check(o, e);
}

int cmd_record(int argc, char **argv)
{
    struct drive_options o;
    struct option_list operands = {0};
    struct workload workload = {0};
    struct error e = {0};
    drive_defaults(&o);
    o.workload = WORKLOAD;
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE) {
        if (check(&o, &operands, &e) || open_workload(&o, &workload, &e))
            code = command_fail(&e);
        else
            code = drive_run(&o, &workload, NULL);
    }
    workload_release(&workload);
    options_release(&help, &o, &operands);
    return code;
}
