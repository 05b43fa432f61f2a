/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "analyze/info.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/workload_builtin.h"
#include "replay/synth.h"

int cmd_synth(int argc, char **argv);

#define FROM_PROFILE UINT64_MAX

struct synth_arguments {
    const char *output, *workload;
    uint64_t runs, seed;
    struct option_list labels;
    int json, quiet;
};

#define AT(member) offsetof(struct synth_arguments, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "the trace; '-': standard output. Nothing is overwritten",
     AT(output)},
    {"runs", 0, OPTION_COUNT, "N", NULL,
     "how often the workload is repeated, instead of the profile's number", AT(runs)},
    {"workload", 0, OPTION_TEXT, "NAME|FILE", "agentic-8|agent-loop", "instead of the profile's",
     AT(workload)},
    {"seed", 0, OPTION_COUNT, "N", NULL, "instead of the profile's", AT(seed)},
    {"label", 0, OPTION_LIST, "NAME=VALUE", NULL, "a note of your own, kept in the trace; may be repeated",
     AT(labels)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print what was made as JSON", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "print nothing", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {"synth", "PROFILE.json -o FILE",
                                         "Makes a trace up: a synthetic engine answers a workload in virtual "
                                         "time, and what a recorder would have seen is "
                                         "written as a trace.",
                                         options,
                                         "Such a trace is marked as synthetic for ever, and so is every "
                                         "table made from it. The same profile gives the "
                                         "same content.\n\n"
                                         "examples:\n"
                                         "  toktape synth profile.json --runs 5 -o made-up.toktape\n"
                                         "  toktape synth profile.json -o - | toktape report -"};

static int print_result(const struct synth_arguments *o, const struct synth_result *result)
{
    struct buf out = BUF_INIT;
    struct jsonout j;
    if (!o->json || strcmp(o->output, "-") == 0) {
        if (!o->quiet)
            fprintf(stderr, "%s  %llu bytes, content id %.12s\n", o->output,
                    (unsigned long long)result->bytes, result->content_id);
        return 0;
    }
    jsonout_init(&j, &out, 2);
    jsonout_object(&j);
    jsonout_field_string(&j, "trace", o->output);
    jsonout_field_string(&j, "content_id", result->content_id);
    jsonout_field_u64(&j, "bytes", result->bytes);
    jsonout_field_u64(&j, "runs_total", result->runs_total);
    jsonout_field_u64(&j, "runs_failed", result->runs_failed);
    jsonout_end(&j, '}');
    buf_putc(&out, '\n');
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code;
}

static int synthesise(const struct synth_arguments *o, struct profile *profile, struct synth_plan *plan,
                      const struct buf *source, struct error *e)
{
    struct workload workload = {0};
    struct synth_result result;
    struct synth_options how = {.output = o->output,
                                .workload = &workload,
                                .plan = plan,
                                .source = buf_bytes(source),
                                .labels = o->labels.items,
                                .label_count = o->labels.count,
                                .summarise = info_summarise};
    if (o->runs)
        plan->runs = o->runs;
    if (o->seed != FROM_PROFILE)
        profile->seed = o->seed;
    int status = workload_open(&workload, o->workload ? o->workload : plan->workload, e);
    if (!status && plan->runs > TAPE_RUNS_MAX / workload.phase_count)
        status =
            error_set(e, TT_USAGE, "%llu repeats of %zu phases are over the %zu runs that a trace may have",
                      (unsigned long long)plan->runs, workload.phase_count, TAPE_RUNS_MAX);
    if (!status && plan->calibrate)
        status = workload_calibrate(&workload, synth_count_tokens, NULL, e);
    if (!status)
        status = synth_write(profile, &how, &result, e);
    workload_release(&workload);
    return status ? command_fail(e) : print_result(o, &result);
}

static int run(const struct synth_arguments *o, const char *path)
{
    struct buf source = BUF_INIT;
    struct profile profile = {0};
    struct synth_plan plan = {0};
    struct error e = {0};
    int status = io_read_file(path, JSON_DOCUMENT_MAX, &source, &e);
    if (!status && (profile_parse(&profile, buf_text(&source), source.len, &e) ||
                    synth_plan_parse(&plan, buf_text(&source), source.len, &e)))
        status = error_prefix(&e, "'%s'", path);
    int code = status ? command_fail(&e) : synthesise(o, &profile, &plan, &source, &e);
    synth_plan_release(&plan);
    profile_release(&profile);
    buf_release(&source);
    return code;
}

static int check(const struct synth_arguments *o, const struct option_list *operands, struct error *e)
{
    if (operands->count != 1)
        return error_set(e, TT_USAGE, "synth wants one profile; 'toktape synth --help' shows how");
    if (!o->output || !*o->output)
        return error_set(e, TT_USAGE, "synth wants -o FILE, or '-o -' for standard output");
    if (o->runs > SYNTH_RUNS_MAX)
        return error_set(e, TT_USAGE, "--runs wants a number from 1 to %d", SYNTH_RUNS_MAX);
    return TT_OK;
}

int cmd_synth(int argc, char **argv)
{
    struct synth_arguments o = {.seed = FROM_PROFILE};
    struct option_list operands = {0};
    struct error e = {0};
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE)
        code = check(&o, &operands, &e) ? command_fail(&e) : run(&o, operands.items[0]);
    options_release(&help, &o, &operands);
    return code;
}
