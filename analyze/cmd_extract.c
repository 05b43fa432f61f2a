/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analyze/extract.h"
#include "formats/command.h"
#include "formats/schema.h"

int cmd_extract(int argc, char **argv);

#define OUTPUT_MAX ((size_t)1 << 30)

struct extract_options {
    uint64_t repeat, attempt;
    const char *phase, *output;
    int request, response, wire, head, allow_incomplete;
};

#define AT(member) offsetof(struct extract_options, member)

static const struct option_def options[] = {
    {"repeat", 0, OPTION_COUNT, "R", NULL, "pass over the workload, from 0 (default 0)", AT(repeat)},
    {"phase", 0, OPTION_TEXT, "P", NULL, "name of the phase, or its number from 0", AT(phase)},
    {"attempt", 0, OPTION_COUNT, "N", NULL, "which try at it, from 0 (default the last)", AT(attempt)},
    {"request", 0, OPTION_FLAG, NULL, NULL, "the exact request body", AT(request)},
    {"response", 0, OPTION_FLAG, NULL, NULL, "the response body, without HTTP's framing", AT(response)},
    {"wire", 0, OPTION_FLAG, NULL, NULL, "all bytes received, as stored", AT(wire)},
    {"head", 0, OPTION_FLAG, NULL, NULL, "the response's status line and header lines", AT(head)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept a trace whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "extract", "TRACE", "Gives the exact bytes of one run: its request body, or what the engine answered.",
    options,
    "The exit code is 3 when the trace was incomplete or repaired.\n\n"
    "examples:\n"
    "  toktape extract run.toktape --phase warm --response\n"
    "  toktape extract run.toktape --phase warm --repeat 2 --request | jq ."};

static int choose_part(const struct extract_options *o, enum extract_part *part, struct error *e)
{
    if (o->request + o->response + o->wire + o->head != 1)
        return error_set(e, TT_USAGE, "say which part is wanted: --request, --response, --wire or --head");
    *part = o->request    ? EXTRACT_REQUEST
            : o->response ? EXTRACT_RESPONSE
            : o->wire     ? EXTRACT_WIRE
                          : EXTRACT_HEAD;
    return TT_OK;
}

static int check(const struct extract_options *o, const struct option_list *operands,
                 struct extract_choice *choice, struct error *e)
{
    if (operands->count != 1)
        return error_set(e, TT_USAGE, "extract wants one trace; 'toktape extract --help' shows how");
    if (!o->phase)
        return error_set(e, TT_USAGE,
                         "say which run is wanted: --phase P, and --repeat R when it is not the first");
    *choice = (struct extract_choice){o->repeat, o->phase, o->attempt, EXTRACT_REQUEST, o->allow_incomplete};
    return choose_part(o, &choice->part, e);
}

static int extract(const struct extract_options *o, const struct option_list *operands)
{
    struct extract_choice choice;
    struct error e = {0};
    struct buf bytes;
    struct extract_state state = {0};
    buf_init(&bytes, OUTPUT_MAX);
    int status = check(o, operands, &choice, &e);
    if (!status)
        status = extract_run(operands->items[0], &choice, &bytes, &state, &e);
    if (!status && state.is_masked)
        command_warn(
            "'%s': content is masked; these bytes have the length and structure of what was recorded, "
            "not its words",
            operands->items[0]);
    int code = status ? command_fail(&e) : command_deliver(o->output, &bytes);
    buf_release(&bytes);
    return !code && state.is_incomplete ? 3 : code;
}

int cmd_extract(int argc, char **argv)
{
    struct extract_options values = {.attempt = ABSENT};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = extract(&values, &operands);
    options_release(&help, &values, &operands);
    return code;
}
