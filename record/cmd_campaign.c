/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/textsafe.h"
#include "record/campaign/status.h"
#include "record/campaign_report.h"
#include "record/drive.h"

int cmd_campaign(int argc, char **argv);

struct campaign_command {
    const char *output;
    struct option_list only;
    int dry_run, resume, keep_going, json, quiet;
};

#define AT(member) offsetof(struct campaign_command, member)

static const struct option_def options[] = {
    {"dry-run", 0, OPTION_FLAG, NULL, NULL, "check the plan and show what would be done", AT(dry_run)},
    {"only", 0, OPTION_LIST, "CELL", NULL, "only this cell, and no sentinel; may be repeated", AT(only)},
    {"resume", 0, OPTION_FLAG, NULL, NULL, "go on where it ended, which is what happens anyway", AT(resume)},
    {"keep-going", 0, OPTION_FLAG, NULL, NULL, "do not stop at a cell that fails", AT(keep_going)},
    {"output", 'o', OPTION_TEXT, "FOLDER", NULL, "of 'report' (default: OUT/NAME.report)", AT(output)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print how far it is as JSON", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "say nothing of what goes on", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "campaign", "[status|report] PLAN.json",
    "Records many cells unattended, one engine at a time: steps, engine, recording, next.", options,
    "A plan names cells: the command that runs an engine, where it answers, a workload, how often "
    "(docs/campaign.md). All that is wrong with a plan is said before anything starts. A plan runs commands: "
    "run only those that you trust.\n\n"
    "Killed or stopped in whatever way, the same command goes on: finished cells are checked and skipped, an "
    "interrupted one is recorded again, an engine that was left running is stopped. 'status' tells how far "
    "it is, 'report' makes tables, charts and pages of what is there.\n\n"
    "The exit code is 5 when a cell failed, 6 when it was interrupted.\n\n"
    "examples:\n"
    "  toktape campaign --dry-run plan.json\n"
    "  toktape campaign --keep-going plan.json\n"
    "  toktape campaign status --json plan.json\n"
    "  toktape campaign report plan.json -o site"};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static int is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* A second Ctrl-C kills: the guardians stop what runs. A closed terminal is no different from Ctrl-C, unless
 * `nohup` said that it is to be nothing. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i] != SIGHUP || !is_ignored(SIGHUP))
            sigaction(numbers[i], &action, NULL);
    }
}

/* ---- the plan ---- */

/* What is handed on to `record` is refused here in its own words. */
static int check_words(const struct words *words, struct error *e)
{
    static char command[] = "record";
    static const struct command_help record = {"record", "", "", drive_options_all, NULL};
    struct drive_options o;
    struct option_list operands = {0};
    int wants_help;
    char **argv = mem_zalloc(words->count + 2, sizeof *argv);
    if (!argv)
        return error_set(e, TT_NOMEM, "out of memory");
    argv[0] = command;
    for (size_t i = 0; i < words->count; i++)
        argv[i + 1] = words->items[i];
    drive_defaults(&o);
    int status = options_parse(&record, (int)words->count + 1, argv, &o, &operands, &wants_help, e);
    if (!status)
        status = drive_check(&o, e);
    options_release(&record, &o, &operands);
    mem_free(argv);
    return status;
}

static int check_only(const struct campaign_plan *plan, const struct campaign_command *o, struct error *e)
{
    for (size_t i = 0; i < o->only.count; i++) {
        if (!plan_find_cell(plan, o->only.items[i]))
            return error_set(e, TT_USAGE, "--only: the plan has no cell '%s'", o->only.items[i]);
    }
    return TT_OK;
}

/* Prints the findings; TT_USAGE when there are any. */
static int refuse(const struct findings *findings, const char *path, struct error *e)
{
    struct buf text = BUF_INIT;
    if (!findings->count)
        return TT_OK;
    int status = findings_put(findings, path, &text);
    if (!status)
        fputs(buf_text(&text), stderr);
    buf_release(&text);
    if (status)
        return error_set(e, TT_NOMEM, "out of memory");
    return error_set(e, TT_USAGE, "the plan has %zu %s; nothing was started",
                     findings->count + findings->unlisted,
                     findings->count + findings->unlisted == 1 ? "mistake" : "mistakes");
}

