/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "formats/command.h"
#include "formats/workload.h"
#include "formats/workload_builtin.h"
#include "record/doctor.h"

int cmd_doctor(int argc, char **argv);

struct doctor_options {
    const char *url;
    int json;
};

#define AT(member) offsetof(struct doctor_options, member)

static const struct option_def options[] = {
    {"url", 0, OPTION_TEXT, "URL", NULL, "an engine to look at, such as http://127.0.0.1:8080", AT(url)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print the checklist as JSON", AT(json)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "doctor",
    "[--url URL]",
    "Says what can be recorded here: sensors, permissions, and, with a URL, the engine.",
    options,
    "'ok' works, '—' is not to be had here (figures made of it will be '—'), 'warn' makes figures doubtful, "
    "'FAIL' makes a recording impossible. '->' is what would change it. The exit code is 0 unless something "
    "fails, and then 1.\n\n"
    "examples:\n"
    "  toktape doctor\n"
    "  toktape doctor --url http://127.0.0.1:8080 --json",
};

static int examine(const struct doctor_options *o, struct doctor *d, struct error *e)
{
    struct workload usual = {0};
    int status = doctor_check_machine(d, e);
    if (!status && o->url)
        status = workload_builtin(&usual, "agentic-8", e);
    if (!status && o->url)
        status = doctor_check_engine(d, o->url, usual.context_needed, e);
    workload_release(&usual);
    return status;
}

static int run_doctor(const struct doctor_options *o)
{
    static struct doctor d;
    struct buf out = BUF_INIT;
    struct error e = {0};
    if (examine(o, &d, &e))
        return command_fail(&e);
    if (o->json)
        doctor_json(&d, &out);
    else
        doctor_text(&d, &out);
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code ? code : doctor_has_failed(&d);
}

int cmd_doctor(int argc, char **argv)
{
    struct doctor_options o = {0};
    struct option_list operands = {0};
    struct error e = {0};
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE && operands.count) {
        error_set(&e, TT_USAGE, "doctor takes no '%s'", operands.items[0]);
        code = command_fail(&e);
    } else if (code == COMMAND_CONTINUE) {
        code = run_doctor(&o);
    }
    options_release(&help, &o, &operands);
    return code;
}
