/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/compare_setup.h"
#include "analyze/compare_show.h"
#include "formats/command.h"

int cmd_diff(int argc, char **argv);

struct diff_options {
    struct compare_words words;
    const char *format, *output;
    struct option_list fail_on;
    int json, allow_incomplete, quiet;
};

#define AT(member)      offsetof(struct diff_options, member)
#define AT_WORD(member) AT(words.member)

static const struct option_def options[] = {
    COMPARE_WORD_OPTIONS(AT_WORD),
    {"fail-on", 0, OPTION_LIST, "'METRIC slower N%'", NULL,
     "exit with 1 when a test of its own says so and the shift is that large; may be given several times",
     AT(fail_on)},
    {"format", 0, OPTION_CHOICE, NULL, "md|text|csv|json", "how to write it (default md)", AT(format)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "the same as --format json", AT(json)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "no warnings", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "diff", "BASE... --against NEW...",
    "Compares recordings of the same workload: what got faster, slower, or stayed the same.", options,
    "The unit is the trace when each side has at least three, else the repeat. The exit code is 1 when a "
    "--fail-on fired, 3 when a trace was incomplete or repaired.\n\n"
    "examples:\n"
    "  toktape diff old.toktape --against new.toktape\n"
    "  toktape diff old-*.toktape --against new-*.toktape --fail-on 'decode slower 2%' --format text"};

struct diff {
    struct compare_setup setup;
    struct fail_clause clauses[FAIL_CLAUSES_MAX];
    size_t clause_count;
    int has_fired;
};

static int read_options(struct diff *d, const struct diff_options *o, struct error *e)
{
    int status = compare_setup_read(&d->setup, &o->words, e);
    if (!status && o->fail_on.count > FAIL_CLAUSES_MAX)
        status = error_set(e, TT_USAGE, "more than %d --fail-on", FAIL_CLAUSES_MAX);
    for (size_t i = 0; !status && i < o->fail_on.count; i++)
        status = fail_clause_parse(&d->clauses[d->clause_count++], o->fail_on.items[i], e);
    return status;
}

static int add_trace(const struct diff_options *o, struct compare_side *side, const char *path,
                     struct error *e)
{
    struct tape tape;
    struct tape_options reading = {.allow_incomplete = o->allow_incomplete};
    int status = tape_load(&tape, path, &reading, e);
    if (!status)
        status = compare_side_add(side, &tape, e);
    tape_release(&tape);
    return status;
}

static int load(struct diff *d, const struct diff_options *o, struct option_list *traces, struct error *e)
{
    size_t border;
    if (compare_border_take(traces, &border, NULL) || !border)
        return error_set(e, TT_USAGE,
                         "diff wants traces on both sides: BASE... --against NEW...; 'toktape diff --help' "
                         "shows how");
    int status = TT_OK;
    for (size_t i = 0; !status && i < traces->count; i++)
        status = add_trace(o, &d->setup.sides[i >= border], traces->items[i], e);
    return status ? status : compare_setup_finish(&d->setup, &o->words, o->allow_incomplete, e);
}

static void test_clauses(struct diff *d, const struct diff_options *o)
{
    d->has_fired = fail_clauses_test(d->clauses, d->clause_count, &d->setup.table);
    for (size_t i = 0; !o->quiet && i < d->clause_count; i++) {
        if (!d->clauses[i].is_tested)
            command_warn("--fail-on '%s' cannot be tested: there is no interval", d->clauses[i].text);
    }
}

static int wants_colour(const struct diff_options *o)
{
    const char *no_colour = getenv("NO_COLOR");
    return !(no_colour && *no_colour) && (!o->output || strcmp(o->output, "-") == 0) && isatty(STDOUT_FILENO);
}

static int show(const struct diff *d, const struct diff_options *o, struct buf *out, struct error *e)
{
    const struct compare_result result = {d->setup.sides, &d->setup.table, d->clauses, d->clause_count};
    int status;
    if (strcmp(o->format, "json") == 0)
        status = compare_show_json(&result, out);
    else if (strcmp(o->format, "csv") == 0)
        status = compare_show_csv(&result, out);
    else if (strcmp(o->format, "text") == 0)
        status = compare_show_text(&result, wants_colour(o), out);
    else
        status = compare_show_markdown(&result, out);
    return status ? error_set(e, (enum tt_err)status, "the result does not fit in memory") : TT_OK;
}

static int exit_code(const struct diff *d)
{
    if (d->has_fired)
        return 1;
    return compare_setup_is_partial(&d->setup) ? 3 : 0;
}

static int run_diff(struct diff *d, const struct diff_options *o, struct option_list *traces)
{
    struct error e = {0};
    struct buf out = BUF_INIT;
    int status = read_options(d, o, &e);
    if (!status)
        status = load(d, o, traces, &e);
    if (!status) {
        test_clauses(d, o);
        status = show(d, o, &out, &e);
    }
    int code = status ? command_fail(&e) : command_deliver(o->output, &out);
    buf_release(&out);
    return code ? code : exit_code(d);
}

int cmd_diff(int argc, char **argv)
{
    struct diff_options o = {.format = "md"};
    struct option_list traces = {0};
    struct diff d = {0};
    compare_setup_init(&d.setup, NULL);
    compare_border_mark(argc, argv);
    int code = command_begin(&help, argc, argv, &o, &traces);
    o.format = o.json ? "json" : o.format;
    if (code == COMMAND_CONTINUE)
        code = run_diff(&d, &o, &traces);
    compare_setup_release(&d.setup);
    options_release(&help, &o, &traces);
    return code;
}