/* `for_running` also looks at programs, models and folders. */
static int read_plan(struct campaign_plan *plan, const char *path, int for_running, struct error *e)
{
    struct buf text = BUF_INIT;
    struct findings findings;
    int status = plan_read(plan, path, &text, check_words, &findings, e);
    if (!status && for_running)
        status = plan_check_machine(plan, &findings, e);
    if (!status && findings.failed)
        status = error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = refuse(&findings, path, e);
    findings_release(&findings);
    buf_release(&text);
    return status;
}

/* ---- running ---- */

static void say(void *context, const char *sentence)
{
    const struct campaign_command *o = context;
    struct buf text = BUF_INIT;
    if (!o->quiet && !text_lines(&text, sentence, "toktape: ", "    "))
        fprintf(stderr, "%s", buf_text(&text));
    buf_release(&text);
}

static int deliver_status(const struct campaign *c, const struct campaign_command *o, int is_running)
{
    struct buf out = BUF_INIT;
    if (o->json)
        status_put_json(c, is_running, &out);
    else
        status_put_text(c, is_running, &out);
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code;
}

static int dry_run(const struct campaign *c)
{
    struct buf out = BUF_INIT;
    plan_put_text(c, &out);
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code;
}

/* What the sentinel says is for people and for the reports; it fails nothing. */
static void tell_sentinel(const struct campaign *c, int quiet)
{
    int drifts = 0;
    struct buf said = BUF_INIT;
    struct error e = {0};
    if (campaign_judge_sentinel(c, &said, &drifts, &e))
        command_warn("the sentinel tells nothing: %s", e.text);
    else if (drifts || !quiet)
        fputs(buf_text(&said), stderr);
    buf_release(&said);
}

static int run_campaign(struct campaign *c, const struct campaign_command *o)
{
    struct campaign_result result;
    struct error e = {0};
    catch_signals();
    if (campaign_run(c, &result, &e))
        return command_fail(&e);
    if (c->plan->sentinel && !o->only.count && !result.interrupted)
        tell_sentinel(c, o->quiet);
    int code = deliver_status(c, o, 0);
    if (code)
        return code;
    return result.interrupted ? 6 : result.failed ? 5 : 0;
}

static int with_plan(const char *verb, const char *path, const struct campaign_command *o)
{
    struct campaign_plan plan = {0};
    struct campaign c = {.lock = -1};
    struct error e = {0};
    struct campaign_command copy = *o;
    struct campaign_options how = {o->only.items, o->only.count, o->keep_going, &interrupted, say, &copy};
    int is_run = *verb == '\0', code;
    int status = read_plan(&plan, path, is_run, &e);
    if (!status)
        status = check_only(&plan, o, &e);
    if (!status)
        status = campaign_open(&c, &plan, &how, &e);
    if (status)
        code = command_fail(&e);
    else if (is_run)
        code = o->dry_run ? dry_run(&c) : run_campaign(&c, o);
    else if (strcmp(verb, "status") == 0)
        code = deliver_status(&c, o, campaign_is_running(&c));
    else
        code = campaign_report(&c, o->output, o->quiet);
    campaign_release(&c);
    plan_release(&plan);
    return code;
}

static int run(const struct campaign_command *o, const struct option_list *operands)
{
    struct error e = {0};
    const char *first = operands->count ? operands->items[0] : "";
    int has_verb = strcmp(first, "status") == 0 || strcmp(first, "report") == 0;
    if (operands->count == 1u + (size_t)has_verb)
        return with_plan(has_verb ? first : "", operands->items[has_verb], o);
    error_set(&e, TT_USAGE, "campaign wants one plan: 'toktape campaign PLAN.json'; --help shows more");
    return command_fail(&e);
}

int cmd_campaign(int argc, char **argv)
{
    struct campaign_command o = {0};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE)
        code = run(&o, &operands);
    options_release(&help, &o, &operands);
    return code;
}
